"""Robots of Feishu and Lark groups (custom bot, webhook v2). See docs/gateways/feishu.md."""
