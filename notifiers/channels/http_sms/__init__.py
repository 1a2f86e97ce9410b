"""SMS through any gateway that takes JSON over HTTP. Protocol: docs/gateways/generic-http-sms.md."""
