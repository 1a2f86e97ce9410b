"""The phone call by hand: no gateway, no network, no hook."""

from tests.notifiers.conformance.adapter import Adapter

ADAPTER = Adapter(kind="by_hand", secret="", start=None)
