"""What the channels share of their way to a gateway: addresses, calls, words, signatures and hooks."""
