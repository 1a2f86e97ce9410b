"""Who asks and what they may do: tokens, sessions, log-in, roles."""
