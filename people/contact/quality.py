"""How good an address is, moved by what is learnt of it.

| learnt | good | unproven | failing | wrong | opted out |
|---|---|---|---|---|---|
| it reached the handset or mailbox | good | good | good | – | – |
| failed, for the handset's reason | failing at the second time in a row | failing | failing | – | – |
| no such number or mailbox; it belongs to somebody else | wrong | wrong | wrong | – | wrong |
| whoever has it answers that it is not theirs | wrong | wrong | wrong | – | wrong |
| STOP | opted out | opted out | opted out | – | – |
| START | – | – | – | – | good |
| the desk says | as it says | as it says | as it says | as it says | as it says |

Wrong is never guessed: nothing more is sent there, not even where life is at stake. A number that only fails is tried on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from people.persons import Quality
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
Learnt = Literal["failed", "wrong_number", "disowned", "stop", "start"]
PHONES = frozenset({"mobile", "landline"})
FAILURES_OF_GOOD = 2
"""A handset that was good is off or without a net now and then; twice in a row is a matter for the desk. A judgement."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something learnt of an address. `source` tells it apart, so that it counts once (delivery:41:3); `code` is the gateway's own."""

    address: str
    source: str
    what: Learnt
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A contact point as the rule sees it. `kind`: of its person."""

    id: int
    address: str
    quality: Quality
    failures: int
    kind: Literal["staff", "resident"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a contact point is now."""

    quality: Quality
    failures: int


def learn(point: Point, what: Learnt) -> Standing:
    """What becomes of a contact point. Pure. A member of staff is not taken off alerts by a text: the desk sees it and asks."""
    now = Standing(point.quality, point.failures)
    if what in ("stop", "disowned") and point.kind == "staff":
        return now
    if what in ("wrong_number", "disowned"):
        return Standing("wrong", point.failures + 1)
    if what == "stop":
        return now if point.quality == "wrong" else Standing("opted_out", point.failures)
    if what == "start":
        return Standing("good", 0) if point.quality == "opted_out" else now
    failures = point.failures + 1
    if point.quality == "unproven" or (point.quality == "good" and failures >= FAILURES_OF_GOOD):
        return Standing("failing", failures)
    return Standing(point.quality, failures)


async def note_signals(tx: Tx, signals: Sequence[Signal]) -> int:
    """Let each signal count once for every contact point of its address; how many points became something else."""
    if not signals:
        return 0
    points: dict[str, list[Point]] = {}
    for point in await tx.rows(SQL.points_of_addresses, Point, tx.community, sorted({one.address for one in signals})):
        points.setdefault(point.address, []).append(point)
    changed = 0
    for signal in signals:
        for index, point in enumerate(points.get(signal.address, [])):
            becomes = learn(point, signal.what)
            what, code = _noted(signal)
            new = await tx.run(SQL.insert_signal, tx.community, point.id, signal.source, tx.now, what, code, becomes.quality)
            if not new or becomes == Standing(point.quality, point.failures):
                continue
            await tx.run(SQL.set_quality, tx.community, point.id, becomes.quality, code or what, becomes.failures, tx.now)
            points[signal.address][index] = Point(point.id, point.address, becomes.quality, becomes.failures, point.kind)
            changed += becomes.quality != point.quality
    return changed


def _noted(signal: Signal) -> tuple[str, str | None]:
    """How a signal is kept: that a stranger answered is a wrong number whose code says how that is known."""
    return ("wrong_number", signal.what) if signal.what == "disowned" else (signal.what, signal.code)


async def note_reached(tx: Tx, addresses: Sequence[str]) -> int:
    """These addresses were reached: unproven and failing ones are good now; how many became so."""
    return await tx.run(SQL.prove_addresses, tx.community, list(addresses), tx.now) if addresses else 0


async def say_quality(tx: Tx, contact_point_id: int, quality: Quality, *, reason: str, by: str) -> bool:
    """The desk says how good an address is, and why (belongs_to_other, confirmed, …); False where there is no such contact point."""
    said = await tx.run(SQL.set_quality, tx.community, contact_point_id, quality, reason, 0, tx.now)
    if said:
        source = f"desk:{tx.machine_now.isoformat()}:{by}"
        await tx.run(SQL.insert_signal, tx.community, contact_point_id, source, tx.now, "by_desk", reason, quality)
    return bool(said)


def lacks_phone(points: Iterable[tuple[str, str]]) -> bool:
    """Whether somebody has addresses (kind, quality) and no telephone among those that may work: nobody can wake them at night. Pure."""
    kinds = [kind for kind, quality in points if quality != "wrong"]
    return bool(kinds) and not PHONES & set(kinds)
