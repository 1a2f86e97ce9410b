"""Chore: what residents answer in thousands becomes one event a second, with totals and a hash of the rows it counted."""

import hashlib
from dataclasses import dataclass
from itertools import groupby

from incidents.conductor.case import open_case, save
from incidents.timeline.chain import canonical
from tocsin.base import work
from tocsin.base.database import Database
from tocsin.base.queries import Query, load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Untallied:
    """One response that no event has counted yet."""

    id: int
    incident_id: int
    home_id: int | None
    person_id: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Total:
    """How many homes said so last."""

    kind: str
    homes: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted, and the event that notes it: what was said with proof and what was said without are never one figure."""

    event: str
    mark: Query
    totals: Query


RESPONSES = Counted("tally", SQL.mark_tallied, SQL.response_totals)
SELF_REPORTS = Counted("self_reports", SQL.mark_self_reports_tallied, SQL.self_report_totals)


def rows_hash(rows: list[Untallied]) -> str:
    """SHA-256 over the counted rows, in order of their ids."""
    digest = hashlib.sha256()
    for row in sorted(rows, key=lambda one: one.id):
        digest.update(canonical({"id": row.id, "home": row.home_id, "person": row.person_id, "kind": row.kind}).encode() + b"\n")
    return digest.hexdigest()


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Count what came in since the last pass; how many responses that were."""
    async with database.community(community_id) as tx:
        if await work.hold(tx, "tallies"):
            await work.raise_to(tx, "tallies", None)
    async with database.community(community_id) as tx:
        waiting = await tx.rows(SQL.untallied, Untallied, community_id, PAGE)
        unproven = await tx.rows(SQL.untallied_self_reports, Untallied, community_id, PAGE)
    for incident_id, rows in groupby(waiting, key=lambda one: one.incident_id):
        await _tally(database, wakeups, incident_id, community_id, list(rows), RESPONSES)
    for incident_id, rows in groupby(unproven, key=lambda one: one.incident_id):
        await _tally(database, wakeups, incident_id, community_id, list(rows), SELF_REPORTS)
    return len(waiting) + len(unproven)


async def _tally(database: Database, wakeups: Wakeups, incident_id: int, community_id: int, rows: list[Untallied], of: Counted) -> None:
    # This and the totals before the incident is locked, because the more answered the longer they take, and each cry for help waits for that lock.
    digest = rows_hash(rows)
    async with database.community(community_id) as tx:
        totals = {one.kind: one.homes for one in await tx.rows(of.totals, Total, community_id, incident_id)}
        case = await open_case(tx, wakeups, incident_id, must_be_open=False)
        counted = await tx.run(of.mark, community_id, [row.id for row in rows], case.ledger.head_no + 1)
        if counted != len(rows):
            raise RuntimeError("another process tallied these responses at the same time")
        body = {"responses": len(rows), "homes": totals, "first": rows[0].id, "last": rows[-1].id, "rows": digest}
        case.ledger.append(tx.now, of.event, "tally", body)
        await save(case)
