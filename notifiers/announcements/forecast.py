"""Says before the button whom a broadcast would reach, by which channels, at what cost, and when the last household would have it.

Nothing is written, but for members of an earlier message that it leans on and that was left to be sealed later. Whom it means is what the seal would seal in the same instant; a test holds the two together.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notifiers.announcements.model import AudienceIds, To
from notifiers.announcements.post import SQL, WAYS_OUT
from notifiers.channels.wire.words import under_signature
from notifiers.delivery.sealing.seals import seal_now
from notifiers.delivery.segments import count_segments
from tocsin.base.database import Tx

MANY_PERSONS = 2000
SEALS_SECONDS = 5.0
"""For so long a forecast waits for the members of an earlier message, and holds it at most: whoever only looks keeps the lane from nothing."""
HOLDS_SECONDS = 20.0
"""So old may the count of a large audience be when it is looked at again. The seal counts for itself, and refuses what was confirmed otherwise."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom an audience means: the columns of its members, each one person in one home, in the order of the seal.

    `told_before` by a message that must not be followed by this one. A person of None: a home of which nobody is known. `vacant`: nobody
    lives there, so that nobody is told.
    """

    person_ids: Sequence[int | None]
    home_ids: Sequence[int | None]
    vacant: Sequence[bool]
    told_before: Sequence[bool]

    def told_at_home(self) -> list[tuple[int | None, int | None]]:
        """(person, home) of those who would be told: not where nobody lives, and not who was told before."""
        rows = zip(self.person_ids, self.home_ids, self.vacant, self.told_before, strict=True)
        return [(person, home) for person, home, vacant, told_before in rows if not (vacant or told_before)]


@dataclass(frozen=True, slots=True)
class Way:
    """How many deliveries a channel would carry in a language, to how many persons, and how many homes it would be the first to reach;
    without a channel: whom no way leads to."""

    channel_id: int | None
    gateway_id: int | None
    medium: str | None
    signature: str
    language: str
    deliveries: int
    persons: int
    homes: int


@dataclass(frozen=True, slots=True)
class Reachable:
    """An audience in numbers, as Forecast has them, and the ways that would carry its messages."""

    homes: int
    persons: int
    told_before: int
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """What a gateway can do: `ahead` deliveries already wait for it; `pause_seconds`: it asked to be left alone for so long."""

    gateway_id: int
    name: str
    rate_per_second: float
    burst: int
    reserved_share: float
    pause_seconds: float
    ahead: int


@dataclass(frozen=True, slots=True)
class ChannelForecast:
    """What one channel would carry; `segments` is 0 for all but SMS. `seconds` until its gateway would have taken the last one."""

    medium: str
    gateway: str
    deliveries: int
    segments: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Carried:
    """What one channel would carry in one language."""

    channel_id: int
    medium: str
    gateway: str
    signature: str
    language: str
    deliveries: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`homes` and `persons` whom it concerns, vacant homes not counted; `told_before` persons left out; `…without_way` whom none of our
    channels can reach, homes of which nobody is known among them.

    `segments_by_language`: SMS segments of one message with the channel's signature. `last_seconds`: until the last household's.
    """

    homes: int
    persons: int
    told_before: int
    persons_without_way: int
    homes_without_way: int
    channels: tuple[ChannelForecast, ...]
    carried: tuple[Carried, ...]
    segments_by_language: Mapping[str, int]
    last_seconds: float


async def audience_of(tx: Tx, to: To) -> Concerned:
    """Whom `to` means in this instant, in the order in which the seal would number them. Staff named one by one are not looked up."""
    await _seal_what_it_leans_on(tx, to)
    ids = AudienceIds.of(to)
    (concerned,) = await tx.rows(
        SQL.audience_of, Concerned, tx.community, tx.now, list(to.but_not_told_by), ids.residents_of, ids.served_by, ids.priority,
        ids.powered, ids.homes, ids.told_by, ids.held_by, list(to.without),
    )  # fmt: skip
    return concerned


async def _seal_what_it_leans_on(tx: Tx, to: To) -> None:
    ids = AudienceIds.of(to)
    if leans_on := {*ids.told_by, *ids.held_by, *to.but_not_told_by}:
        await seal_now(tx, leans_on)


