"""How much is explored. What a limit cuts off is reported, never passed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """Sizes of one check. States are counted per exploration; where one is reached its results read `seen` or `not_finished`.

    `two_holders_below_rungs`: ladders with fewer rungs are explored with two people holding them at once, longer ones with one.
    `longest_gap`: how long an open incident may go without anybody being alerted, and how late the first alert may come.
    """

    contract_states: int = 4_000
    exact_states: int = 3_000
    awake_states: int = 6_000
    silent_ticks: int = 2_000
    openings: int = 24
    two_holders_below_rungs: int = 5
    longest_gap: timedelta = timedelta(minutes=1)
