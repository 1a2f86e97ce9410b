"""One call or message about an incident: who, from where, what they said, what was promised to them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from incidents.conductor.case import Case
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

Source = Literal[
    "phone", "visit", "intercom", "elevator_intercom", "chat_group", "patrol", "hotline_12345", "community_office", "alarm", "app"
]
Wish = Literal["inform", "help", "complain"]


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports. All of it may be missing; `call_back_minutes` is what the desk promised."""

    name: str | None = None
    phone: str | None = None
    home_id: int | None = None
    person_id: int | None = None
    source: Source = "phone"
    words: str = ""
    wish: Wish = "inform"
    call_back_minutes: int | None = None


async def note_report(case: Case, reporter: Reporter) -> int:
    """Write the report and its event; how many different homes have reported by now."""
    tx = case.tx
    due = None if reporter.call_back_minutes is None else tx.now + timedelta(minutes=reporter.call_back_minutes)
    body: dict[str, object] = {"source": reporter.source, "wish": reporter.wish}
    if reporter.home_id is not None:
        body["home"] = reporter.home_id
    if due is not None:
        body["call_back_due"] = due.isoformat()
    detail = {"name": reporter.name, "phone": reporter.phone, "words": reporter.words}
    no = case.ledger.append(tx.now, "report", "outside", body, detail={key: value for key, value in detail.items() if value})
    await tx.run(
        SQL.insert_report, tx.community, case.incident.id, no, tx.now, reporter.source, reporter.person_id, reporter.home_id,
        reporter.name, reporter.phone, reporter.words, reporter.wish, due,
    )  # fmt: skip
    homes: int = await tx.value(SQL.homes_reported, tx.community, case.incident.id)
    return homes
