"""Contact debt: homes that nothing would reach, worked down at the desk."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown
from api.route import Call
from api.v1.records import in_language, today
from api.v1.shapes import Id, Page, PlaceText, find_place
from people.contact.debt import Debt, Result, debts, debts_by_building, must_be_a_home, note_work, work_on

LONGEST_PAUSE_DAYS = 90


class DebtPage(Page):
    """Homes within a place, or everywhere; `put_off` also shows those that are not to be called yet, `no_phone` those that only mail or chat
    reaches, so that nobody can be woken at night."""

    within: PlaceText | None = None
    put_off: bool = False
    no_phone: bool = False


class DebtWorkBody(Body):
    """What came of working on a home. A number that was learnt is added to its person first; "later" says when to call again."""

    result: Result
    note: Annotated[str, Field(max_length=300)] = ""
    again_on: date | None = Field(None, description="Not shown before this date")


class DebtShown(Shown):
    """A home that cannot be told, and why."""

    home: Id
    code: str
    name: str
    building: Id | None
    building_name: str | None
    people: int
    addresses: int
    why: Literal["nobody_known", "no_address", "all_wrong", "failing", "opted_out", "no_consent", "no_phone"]
    needs_help: bool
    last_at: datetime | None
    last_result: Result | None
    last_note: str | None
    again_on: date | None


class DebtList(Shown):
    """A page of homes."""

    items: list[DebtShown]
    next: str | None


class BuildingDebtShown(Shown):
    """Of the homes that are lived in, how many cannot be told, and how many by mail or chat only."""

    building: Id
    code: str
    name: str
    homes: int
    owed: int
    no_phone: int


class BuildingDebtList(Shown):
    """Every building, and the sums."""

    items: list[BuildingDebtShown]
    homes: int
    owed: int
    no_phone: int


class DebtWorkShown(Shown):
    """What was done about a home."""

    at: datetime
    by: str
    result: Result
    note: str
    again_on: date | None


class DebtWorkList(Shown):
    """The newest first."""

    home: Id
    items: list[DebtWorkShown]


async def list_contact_debt(call: Call, query: DebtPage) -> DebtList:
    """List homes that are lived in and that nothing would reach, with the reason."""
    within = (await find_place(call.tx, query.within, "?within")).id if query.within else None
    after = read_cursor(query.after, 1)[0] if query.after else 0
    found = await debts(call.tx, within=within, after=after, limit=query.limit, put_off=query.put_off, no_phone=query.no_phone)
    return DebtList(
        items=[_debt(one, call.language) for one in found],
        next=make_cursor(found[-1].home_id) if len(found) == query.limit else None,
    )


async def count_contact_debt(call: Call) -> BuildingDebtList:
    """Count by building how many homes nothing would reach."""
    found = await debts_by_building(call.tx)
    return BuildingDebtList(
        items=[
            BuildingDebtShown(
                building=str(one.building_id),
                code=one.code,
                name=in_language(one.names, call.language),
                homes=one.homes,
                owed=one.owed,
                no_phone=one.no_phone,
            )
            for one in found
        ],
        homes=sum(one.homes for one in found),
        owed=sum(one.owed for one in found),
        no_phone=sum(one.no_phone for one in found),
    )


async def read_debt_work(call: Call) -> DebtWorkList:
    """Read what was done about a home, the newest first."""
    return await _work(call, call.id_of("home"))


async def note_debt_work(call: Call, body: DebtWorkBody) -> DebtWorkList:
    """Note what came of working on a home that nothing would reach."""
    home_id = call.id_of("home")
    await must_be_a_home(call.tx, home_id)
    day = await today(call.tx)
    again_on = body.again_on
    if body.result == "later" and again_on is None:
        again_on = day + timedelta(days=1)
    if again_on is not None and not day < again_on <= day + timedelta(days=LONGEST_PAUSE_DAYS):
        raise BodyInvalidError([FieldFault("/again_on", "field.within_days", {"days": LONGEST_PAUSE_DAYS}, again_on.isoformat())])
    await note_work(call.tx, home_id, body.result, by=call.caller.actor.name, note=body.note, again_on=again_on)
    return await _work(call, home_id)


async def _work(call: Call, home_id: int) -> DebtWorkList:
    done = await work_on(call.tx, home_id)
    return DebtWorkList(
        home=str(home_id),
        items=[DebtWorkShown(at=one.at, by=one.by, result=one.result, note=one.note, again_on=one.again_on) for one in done],
    )


def _debt(one: Debt, language: str) -> DebtShown:
    return DebtShown.model_validate({
        "home": str(one.home_id), "code": one.code, "name": in_language(one.names, language),
        "building": str(one.building_id) if one.building_id is not None else None,
        "building_name": in_language(one.building_names, language) if one.building_names else None,
        "people": one.people, "addresses": one.addresses, "why": one.why, "needs_help": one.needs_help, "last_at": one.last_at,
        "last_result": one.last_result, "last_note": one.last_note, "again_on": one.again_on,
    })  # fmt: skip
