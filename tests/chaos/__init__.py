"""Chaos: rounds of alerts and broadcasts over real processes, a real PostgreSQL and gateways that fail, with blows in the middle of them.

`make chaos` plays many, tests/stories/faults/test_chaos.py a few; docs/chaos.md says what is held.
"""
