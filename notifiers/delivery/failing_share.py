"""Whether half of a gateway's calls fail, though now and then one is answered. Pure."""

from collections import deque
from dataclasses import dataclass, field

WINDOW_SECONDS = 10
LEAST_CALLS = 20
FAILING_SHARE = 0.5
"""At least so many calls of the last ten seconds, and of them so many without an answer."""


@dataclass(slots=True)
class FailingShare:
    """Counts one gateway's calls of the last ten seconds, by whole seconds; begun with a call that failed."""

    _seconds: deque[list[int]] = field(default_factory=deque)

    def hear(self, now: float, *, failed: bool) -> bool:
        """Take in one call that ended at `now` (seconds of any clock that only goes on); whether the gateway fails too many."""
        second = int(now)
        while self._seconds and self._seconds[0][0] <= second - WINDOW_SECONDS:
            self._seconds.popleft()
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append([second, 0, 0])
        self._seconds[-1][1] += 1
        self._seconds[-1][2] += failed
        calls, failures = sum(one[1] for one in self._seconds), sum(one[2] for one in self._seconds)
        return failed and calls >= LEAST_CALLS and failures >= FAILING_SHARE * calls

    @property
    def is_well(self) -> bool:
        """Whether none of the calls that still count failed."""
        return not any(one[2] for one in self._seconds)
