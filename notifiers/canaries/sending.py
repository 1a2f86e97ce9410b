"""Sends the tests: one ordinary message over each channel that residents are told by, to canaries and to nobody else.

It is announced, sealed and delivered as a real one, for that is what is to be proven. It is no drill, because a drill leaves for residents by
sinks only; its text says all the same that nothing has happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from notifiers.announcements import Announcement, People, Text, To, announce
from notifiers.announcements.post import WAYS_OUT
from notifiers.canaries.named import Canary, canaries
from notifiers.canaries.plan import SQL, CanaryPlan, canary_plan
from notifiers.channels.registry import KINDS
from notifiers.errors import CanaryTestOpenError, NoCanaryError
from notifiers.gateways import ChannelRow, list_channels
from people.communities import Community, get_community
from people.wall_clock import wall_time
from tocsin.base.database import Tx
from tocsin.base.texts import say
from tocsin.base.work import lower

TEXT_KEY, LINKED_TEXT_KEY = "canary", "canary_linked"
RESIDENTS_BY = {way.medium: frozenset(way.contact_kinds.split(",")) for way in WAYS_OUT if way.means == "write" and not way.alerts_only}
"""By which media residents are told, and the kinds of contact point that each reaches."""


@dataclass(frozen=True, slots=True)
class Round:
    """Which of a day's tests: 0 is the day's own."""

    day: date
    no: int


async def resident_channels(tx: Tx) -> list[ChannelRow]:
    """The channels that residents are told by, the first way first. A mirror is none: what it shows to a group proves nothing."""
    return [one for one in await list_channels(tx) if one.enabled and one.kind in RESIDENTS_BY and not KINDS[one.gateway_kind].mirror]


async def send_tests(tx: Tx, which: Round) -> int:
    """One test over each channel that a canary can be reached by; how many left. A round that went out is not sent twice."""
    plan, community = await canary_plan(tx), await get_community(tx, tx.community)
    named = await canaries(tx)
    sent = 0
    for channel in await resident_channels(tx):
        reachable = [one for one in named if RESIDENTS_BY[channel.kind] & set(one.address_kinds)]
        if reachable:
            sent += await _send(tx, which, plan, community, channel, reachable)
    return sent


async def send_test_now(tx: Tx) -> int:
    """A test that somebody asked for, beside the day's own. Raises NoCanaryError, or CanaryTestOpenError while proof of one is waited for."""
    if await tx.value(SQL.test_is_open, tx.community, tx.now):
        raise CanaryTestOpenError()
    community = await get_community(tx, tx.community)
    day = wall_time(tx.now, community.zone).date()
    sent = await send_tests(tx, Round(day, 1 + int(await tx.value(SQL.last_round, tx.community, day) or 0)))
    if not sent:
        raise NoCanaryError()
    lower(tx, "canaries", tx.now)
    return sent


async def _send(
    tx: Tx, which: Round, plan: CanaryPlan, community: Community, channel: ChannelRow, reachable: Sequence[Canary]
) -> int:  # fmt: skip
    linked = channel.kind != "sms"
    announced = await announce(tx, Announcement(
        subject=None, effect_key=f"canary:{which.day}:{which.no}:{channel.id}", kind="broadcast", lane="notice", means="write",
        audience_kind="residents", to=To(People(tuple(sorted({one.person_id for one in reachable})))), drill=False, life_safety=False,
        code="", link="canary" if linked else "", expires_seconds=plan.within.total_seconds(),
        texts={language: _text(community, language, tx.now, linked=linked) for language in community.languages},
        only_channel=channel.id,
    ))  # fmt: skip
    if announced.already:
        return 0
    test_id = await tx.value(
        SQL.insert_test, tx.community, which.day, which.no, channel.id, announced.message_id, tx.now, tx.now + plan.within
    )
    await tx.run(SQL.insert_proofs, tx.community, test_id, channel.id, sorted({one.place_id for one in reachable}))
    return 1


def _text(community: Community, language: str, now: datetime, *, linked: bool) -> Text:
    """The message in one language; what has no receipts asks for a press of its link. An SMS has none: the networks refuse links."""
    key = LINKED_TEXT_KEY if linked else TEXT_KEY
    named = community.names.get(language) or next(iter(community.names.values()), "")
    values = {"community": named, "at": wall_time(now, community.zone).strftime("%H:%M")}
    return Text(
        key, values, say(language, "canary_linked.text" if linked else "canary.text", **values), say(language, "canary.subject", **values)
    )
