"""Work notices of a DingTalk application to single members. See docs/gateways/dingtalk-work.md."""
