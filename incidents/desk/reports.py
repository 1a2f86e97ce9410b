"""One call or message about an incident: who, from where, what they said, what was promised to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from incidents.actors import Actor
from incidents.conductor.case import Case
from incidents.desk.households import household_knows, person_knows
from people.errors import AddressWrongError
from people.persons import normalise_phone
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

Source = Literal[
    "phone", "visit", "intercom", "elevator_intercom", "chat_group", "patrol", "hotline_12345", "community_office", "alarm", "app"
]
Wish = Literal["inform", "help", "complain"]


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports. All of it may be missing; `call_back_minutes` is what the desk promised.

    A complaint (`wish`) is answered within `answer_minutes`, by ANSWER_WITHIN where nothing was said, and by `owner`, whoever took it
    where nobody was named. `told`: who speaks with the desk hears of it, except where they called before anybody knew. `home_unsure`: the
    number has several homes, or what was said names none; the desk is asked later. `happened_at`: when they called, where it is written down afterwards; promises run from now.
    """

    name: str | None = None
    phone: str | None = None
    home_id: int | None = None
    person_id: int | None = None
    source: Source = "phone"
    words: str = ""
    wish: Wish = "inform"
    call_back_minutes: int | None = None
    owner: str | None = None
    answer_minutes: int | None = None
    told: bool = True
    home_unsure: bool = False
    happened_at: datetime | None = None


ANSWER_WITHIN = timedelta(hours=24)
"""By when a complaint is answered unless the desk said otherwise: a day, so that whoever is on duty next sees it fall due."""

SPOKEN: frozenset[Source] = frozenset({"phone", "visit", "intercom", "elevator_intercom", "patrol"})
"""Who reports so is spoken to, and told what is known."""


async def note_report(case: Case, reporter: Reporter, by: Actor) -> int:
    """Write the report and its event; how many different homes have reported by now.

    Whoever spoke with the desk knows: their household (or they themselves) count as told in all that was sent so far.
    """
    tx = case.tx
    due = None if reporter.call_back_minutes is None else tx.now + timedelta(minutes=reporter.call_back_minutes)
    body: dict[str, object] = {"source": reporter.source, "wish": reporter.wish}
    if reporter.home_id is not None:
        body["home"] = reporter.home_id
    if due is not None:
        body["call_back_due"] = due.isoformat()
    complaint = reporter.wish == "complain"
    owner = (reporter.owner or by.name) if complaint else None
    answer_due = tx.now + _answer_within(reporter) if complaint else None
    if answer_due is not None:
        body["answer_due"] = answer_due.isoformat()
    if reporter.told and reporter.source in SPOKEN and (reporter.home_id is not None or reporter.person_id is not None):
        body["informed"] = True
        await they_know(case, reporter.home_id, reporter.person_id)
    phone = _as_stored(reporter.phone)
    detail = {"name": reporter.name, "phone": phone, "words": reporter.words, "owner": owner}
    no = case.ledger.append(
        tx.now, "report", "outside", body, detail={key: value for key, value in detail.items() if value}, happened_at=reporter.happened_at
    )
    await tx.run(
        SQL.insert_report, tx.community, case.incident.id, no, tx.now, reporter.source, reporter.person_id, reporter.home_id,
        reporter.name, phone, reporter.words, reporter.wish, due, owner, answer_due, reporter.home_unsure and reporter.home_id is None,
    )  # fmt: skip
    homes: int = await tx.value(SQL.homes_reported, tx.community, case.incident.id)
    return homes


def _answer_within(reporter: Reporter) -> timedelta:
    return ANSWER_WITHIN if reporter.answer_minutes is None else timedelta(minutes=reporter.answer_minutes)


def _as_stored(phone: str | None) -> str | None:
    """The number as the directory writes it, so that whoever rings again is known again; as it was said where it is none."""
    if not phone:
        return None
    try:
        return normalise_phone(phone)
    except AddressWrongError:
        return phone


async def they_know(case: Case, home_id: int | None, person_id: int | None) -> None:
    """Whoever spoke with the desk counts as told: everybody of their home, or they alone where the home is not known."""
    if home_id is not None:
        await household_knows(case.tx, case.incident.id, home_id)
    elif person_id is not None:
        await person_knows(case, person_id)
