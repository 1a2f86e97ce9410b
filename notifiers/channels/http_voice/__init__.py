"""Calls that speak a text and hear keys, through an HTTP gateway. Protocol: docs/gateways/generic-http-voice.md."""
