"""The phone call by hand: the front desk calls. See docs/gateways/phone-call-by-hand.md."""
