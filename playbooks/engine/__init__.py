"""The engine: `decide(playbook, state, event, now)` gives the next state and what is to be done. Nothing here reads a clock."""
