"""The demo: its town and its catchers."""
