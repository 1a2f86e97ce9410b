"""Contact debt at the desk: homes that nothing would reach, each with what to do next, worked off by one click or one number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from api.console.caller import whole_number
from api.console.page import local_path, see_other
from api.console.visit import Visit
from api.errors import BodyInvalidError, FieldFault
from api.v1.shapes import masked
from people.contact.debt import BuildingDebt, Debt, Dweller, debts, debts_by_building, must_be_a_home, note_work, people_of_homes
from people.contact.quality import say_quality
from people.directory.access import Looker, look_at_address
from people.directory.contact_points import ContactPointChange, change_contact_point, contact_point, contact_points_of, give_contact_point
from people.errors import AddressWrongError, ContactPointUnknownError
from people.imports.phones import read_area_code, read_phones
from people.persons import NewContactPoint, NewResidence, add_person, add_residence
from people.search.index import reindex_people
from people.wall_clock import wall_time

PAGE = 15
PUT_OFF_DAYS = {"no_answer": 1, "later": 7, "refuses": 90}
"""For how many days a home leaves the list: who was not at home is tried tomorrow; who refuses is asked again after a season."""
WHY = "contact_debt"
"""What the log of looks says that somebody looked for."""


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """An address: masked, unless `whole` was asked for (and noted)."""

    id: int
    kind: str
    address: str
    quality: str
    whole: str
    proxy_name: str | None
    proxy_relation: str | None


@dataclass(frozen=True, slots=True)
class ShownDweller:
    """Somebody who lives there, and how to talk to them."""

    person_id: int
    name: str
    speaks: str
    dialect: str
    preferred_means: str
    proxy_name: None
    proxy_relation: None
    points: tuple[ShownPoint, ...]


@dataclass(frozen=True, slots=True)
class ShownDebt:
    """A home on the list, with its people."""

    debt: Debt
    name: str
    building: str
    people: tuple[ShownDweller, ...]


async def show_debt(visit: Visit) -> web.Response:
    """GET /debt"""
    return await _page(visit, {})


async def do_look(visit: Visit) -> web.Response:
    """POST /debt/look: the list once more, with one whole number; that it was looked at is noted."""
    visit.must("reveal")
    point_id = whole_number(visit.field("point"))
    actor = visit.session.actor()
    address = await look_at_address(visit.tx, point_id, Looker(actor.kind, actor.name, actor.account_id), WHY)
    return await _page(visit, {point_id: address})


async def _page(visit: Visit, whole: dict[int, str]) -> web.Response:
    get = visit.query if visit.request.method == "GET" else visit.field
    buildings = await debts_by_building(visit.tx)
    within, after, no_phone = whole_number(get("within")), whole_number(get("after")), get("no_phone") == "on"
    known = {one.building_id for one in buildings}
    found = await debts(visit.tx, within=within if within in known else None, after=after, limit=PAGE + 1, no_phone=no_phone)
    page = found[:PAGE]
    people = await people_of_homes(visit.tx, [one.home_id for one in page], wall_time(visit.tx.now, visit.community.zone).date())
    return visit.page(
        "debt.html",
        debts=[_shown(one, people.get(one.home_id, ()), whole, visit.language) for one in page],
        buildings=[(one.building_id, one.names.get(visit.language) or one.code, one.owed) for one in buildings if one.homes],
        total=_total(buildings),
        within=within,
        no_phone=no_phone,
        after=page[-1].home_id if len(found) > PAGE else None,
        first=not after,
        here_again=f"/debt?within={within}&no_phone={'on' if no_phone else ''}",
        start=after,
    )


def _total(buildings: Sequence[BuildingDebt]) -> BuildingDebt:
    return BuildingDebt(
        0, "", {}, sum(one.homes for one in buildings), sum(one.owed for one in buildings), sum(one.no_phone for one in buildings)
    )


def _shown(debt: Debt, people: Sequence[Dweller], whole: dict[int, str], language: str) -> ShownDebt:
    dwellers = tuple(
        ShownDweller(
            one.person_id, one.name, one.speaks, one.dialect, one.preferred_means, None, None,
            tuple(
                ShownPoint(
                    at.id, at.kind, masked(at.address), at.quality, whole.get(at.id, ""), at.proxy_name, at.proxy_relation
                )
                for at in one.addresses
            ),
        )
        for one in people
    )  # fmt: skip
    building = (debt.building_names or {}).get(language, "")
    return ShownDebt(debt, debt.names.get(language) or debt.code, building, dwellers)


async def do_work(visit: Visit) -> web.Response:
    """POST /debt/{home}: what came of working on a home; it leaves the list, for good or for a while."""
    home_id, result = whole_number(visit.request.match_info["home"]), visit.field("result")
    await must_be_a_home(visit.tx, home_id)
    by, note = visit.session.actor().name, visit.field("note")[:300]
    if result == "new_number":
        await _add_number(visit, home_id)
        await note_work(visit.tx, home_id, "new_number", by=by, note=note)
    elif result in ("confirmed", "wrong_number"):
        await _judge(visit, home_id, result, by)
        await note_work(visit.tx, home_id, "confirmed" if result == "confirmed" else "wrong_number", by=by, note=note)
    elif result == "vacant":
        await note_work(visit.tx, home_id, "vacant", by=by, note=note)
    elif result in PUT_OFF_DAYS:
        again = wall_time(visit.tx.now, visit.community.zone).date() + timedelta(days=PUT_OFF_DAYS[result])
        await note_work(visit.tx, home_id, result, by=by, note=note, again_on=again)  # type: ignore[arg-type]
    else:
        raise BodyInvalidError([FieldFault("/result", "field.wrong", {}, result)])
    return see_other(local_path(visit.field("back"), "/debt"))


async def _add_number(visit: Visit, home_id: int) -> None:
    """A number that was learnt, of somebody who lives there, or of somebody new."""
    visit.must("directory")
    phones, faults = read_phones(visit.field("number"), read_area_code(visit.community.desk_phone))
    if faults or len(phones) != 1:
        raise AddressWrongError(field="/number", kind="mobile")
    day = wall_time(visit.tx.now, visit.community.zone).date()
    there = [one.person_id for one in (await people_of_homes(visit.tx, [home_id], day)).get(home_id, ())]
    person_id = whole_number(visit.field("person"))
    if person_id not in there:
        if not visit.field("name"):
            raise BodyInvalidError([FieldFault("/name", "field.missing", {"name": "name"}, None)])
        person_id = await add_person(visit.tx, kind="resident", name=visit.field("name")[:80], language=visit.community.default_language)
        await add_residence(visit.tx, NewResidence(person_id, home_id, "owner"))
        await reindex_people(visit.tx, [person_id])
    known = next((one for one in await contact_points_of(visit.tx, person_id) if one.address == phones[0].address), None)
    if known is not None:
        await _works(visit, known.id, visit.session.actor().name)
        return
    consent_source = f"{visit.session.actor().name} {day.isoformat()}"
    new = NewContactPoint(person_id, phones[0].kind, phones[0].address, consent=("emergency", "notice"), consent_source=consent_source)
    await give_contact_point(visit.tx, new)


async def _judge(visit: Visit, home_id: int, result: str, by: str) -> None:
    """What the desk learnt of one address of somebody who lives there."""
    point_id = whole_number(visit.field("point"))
    day = wall_time(visit.tx.now, visit.community.zone).date()
    there = (await people_of_homes(visit.tx, [home_id], day)).get(home_id, ())
    if point_id not in {at.id for one in there for at in one.addresses}:
        raise ContactPointUnknownError(field="/point", value=point_id)
    if result == "confirmed":
        await _works(visit, point_id, by)
    else:
        await say_quality(visit.tx, point_id, "wrong", reason="belongs_to_other", by=by)


async def _works(visit: Visit, point_id: int, by: str) -> None:
    """Somebody answered there and agrees to be told: it is good, and may be used for emergencies."""
    point = await contact_point(visit.tx, point_id)
    if "emergency" not in point.consent:
        day = wall_time(visit.tx.now, visit.community.zone).date()
        proxy = (point.proxy_name, point.proxy_relation or "") if point.proxy_name else None
        change = ContactPointChange(point.rank, [*point.consent, "emergency"], f"{by} {day.isoformat()}", proxy)
        await change_contact_point(visit.tx, point_id, point.version, change)
    await say_quality(visit.tx, point_id, "good", reason="confirmed", by=by)
