"""Channels: one folder each, all of one shape (shape.py), listed in registry.py, held to one conformance suite."""
