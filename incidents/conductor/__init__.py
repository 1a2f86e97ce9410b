"""Runs playbooks: takes what happened, asks the engine, carries out what it wants, all in the transaction that read the event."""
