"""The policy that leads from way to way, played against gateways that do anything: nobody is told twice by two ways, nobody is given up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown
from notifiers.delivery.breaker import what_it_says
from notifiers.delivery.detour import Waits, leaves
from notifiers.delivery.verdicts import Standing, judge

AT = datetime(2026, 11, 1, tzinfo=UTC)
DEEDS: dict[str, tuple[bool, Outcome]] = {
    "takes it": (True, Accepted()),
    "takes it, and its answer is lost": (True, Unknown("reset")),
    "loses the call": (False, Unknown("time_out")),
    "refuses the number": (False, Refused("bad_number", "x")),
    "refuses the account": (False, Refused("no_credit", "x", account=True)),
    "says later": (False, NotSent("throttled", 2.0)),
    "says much later": (False, NotSent("throttled", 600.0)),
    "is not there": (False, NotSent("name_or_connection")),
}
"""What a gateway does with a call: whether the handset rings, and what we hear."""


@dataclass
class Gateway:
    """One gateway, one delivery of ours; it does one deed after the other, and the last for ever."""

    deeds: Sequence[str]
    repeats_told_apart: bool
    told: int = 0
    calls: int = 0

    def call(self) -> Outcome:
        deed = self.deeds[min(self.calls, len(self.deeds) - 1)]
        self.calls += 1
        rings, outcome = DEEDS[deed]
        known = self.repeats_told_apart and self.told > 0
        if known and deed == "refuses the number":
            return Accepted()
        self.told += rings and not known
        return outcome


@dataclass
class Fate:
    """What became of one person."""

    uncertain: bool = False
    ended: str = ""
    tried: list[Gateway] = field(default_factory=list)


def tell(ways: Sequence[Gateway], *, life_safety: bool, alert: bool, set_aside: Sequence[bool], chance: float) -> Fate:
    """Lead one person from way to way, as settling does."""
    fate = Fate()
    for number, gateway in enumerate(ways):
        fate.tried.append(gateway)
        rest, attempts, maybe_sent = ways[number + 1 :], 0, False
        is_open = any(not aside for aside in set_aside[number + 1 : len(ways)])
        while True:
            if set_aside[number] and attempts:
                waits = Waits(1, 1, AT, maybe_sent, life_safety, overdue=False)
                if (left := leaves(waits, "gateway_set_aside", open_way=is_open)) is not None:
                    state, onward = left.state, left.onward
                    break
            outcome, attempts = gateway.call(), attempts + 1
            fate.uncertain |= isinstance(outcome, Unknown)
            standing = Standing(attempts, maybe_sent, gateway.repeats_told_apart, life_safety, alert, bool(rest), is_open, is_open)
            verdict = judge(outcome, standing, chance)
            if verdict.state == "again":
                maybe_sent |= verdict.maybe_sent
                continue
            assert verdict.state != "cancelled"
            state, onward = verdict.state, verdict.onward
            break
        fate.ended = state
        if not onward and state != "failed":
            return fate
    return fate


GATEWAYS = st.builds(Gateway, st.lists(st.sampled_from(sorted(DEEDS)), min_size=1, max_size=4), st.booleans())


@given(st.lists(GATEWAYS, min_size=1, max_size=4), st.booleans(), st.booleans(), st.lists(st.booleans(), min_size=4, max_size=4),
       st.floats(0, 1, exclude_max=True))  # fmt: skip
@settings(max_examples=800, deadline=None)
def test_nobody_is_told_twice_unless_it_was_uncertain_and_life_is_at_stake_and_nobody_is_given_up_before_the_last_way(
    ways: list[Gateway], life_safety: bool, alert: bool, set_aside: list[bool], chance: float
) -> None:
    fate = tell(ways, life_safety=life_safety, alert=alert, set_aside=set_aside, chance=chance)
    told = sum(gateway.told for gateway in ways)
    assert told <= 1 or (life_safety and fate.uncertain)
    if fate.ended == "failed":
        assert len(fate.tried) == len(ways), "every way was tried"
        assert not told or fate.uncertain
    if told == 0 and not fate.uncertain:
        assert fate.ended == "failed"


OUT = (Accepted(), Refused("bad_number", "x"), Refused("no_credit", "x", account=True), Unknown("t"), NotSent("name_or_connection"),
       NotSent("throttled", 3.0), Refused("isv.SMS_TEMPLATE_ILLEGAL", "x", account=True))  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([OUT[0]], "alive"),
        ([OUT[1]], "alive"),
        ([OUT[2]], OUT[2]),
        ([OUT[2], OUT[0]], "alive"),
        ([OUT[3]], "no_answer"),
        ([OUT[4], OUT[3]], "no_answer"),
        ([OUT[5]], "nothing"),
        ([OUT[5], OUT[4]], "nothing"),
        ([OUT[6]], "nothing"),
        ([OUT[6], OUT[4]], "no_answer"),
        ([NotSent("claimed_too_long_ago")], "nothing"),
        ([], "nothing"),
    ],
)
def test_a_gateway_is_judged_by_whole_calls(outcomes: list[Outcome], said: str | Refused) -> None:
    assert what_it_says(outcomes) == said
