"""What callers were promised and still wait for, in every incident, also in those that ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class OpenCallBack:
    """A call that was promised to the caller of report `no`; `due`: the next try."""

    incident_id: int
    number: int
    no: int
    caller_name: str | None
    caller_phone: str | None
    due: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class OpenComplaint:
    """A complaint that is not answered yet."""

    incident_id: int
    number: int
    no: int
    at: datetime
    caller_name: str | None
    caller_phone: str | None
    words: str
    owner: str
    due: datetime


@dataclass(frozen=True, slots=True)
class OpenFollowUp:
    """A call after the end to the caller of report `no`, their `round`-th, from 1; `due`: the next try."""

    incident_id: int
    number: int
    no: int
    round: int
    caller_name: str | None
    caller_phone: str | None
    due: datetime
    tries: int


AHEAD = timedelta(hours=12)
"""How far the desk looks ahead for follow-up calls: a shift."""


async def open_call_backs(tx: Tx) -> list[OpenCallBack]:
    """Whom the desk promised to call and has neither told nor given up, the earliest first. All of them: none may drop off."""
    return await tx.rows(SQL.open_call_backs, OpenCallBack, tx.community)


async def open_complaints(tx: Tx) -> list[OpenComplaint]:
    """What nobody has answered yet, the earliest due first; all of them."""
    return await tx.rows(SQL.open_complaints, OpenComplaint, tx.community)


async def open_follow_ups(tx: Tx) -> list[OpenFollowUp]:
    """Whom a playbook has called once more after the end and nobody reached yet, the earliest first, as far ahead as a shift."""
    return await tx.rows(SQL.open_follow_ups, OpenFollowUp, tx.community, tx.now + AHEAD)
