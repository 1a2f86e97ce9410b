"""How much of what a gateway is asked may be repeats: a failing gateway gets no storm on top of what it cannot do.

A first try earns a tenth of a repeat, a repeat costs one, and one that the gateway takes is given back: so a gateway that is well again is
caught up with at full speed, and one that fails sees a tenth more calls than messages. What is not covered waits its turn, or takes another way
that is open. Each process counts what it sends itself: where each keeps to a tenth, all of them do, and no row is written for it.

Alerts are counted and never wait. They are few, they give a gateway up after four tries (verdicts.ALERT_TRIES), and a life may hang on the second one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from notifiers.channels.shape import Accepted, NotSent, Outcome, Unknown
from notifiers.delivery.verdicts import CAP_SECONDS

SHARE = 0.1
"""Of first tries, what may be repeated within the same time (the model is the token bucket in AWS's SDKs)."""
ALWAYS_PER_SECOND = 5.0
"""Repeats that a gateway sees in any case: too few to harm one, and enough for a town's broadcast."""
MOST_SAVED = 100.0
AT_FIRST = 20.0


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a delivery: the how-manieth, whether it was an alert's, whether its gateway tells repeats apart, and what came of it."""

    attempts: int
    alert: bool
    repeats_told_apart: bool
    outcome: Outcome


@dataclass(slots=True)
class _Purse:
    left: float = AT_FIRST
    at: float = 0.0


class RetryBudget:
    """The budgets of all gateways, as far as this process uses them."""

    def __init__(self) -> None:
        self._purses: dict[int, _Purse] = defaultdict(_Purse)

    def hear(self, gateway_id: int, tries: Sequence[Try], at: float | None = None) -> list[float]:
        """Take in what came of one call (`at` on the monotonic clock): for each, how many seconds a repeat has to wait for the budget, up to
        CAP_SECONDS; 0 where there is none, where it is covered, and for alerts."""
        purse = self._purse(gateway_id, at)
        return [_wait(purse, one) for one in tries]

    def earn(self, gateway_id: int, first_tries: int, at: float | None = None) -> None:
        """The same for so many first tries that were all taken, in one step: what most calls are."""
        purse = self._purse(gateway_id, at)
        purse.left = min(MOST_SAVED, purse.left + SHARE * first_tries)

    def _purse(self, gateway_id: int, at: float | None) -> _Purse:
        purse, now = self._purses[gateway_id], monotonic() if at is None else at
        if purse.at:
            purse.left = min(MOST_SAVED, purse.left + ALWAYS_PER_SECOND * max(0.0, now - purse.at))
        purse.at = now
        return purse


def _wait(purse: _Purse, one: Try) -> float:
    if one.attempts == 1:
        purse.left = min(MOST_SAVED, purse.left + SHARE)
    elif isinstance(one.outcome, Accepted):
        purse.left = min(MOST_SAVED, purse.left + 1)
    if not _is_repeated(one):
        return 0.0
    purse.left = max(purse.left - 1, -CAP_SECONDS * ALWAYS_PER_SECOND)
    return 0.0 if one.alert or purse.left >= 0 else -purse.left / ALWAYS_PER_SECOND


def _is_repeated(one: Try) -> bool:
    """Whether this try asks for another one. What never left this process asked nothing of the gateway."""
    if isinstance(one.outcome, NotSent):
        return one.outcome.reason != "claimed_too_long_ago"
    return isinstance(one.outcome, Unknown) and one.repeats_told_apart
