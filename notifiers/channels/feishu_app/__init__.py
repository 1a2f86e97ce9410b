"""Messages of a Feishu or Lark application to single members, answered by buttons. See docs/gateways/feishu-app.md."""
