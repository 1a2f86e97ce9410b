"""What follows from one attempt. Pure.

| outcome | gateway tells repeats apart | life at stake | otherwise |
|---|---|---|---|
| accepted | settled | settled | settled |
| not sent | again, until the budget is spent; then failed, and the next way | same | same |
| not sent, no connection | an alert that another gateway can take to the same address: failed, and that gateway at once | same | again |
| not sent, and the gateway's budget of repeats is spent | (alerts never wait for it) | an open way at once; without one again, later | same |
| not sent, "later" than can be waited | failed, and the next way at once; without an open one again | same | same |
| refused | failed, and the next way | same | same |
| unknown, lease lost | again with the same key, five claims at most | the next way and this one stays unknown; without another way once more with the same key | stays unknown, waiting for a receipt |

Whoever may have been told already goes on to another way only where life is at stake.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, assert_never

from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown

ALERT_TRIES = 4
"""Times an alert is offered to a gateway that does not take it (some four seconds) before its next way is taken."""
OTHER_WAY_TRIES = 6
"""The same for everything else that has another way: some quarter of a minute, three where the gateway asks for pauses each time."""
TRIES = 30
"""The same for what has none: about a quarter of an hour, within the message's own expiry."""
ALERT_PATIENCE_SECONDS = 5.0
PATIENCE_SECONDS = 30.0
"""An alert, and everything else, that has another way does not wait longer than this for a gateway that asked for a pause."""
UNKNOWN_TRIES = 5
"""Claims after which a delivery that always ends unknown is no longer repeated, even where repeats are told apart."""
CAP_SECONDS = 60.0
FIRST_SECONDS = 0.5

State = Literal["again", "accepted", "failed", "unknown", "expired", "cancelled"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the policy looks at. `attempts` counts this one; `maybe_sent`: an earlier one ended unknown.

    Looked up only where it matters: `another_way`: some member has a way that was not tried; `open_way`: one whose gateway works as far
    as is known; `same_address`: an open one, to the same address by another gateway of the same medium.
    `budget_seconds`: so long a repeat has to wait for the gateway's retry budget (retry_budget.py); never an alert's.
    """

    attempts: int
    maybe_sent: bool
    repeats_told_apart: bool
    life_safety: bool
    alert: bool
    another_way: bool = False
    open_way: bool = False
    same_address: bool = False
    budget_seconds: float = 0.0

    @property
    def may_go_on(self) -> bool:
        """Whether another way may be taken without knowing that this one told nobody."""
        return self.life_safety or not self.maybe_sent


@lru_cache(maxsize=4096)
def standing_of(attempts: int, maybe_sent: bool, repeats_told_apart: bool, life_safety: bool, alert: bool) -> Standing:
    """Of thousands of deliveries nearly all stand alike."""
    return Standing(attempts, maybe_sent, repeats_told_apart, life_safety, alert)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` "again" is queued for `wait_seconds`; all others are settled. `onward`: its members go on to their next way."""

    state: State
    wait_seconds: float = 0.0
    onward: bool = False
    maybe_sent: bool = False


ACCEPTED = Verdict("accepted")


def needs_look(outcome: Outcome, standing: Standing) -> bool:
    """Whether the verdict depends on what other ways there are."""
    if isinstance(outcome, NotSent):
        spent = standing.budget_seconds > 0
        return standing.alert or spent or standing.attempts >= OTHER_WAY_TRIES or _asked(outcome) > PATIENCE_SECONDS
    return isinstance(outcome, Unknown) and standing.life_safety and not standing.repeats_told_apart


def judge(outcome: Outcome, standing: Standing, chance: float) -> Verdict:
    """The verdict on one attempt; `chance` in [0, 1) spreads the retries."""
    match outcome:
        case Accepted():
            return ACCEPTED
        case NotSent():
            return _not_sent(outcome, standing, chance)
        case Refused():
            return _refused(outcome, standing)
        case Unknown():
            return _unknown(standing, chance)
        case _:
            assert_never(outcome)


def _not_sent(outcome: NotSent, standing: Standing, chance: float) -> Verdict:
    if _out_of_patience(outcome, standing):
        return Verdict("unknown" if standing.maybe_sent else "failed", onward=standing.may_go_on)
    return Verdict("again", max(back_off(standing.attempts, chance), standing.budget_seconds, min(_asked(outcome), CAP_SECONDS)))


def _out_of_patience(outcome: NotSent, standing: Standing) -> bool:
    if standing.attempts >= (ALERT_TRIES if standing.alert else TRIES):
        return True
    if not (standing.open_way and standing.may_go_on):
        return False
    if standing.alert and standing.same_address and not _asked(outcome):
        return True
    too_long = _asked(outcome) > patience_seconds(alert=standing.alert) or standing.budget_seconds > 0
    return too_long or (not standing.alert and standing.attempts >= OTHER_WAY_TRIES)


def patience_seconds(*, alert: bool) -> float:
    """How long what has another way waits for a gateway that asked for a pause."""
    return ALERT_PATIENCE_SECONDS if alert else PATIENCE_SECONDS


def _asked(outcome: NotSent) -> float:
    return outcome.retry_after_seconds or 0.0


def _refused(outcome: Refused, standing: Standing) -> Verdict:
    """That the account may not send now says nothing of an attempt before that ended unknown."""
    doubtful = standing.maybe_sent and (outcome.account or not standing.repeats_told_apart)
    return Verdict("unknown" if doubtful else "failed", onward=standing.life_safety or not doubtful)


def _unknown(standing: Standing, chance: float) -> Verdict:
    if standing.repeats_told_apart:
        if standing.attempts < UNKNOWN_TRIES:
            return Verdict("again", max(back_off(standing.attempts, chance), standing.budget_seconds), maybe_sent=True)
        return Verdict("unknown", onward=standing.life_safety)
    if standing.life_safety and not standing.another_way and not standing.maybe_sent:
        return Verdict("again", back_off(1, chance), maybe_sent=True)
    return Verdict("unknown", onward=standing.life_safety)


def back_off(attempts: int, chance: float) -> float:
    """Full jitter: anything from nothing up to 0.5 s doubled with each attempt, 60 s at most."""
    return float(chance * min(CAP_SECONDS, FIRST_SECONDS * 2.0 ** min(attempts - 1, 16)))


RANK = {"unknown": 0, "accepted": 1, "expired": 2, "cancelled": 2, "failed": 2, "delivered": 3}


def outranks(said: str, stands: str) -> bool:
    """Whether what a gateway says later changes where a delivery stands, in whatever order and number it is said.

    Delivered always wins, even after failed: a handset's word proves more than a route's. Nothing goes back.
    """
    return RANK[said] > RANK[stands]
