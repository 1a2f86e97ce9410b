"""Incidents on a real database."""
