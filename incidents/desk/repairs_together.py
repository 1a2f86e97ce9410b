"""Repairs of one kind from one building within a short time: the desk is asked whether they are one emergency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from incidents.desk import changes
from incidents.desk.changes import Desk
from incidents.desk.declare import Declaration, Declared, declare
from incidents.desk.foresee import open_here
from incidents.desk.reports import Reporter
from incidents.errors import RepairsNotTogetherError
from people.communities import get_community
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

ENOUGH = 3
"""So many homes: one tripped breaker is a repair, a third in one building is hardly chance."""
ASKED_FOR = timedelta(hours=24)
"""A question that nobody answered stands for so long."""


@dataclass(frozen=True, slots=True)
class UndecidedRepair:
    """A repair of which nobody has said whether it is part of an emergency; `place_id` may be the building itself."""

    id: int
    kind: str
    building_id: int
    at: datetime
    place_id: int
    place_kind: str
    place_code: str
    place_names: dict[str, str]
    words: str
    caller_name: str | None
    caller_phone: str | None


@dataclass(frozen=True, slots=True)
class Together:
    """What may be one emergency: the repairs of one kind in one building, the earliest first."""

    kind: str
    building_id: int
    repairs: tuple[UndecidedRepair, ...]


def homes_of(repairs: Sequence[UndecidedRepair]) -> set[str]:
    """Which homes these are, as far as they can be told apart; without a home by number, and without a number each is one."""
    return {
        f"home {one.place_id}" if one.place_kind == "home" else f"call {one.caller_phone or one.id}" for one in repairs
    }  # fmt: skip


def gathered(repairs: Sequence[UndecidedRepair], within: timedelta) -> list[Together]:
    """Those of which so many came from one building within the time. `repairs` in order of kind, building and time."""
    found = []
    for (kind, building), group in groupby(repairs, key=lambda one: (one.kind, one.building_id)):
        alike = list(group)
        runs = ([one for one in alike if first.at <= one.at <= first.at + within] for first in alike)
        close = {one.id for run in runs if len(homes_of(run)) >= ENOUGH for one in run}
        if close:
            found.append(Together(kind, building, tuple(one for one in alike if one.id in close)))
    return found


async def undecided(tx: Tx, since: timedelta) -> list[UndecidedRepair]:
    """Repairs handed on since so long ago, by kind, building and time."""
    return await tx.rows(SQL.undecided_repairs, UndecidedRepair, tx.community, tx.now - since)


async def repairs_together(tx: Tx) -> list[Together]:
    """What the desk is to be asked; not where such an incident is open, because its callers have their answer there."""
    within = (await get_community(tx, tx.community)).repairs_together
    found = gathered(await undecided(tx, ASKED_FOR), within)
    return [one for one in found if not await open_here(tx, one.kind, one.building_id)]


async def start_plan(desk: Desk, kind: str, building_id: int) -> Declared:
    """Declare them as one emergency of the building, each caller as its reporter. Raises RepairsNotTogetherError, and what `declare` does."""
    repairs = await _decide(desk, kind, building_id)
    first, *others = (_reporter(one) for one in repairs)
    declared = await declare(desk.tx, desk.wakeups, Declaration(kind, building_id, reporter=first), desk.actor)
    for reporter in others:
        await changes.add_report(desk, declared.incident_id, reporter)
    await desk.tx.run(SQL.join_repairs, desk.tx.community, [one.id for one in repairs], declared.incident_id)
    return declared


async def keep_separate(desk: Desk, kind: str, building_id: int) -> int:
    """They have nothing to do with each other, and are not asked about again; how many. Raises RepairsNotTogetherError."""
    return len(await _decide(desk, kind, building_id))


async def _decide(desk: Desk, kind: str, building_id: int) -> tuple[UndecidedRepair, ...]:
    """Mark them, so that of two who decide at once the second is told so."""
    asked = next((one for one in await repairs_together(desk.tx) if (one.kind, one.building_id) == (kind, building_id)), None)
    ids = [one.id for one in asked.repairs] if asked else []
    if asked is None or await desk.tx.run(SQL.decide_repairs, desk.tx.community, ids, desk.tx.now, desk.actor.name) < len(ids):
        raise RepairsNotTogetherError(kind=kind)
    desk.wakeups.after_commit(desk.tx, f"page:{desk.tx.community}")
    return asked.repairs


def _reporter(one: UndecidedRepair) -> Reporter:
    """The caller, who was told of a repair and so does not know of the emergency yet."""
    home = one.place_id if one.place_kind == "home" else None
    return Reporter(name=one.caller_name, phone=one.caller_phone, home_id=home, words=one.words, told=False)
