"""The Tocsin program: base (settings, database, clock, logs) below everything, app (wiring, chores, command line) above it."""
