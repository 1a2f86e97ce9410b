"""How good the ways to people are, and which homes have none."""
