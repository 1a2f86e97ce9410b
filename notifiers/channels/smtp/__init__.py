"""E-mail to one SMTP server. See docs/gateways/smtp.md."""
