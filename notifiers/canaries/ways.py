"""The ways to residents, building by building and channel by channel: proven, or since when not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from notifiers.canaries.named import Canary, canaries
from notifiers.canaries.plan import SQL, CanaryPlan, canary_plan, last_test_due
from notifiers.canaries.sending import RESIDENTS_BY, resident_channels
from notifiers.gateways import ChannelRow
from people.communities import get_community
from tocsin.base.database import Tx

Evidence = Literal["receipt", "link", "reply"]
WayState = Literal["proven", "waiting", "not_proven", "untested", "nobody"]
"""waiting: the test is under way. untested: its first test is still to come. nobody: none of its canaries has an address for the channel."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way; `proven_at` (UTC) is when it was proven last, `why` a code where it is not proven."""

    place_id: int
    place_code: str
    place_names: dict[str, str]
    channel_id: int
    medium: str
    gateway: str
    state: WayState
    proven_at: datetime | None
    evidence: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Tested:
    """What is known of a way: its last test, what came of it, and when it was proven last. Nulls where there is nothing."""

    place_id: int
    channel_id: int
    sent_at: datetime | None
    due_at: datetime | None
    proven_at: datetime | None
    evidence: str | None
    why: str | None
    proven_before: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceTested:
    """What a test of the history came to at one place."""

    place_id: int
    names: dict[str, str]
    proven_at: datetime | None
    evidence: Evidence | None
    why: str | None


@dataclass(frozen=True, slots=True)
class PastTest:
    """A test of the history; `results`: what it came to place by place, as rows of JSON."""

    id: int
    channel_id: int
    medium: str
    gateway: str
    sent_at: datetime
    due_at: datetime
    results: list[dict[str, Any]]

    @property
    def places(self) -> list[PlaceTested]:
        """The results, read."""
        return [
            PlaceTested(**{**one, "proven_at": datetime.fromisoformat(one["proven_at"]) if one["proven_at"] else None})
            for one in self.results
        ]


async def ways(tx: Tx) -> list[Way]:
    """Every way that has canaries: place by place, the community's own first, each by the order of the channels."""
    named = await canaries(tx)
    if not named:
        return []
    channels, plan = await resident_channels(tx), await canary_plan(tx)
    zone = (await get_community(tx, tx.community)).zone
    places = list({one.place_id: one for one in named}.values())
    asked = [(place.place_id, channel.id) for place in places for channel in channels]
    found = await tx.rows(SQL.tested, Tested, tx.community, [place for place, _ in asked], [channel for _, channel in asked])
    tested = {(one.place_id, one.channel_id): one for one in found}
    return [
        _way(
            place, channel, tested[place.place_id, channel.id], [one for one in named if one.place_id == place.place_id], plan, zone, tx.now
        )
        for place in places
        for channel in channels
    ]


async def ways_not_proven(tx: Tx) -> list[Way]:
    """The ways that somebody must look after."""
    return [one for one in await ways(tx) if one.state == "not_proven"]


async def past_tests(tx: Tx, *, before: int | None, limit: int) -> list[PastTest]:
    """A page of the history, the newest first, behind test `before`."""
    return await tx.rows(SQL.past_tests, PastTest, tx.community, before, limit)


def _way(
    place: Canary, channel: ChannelRow, tested: Tested, here: Sequence[Canary], plan: CanaryPlan, zone: str, now: datetime
) -> Way:  # fmt: skip
    reachable = [one for one in here if RESIDENTS_BY[channel.kind] & set(one.address_kinds)]
    expected = last_test_due(plan, zone, now)
    known_since = max(plan.changed_at, min((one.named_at for one in reachable), default=now))
    state, why = judge_way(
        tested, has_canary=bool(reachable), expected=expected if plan.enabled and known_since < expected else None, now=now
    )
    return Way(
        place.place_id, place.place_code, place.place_names, channel.id, channel.kind, channel.gateway_name, state, tested.proven_before,
        tested.evidence, why,
    )  # fmt: skip


def judge_way(tested: Tested, *, has_canary: bool, expected: datetime | None, now: datetime) -> tuple[WayState, str | None]:
    """How a way stands, and why where it is not proven. `expected`: the test of this instant has to be there, None: no test had to be. Pure."""
    if not has_canary:
        return "nobody", None
    if tested.sent_at is None or tested.due_at is None:
        return ("not_proven", "no_test") if expected is not None else ("untested", None)
    if expected is not None and tested.sent_at < expected:
        return "not_proven", "no_test"
    if tested.proven_at is not None:
        return "proven", None
    return ("waiting", None) if now < tested.due_at else ("not_proven", tested.why)
