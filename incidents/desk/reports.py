"""One call or message about an incident: who, from where, what they said, what was promised to them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from incidents.actors import Actor
from incidents.conductor.case import Case
from incidents.desk.households import household_knows, person_knows
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
    where nobody was named. `told`: who speaks with the desk hears of it, except where they called before anybody knew.
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
        await _they_know(case, reporter)
    detail = {"name": reporter.name, "phone": reporter.phone, "words": reporter.words, "owner": owner}
    no = case.ledger.append(tx.now, "report", "outside", body, detail={key: value for key, value in detail.items() if value})
    await tx.run(
        SQL.insert_report, tx.community, case.incident.id, no, tx.now, reporter.source, reporter.person_id, reporter.home_id,
        reporter.name, reporter.phone, reporter.words, reporter.wish, due,
        owner, answer_due,
    )  # fmt: skip
    homes: int = await tx.value(SQL.homes_reported, tx.community, case.incident.id)
    return homes


def _answer_within(reporter: Reporter) -> timedelta:
    return ANSWER_WITHIN if reporter.answer_minutes is None else timedelta(minutes=reporter.answer_minutes)


async def _they_know(case: Case, reporter: Reporter) -> None:
    if reporter.home_id is not None:
        await household_knows(case.tx, case.incident.id, reporter.home_id)
    elif reporter.person_id is not None:
        await person_knows(case, reporter.person_id)
