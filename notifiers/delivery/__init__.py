"""From a sealed audience to settled deliveries: fan-out, claims, sending, receipts, replies."""
