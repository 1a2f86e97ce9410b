"""Messages of a WeCom application to its members, answered by buttons. See docs/gateways/wecom-app.md."""
