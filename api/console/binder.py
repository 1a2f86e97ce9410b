"""The emergency binder: what the desk needs when its own building has no power, on paper, with the date until which it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from aiohttp import web

from api.console.desk import kind_tiles, speaker_of
from api.console.suggest import FACILITY_KINDS
from api.console.visit import Visit
from incidents.plans import kinds
from people.directory.access import Looker, look_at_numbers
from people.directory.places import PlaceInFull, place_in_full
from people.directory.posts import Post, posts
from people.duty.shifts import Shift, shifts_between
from people.outside import outside_numbers
from people.place_words import COMMUNITY_CODE
from people.places import Place, children, facilities_within, resolve_place
from playbooks.language.model import Words
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
HOLDS = timedelta(days=7)
"""As long as the roster that is printed in it."""
WHY = "binder"
FORMS = 2


@dataclass(frozen=True, slots=True)
class BinderHome:
    """One home on the way; `called` a resident's name, to be masked; `first`: somebody there is asked first."""

    home_id: int
    building_id: int
    inside_id: int
    inside: Words
    floor: str | None
    label: str
    called: str | None
    first: bool
    vacant: bool


@dataclass(frozen=True, slots=True)
class Stairs:
    """The homes of one unit or building, bottom up."""

    inside: Words
    homes: tuple[BinderHome, ...]


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One department's people for one stretch of time; tier → (person, name)."""

    department: Words
    starts_at: datetime
    ends_at: datetime
    tiers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterDay:
    """The stretches that begin on one day of the community; `day` None: those that began before."""

    day: date | None
    rows: tuple[RosterRow, ...]


async def show_binder(visit: Visit) -> web.Response:
    """GET /binder: how it looks, with no number of staff."""
    return await _page(visit, {}, on_paper=False)


async def do_binder(visit: Visit) -> web.Response:
    """POST /binder: to be printed. Every number of staff in it is noted as looked at."""
    visit.must("reveal")
    actor = visit.session.actor()
    people = {one.person_id for one in await _shifts(visit)} | {one.person_id for one in await posts(visit.tx)}
    looker = Looker(actor.kind, actor.name, actor.account_id)
    return await _page(visit, await look_at_numbers(visit.tx, sorted(people), looker, WHY), on_paper=True)


async def _shifts(visit: Visit) -> list[Shift]:
    return await shifts_between(visit.tx, visit.tx.now, visit.tx.now + HOLDS)


async def _page(visit: Visit, numbers: dict[int, str], *, on_paper: bool) -> web.Response:
    root = await resolve_place(visit.tx, COMMUNITY_CODE)
    buildings = [one for one in await children(visit.tx, root.id) if one.kind == "building"]
    playbooks = await kinds(visit.tx)
    titles = {one.kind: one for one in playbooks}
    homes = await visit.tx.rows(SQL.binder_homes, BinderHome, visit.tx.community, visit.tx.now.date())
    return visit.page(
        "binder.html",
        on_paper=on_paper,
        valid_until=visit.tx.now + HOLDS,
        root=await place_in_full(visit.tx, root.id),
        buildings=[await place_in_full(visit.tx, one.id) for one in buildings],
        facilities=await _facilities(visit, root),
        posts=posts_by_role(await posts(visit.tx)),
        speak=await speaker_of(visit),
        roster=roster_days(await _shifts(visit), visit),
        numbers=numbers,
        outside=await outside_numbers(visit.tx),
        playbooks=[titles[tile.kind] for tile in kind_tiles(playbooks, visit.language)],
        stairs=stairs_of(homes),
        forms=FORMS,
        kinds=kind_tiles(playbooks, visit.language),
    )


async def _facilities(visit: Visit, root: Place) -> list[tuple[str, list[PlaceInFull]]]:
    """What there is of each kind, with what is read of it."""
    found = []
    for kind in FACILITY_KINDS:
        here = [await place_in_full(visit.tx, one.id) for one in await facilities_within(visit.tx, root.id, kind)]
        found.append((kind, here))
    return [(kind, here) for kind, here in found if here]


def posts_by_role(held: Iterable[Post]) -> dict[str, list[tuple[int, str]]]:
    """Who holds each post: role → (person, name)."""
    found: dict[str, list[tuple[int, str]]] = {}
    for one in held:
        found.setdefault(one.role, []).append((one.person_id, one.name))
    return found


def stairs_of(homes: Sequence[BinderHome]) -> list[Stairs]:
    """The homes by the stairs that lead to them, as one walks."""
    return [Stairs(first[0].inside, first) for _, group in groupby(homes, key=lambda one: one.inside_id) if (first := tuple(group))]


def roster_days(shifts: Sequence[Shift], visit: Visit) -> list[RosterDay]:
    """Day by day; a department's tiers of the same hours are one row."""
    rows: dict[tuple[datetime, datetime, str], RosterRow] = {}
    for one in sorted(shifts, key=lambda shift: (shift.starts_at, shift.department, shift.ends_at)):
        key = (one.starts_at, one.ends_at, one.department)
        row = rows.setdefault(key, RosterRow(one.department_names, one.starts_at, one.ends_at))
        row.tiers.setdefault(one.tier, []).append((one.person_id, one.name))
    zone, now = visit.clocks.zone, visit.tx.now

    def day(row: RosterRow) -> date | None:
        return row.starts_at.astimezone(zone).date() if row.starts_at >= now else None

    return [RosterDay(of, tuple(group)) for of, group in groupby(rows.values(), key=day)]
