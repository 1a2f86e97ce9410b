"""Robots of DingTalk groups (custom robot, robot/send). See docs/gateways/dingtalk.md."""
