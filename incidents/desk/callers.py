"""Who is on the line: the homes that a number may stand for, which of them it is, and what this household was promised before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.conductor.advance import happen
from incidents.conductor.case import open_case
from incidents.desk.changes import Changed, Desk, finish_change
from incidents.desk.reports import SPOKEN, Source, they_know
from incidents.errors import ReportUnknownError
from people.errors import PlaceUnknownError
from people.persons import PersonAtHome, person_by_phone
from people.places import get_place
from playbooks.engine.events import Reported
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

EARLIER = timedelta(hours=24)
"""A call of yesterday is another matter; a promise that is still open is not, however old it is."""


@dataclass(frozen=True, slots=True)
class CallerHome:
    """A home that a number may stand for, with those of it whose number it is."""

    home_id: int
    code: str
    names: dict[str, str]
    persons: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who it is, as far as that is certain; `unsure`: one of several homes, and nobody has said which."""

    home_id: int | None = None
    person_id: int | None = None
    name: str | None = None
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """A call of the same number or home; `due` where a call back was promised, which ended at one of the two other times."""

    incident_id: int
    number: int
    at: datetime
    due: datetime | None
    called_back_at: datetime | None
    unreachable_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnsureReport:
    """A report of which the desk has not said yet whose home it is."""

    no: int
    at: datetime
    source: Source
    caller_name: str | None
    caller_phone: str | None
    words: str


def homes_of(found: Sequence[PersonAtHome]) -> list[CallerHome]:
    """The different homes among those to whom a number belongs, in the order of their codes."""
    homes: dict[int, CallerHome] = {}
    for one in found:
        if one.home_id is not None:
            before = homes.get(one.home_id)
            persons = (*(before.persons if before else ()), (one.person_id, one.name))
            homes[one.home_id] = CallerHome(one.home_id, one.home_code or "", one.home_names or {}, persons)
    return sorted(homes.values(), key=lambda one: (len(one.code), one.code))


def who_calls(found: Sequence[PersonAtHome], home_id: int | None = None, *, not_listed: bool = False) -> Caller:
    """Who rings from the number of `found`: from `home_id` where somebody said so, and from none of its homes where `not_listed`.

    Nobody is guessed: of two who share a number in one home the home is certain and the person is not.
    """
    if not_listed:
        return Caller()
    homes = homes_of(found)
    if home_id is None and len(homes) > 1:
        return Caller(unsure=True)
    here = next((one for one in homes if home_id in (None, one.home_id)), None)
    if here is not None:
        person_id, name = here.persons[0] if len(here.persons) == 1 else (None, None)
        return Caller(here.home_id, person_id, name)
    only = found[0] if len(found) == 1 and home_id is None else None
    return Caller(home_id, only.person_id if only else None, only.name if only else None)


async def earlier_calls(tx: Tx, phone: str | None, home_id: int | None) -> list[EarlierCall]:
    """What this number or home called about within EARLIER, and whatever it was promised and still waits for; the newest first."""
    if phone is None and home_id is None:
        return []
    return await tx.rows(SQL.earlier_calls, EarlierCall, tx.community, phone, home_id, tx.now - EARLIER)


async def unsure_reports(tx: Tx, incident_id: int) -> list[UnsureReport]:
    """The reports of an incident that wait for their home, in their order."""
    return await tx.rows(SQL.unsure_reports, UnsureReport, tx.community, incident_id)


async def name_home(desk: Desk, incident_id: int, report_no: int, home_id: int | None) -> Changed:
    """Say from which home this report came; None: from none that is known here. What was said before stays as it is.

    Also after the incident's end. Raises IncidentUnknownError, ReportUnknownError, and PlaceUnknownError of people for what is no home.
    """
    tx = desk.tx
    case = await open_case(tx, desk.wakeups, incident_id, must_be_open=False)
    report = next((one for one in await unsure_reports(tx, incident_id) if one.no == report_no), None)
    if report is None:
        if not await tx.value(SQL.has_report, tx.community, incident_id, report_no):
            raise ReportUnknownError(value=report_no)
        return await finish_change(case)
    if home_id is not None and (await get_place(tx, home_id)).kind != "home":
        raise PlaceUnknownError(field="/home", value=home_id)
    found = await person_by_phone(tx, report.caller_phone) if report.caller_phone else []
    caller = who_calls(found, home_id, not_listed=home_id is None)
    await tx.run(SQL.name_home, tx.community, incident_id, report_no, caller.home_id, caller.person_id, report.caller_name or caller.name)
    body: dict[str, object] = {"report": report_no, "by": desk.actor.as_ids()}
    if caller.home_id is not None:
        body |= {"home": caller.home_id, "informed": report.source in SPOKEN}
    case.ledger.append(
        tx.now, "caller_placed" if caller.home_id else "caller_not_listed", "outside", body, detail={"by_name": desk.actor.name}
    )
    if report.source in SPOKEN:
        await they_know(case, caller.home_id, caller.person_id)
    homes: int = await tx.value(SQL.homes_reported, tx.community, incident_id)
    if not case.ended and homes > case.state.reports:
        await happen(case, Reported(homes=homes), desk.how)
    return await finish_change(case)
