"""Gateways' own rules, written from their documentation and without any of our signers."""
