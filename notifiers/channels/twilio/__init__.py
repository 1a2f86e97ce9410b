"""SMS by Twilio (Messages resource, 2010-04-01). See docs/gateways/twilio.md."""
