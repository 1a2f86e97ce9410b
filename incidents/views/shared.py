"""What was passed on by hand about an incident: who, when, where."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from incidents.desk.shared import Manual
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class SharedRow:
    """The event as it lies in the database; `detail` is None where it was erased."""

    at: datetime
    body: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class Shared:
    """One note; `by` and `where` are "" where they were erased or never said."""

    at: datetime
    what: Manual
    by: str
    where: str


async def shared_by_hand(tx: Tx, incident_id: int) -> list[Shared]:
    """The newest first."""
    rows = await tx.rows(SQL.shared_by_hand, SharedRow, tx.community, incident_id)
    return [_shared(row, json.loads(row.detail) if row.detail else {}) for row in rows]


def _shared(row: SharedRow, detail: dict[str, str]) -> Shared:
    return Shared(row.at, cast(Manual, json.loads(row.body)["what"]), detail.get("by_name", ""), detail.get("words", ""))
