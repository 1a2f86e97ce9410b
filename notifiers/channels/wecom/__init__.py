"""Robots of WeCom groups (webhook/send). See docs/gateways/wecom.md."""