async def forecast(tx: Tx, to: To, texts: Mapping[str, str], *, languages: Sequence[str], drill: bool, life_safety: bool) -> Forecast:
    """Foresee a broadcast to residents in `languages`; of what `texts` gives, drill mark included, the SMS segments are counted.

    A held one is foreseen as if it left now. Raises TimeoutError where it leans on a message that is not sealed within five seconds.
    """
    key = (_kept_under(tx), to, tuple(languages), drill, life_safety)
    found = await tx.kept.of(
        key, HOLDS_SECONDS, lambda: _reachable(tx, to, languages, drill=drill, life_safety=life_safety), is_large=_is_large
    )
    gateways = sorted({way.gateway_id for way in found.ways if way.gateway_id is not None})
    rates = await tx.rows(SQL.gateway_rates, Rate, tx.community, gateways, tx.machine_now)
    return foresee(found, {rate.gateway_id: rate for rate in rates}, texts)


def forget_forecasts(tx: Tx) -> None:
    """Whoever is asked for a forecast in this community counts anew: what was sealed was not what had been foreseen."""
    tx.kept.forget(_kept_under(tx))


def _kept_under(tx: Tx) -> tuple[str, int]:
    return ("forecast", tx.community)


def _is_large(found: Reachable) -> bool:
    return found.persons > MANY_PERSONS


async def _reachable(tx: Tx, to: To, languages: Sequence[str], *, drill: bool, life_safety: bool) -> Reachable:
    async with asyncio.timeout(SEALS_SECONDS):
        await _seal_what_it_leans_on(tx, to)
    concerned = await audience_of(tx, to)
    told = concerned.told_at_home()
    meant = [(person, home) for person, home in told if person is not None]
    out = [way for way in WAYS_OUT if way.means == "write" and not way.alerts_only]
    ways = await tx.rows(
        SQL.forecast_ways, Way, tx.community, [person for person, _ in meant], [home for _, home in meant], list(languages),
        [way.medium for way in out], [way.contact_kinds for way in out], drill, life_safety,
    )  # fmt: skip
    return Reachable(
        homes=len({home for _, home in told if home is not None}),
        persons=len({person for person, _ in meant}),
        told_before=len({one for one, before in zip(concerned.person_ids, concerned.told_before, strict=True) if before}),
        ways=tuple(ways),
    )


def foresee(found: Reachable, rates: Mapping[int, Rate], texts: Mapping[str, str]) -> Forecast:
    """Add it all up. Pure."""
    ways = found.ways
    seconds = {gateway: seconds_until_taken(rate, _carried(ways, gateway)) for gateway, rate in rates.items()}
    return Forecast(
        homes=found.homes,
        persons=found.persons,
        told_before=found.told_before,
        persons_without_way=sum(way.persons for way in ways if way.channel_id is None),
        homes_without_way=found.homes - sum(way.homes for way in ways if way.channel_id is not None),
        channels=tuple(_channels(ways, rates, texts, seconds)),
        carried=tuple(
            Carried(way.channel_id, way.medium or "", rates[way.gateway_id or 0].name, way.signature, way.language, way.deliveries)
            for way in ways
            if way.channel_id is not None
        ),
        segments_by_language=_segments_by_language(ways, texts),
        last_seconds=max(seconds.values(), default=0.0),
    )


def _carried(ways: Sequence[Way], gateway_id: int) -> int:
    return sum(way.deliveries for way in ways if way.gateway_id == gateway_id)


def seconds_until_taken(rate: Rate, deliveries: int) -> float:
    """Until the last one is taken: a burst at once, then the rate, less the share that is kept for alerts and corrections."""
    share = 1 - rate.reserved_share
    at_once = max(1, int(rate.burst * share))
    return rate.pause_seconds + max(0, rate.ahead + deliveries - at_once) / (rate.rate_per_second * share)


def _channels(
    ways: Sequence[Way], rates: Mapping[int, Rate], texts: Mapping[str, str], seconds: Mapping[int, float]
) -> list[ChannelForecast]:
    by_channel: dict[int, list[Way]] = {}
    for way in ways:
        if way.channel_id is not None:
            by_channel.setdefault(way.channel_id, []).append(way)
    return [
        ChannelForecast(
            medium=same[0].medium or "",
            gateway=rates[same[0].gateway_id or 0].name,
            deliveries=sum(way.deliveries for way in same),
            segments=sum(way.deliveries * _segments(way, texts) for way in same),
            seconds=seconds[same[0].gateway_id or 0],
        )
        for same in by_channel.values()
    ]


def _segments(way: Way, texts: Mapping[str, str]) -> int:
    """What one message of this channel costs as SMS; the signature stands before the text."""
    if way.medium != "sms" or way.language not in texts:
        return 0
    return count_segments(under_signature(way.signature, texts[way.language]) if way.signature else texts[way.language])


def _segments_by_language(ways: Sequence[Way], texts: Mapping[str, str]) -> dict[str, int]:
    signature = next((way.signature for way in ways if way.medium == "sms"), "")
    return {language: _segments(Way(0, None, "sms", signature, language, 0, 0, 0), texts) for language in texts}
