"""What this process has sent, by gateway, in numbers that only grow; others read them from its reports."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import assert_never

from notifiers.channels.shape import Accepted, NotSent, Refused, Unknown
from notifiers.delivery.retry_budget import Try


@dataclass(slots=True)
class Counts:
    """One gateway's: what came of tries, and how many of these were repeats. `last_accepted` is on the monotonic clock."""

    accepted: int = 0
    not_sent: int = 0
    refused: int = 0
    unknown: int = 0
    repeats: int = 0
    last_accepted: float | None = None

    @property
    def failed(self) -> int:
        return self.not_sent + self.refused + self.unknown


class Tally:
    """The counts of all gateways since the process started, and how long answers waited to be settled."""

    def __init__(self) -> None:
        self.gateways: dict[int, Counts] = defaultdict(Counts)
        self._settle_lag = 0.0

    def hear(self, gateway_id: int, tries: Sequence[Try]) -> None:
        """Take in what came of one call."""
        counts = self.gateways[gateway_id]
        for one in tries:
            counts.repeats += one.attempts > 1
            match one.outcome:
                case Accepted():
                    counts.accepted += 1
                    counts.last_accepted = monotonic()
                case NotSent():
                    counts.not_sent += 1
                case Refused():
                    counts.refused += 1
                case Unknown():
                    counts.unknown += 1
                case _:
                    assert_never(one.outcome)

    def all_accepted(self, gateway_id: int, first_tries: int) -> None:
        """The same for so many first tries that were all taken."""
        counts = self.gateways[gateway_id]
        counts.accepted += first_tries
        counts.last_accepted = monotonic()

    def settled(self, seconds: float) -> None:
        """The first of some answers waited so long until all of them were on disk."""
        self._settle_lag = max(self._settle_lag, seconds)

    def take_settle_lag(self) -> float:
        """The longest such wait since this was asked last."""
        longest, self._settle_lag = self._settle_lag, 0.0
        return longest
