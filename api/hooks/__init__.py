"""What gateways tell us of their own accord: receipts and replies."""
