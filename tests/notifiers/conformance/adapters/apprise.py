"""Apprise: its services' hosts are fixed, so no gateway of ours can stand in for them here; tests/notifiers/test_apprise.py does it."""

from tests.notifiers.conformance.adapter import Adapter

ADAPTER = Adapter(kind="apprise", secret="", start=None, contact_kind="chat")
