"""Faults, lived through by real processes: killed at each hop, the database gone under load, gateways that fail in every way."""
