"""Power and water cuts that are known beforehand, as residents may read of them: no names, no persons, no causes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
SHOWN_AFTER_END = timedelta(hours=12)
"""So long somebody may still ask what became of it."""


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """One planned cut. `place` by language; `place_id` may be a building, a unit, the community or a facility.

    `incident_number`: it did not end, and became this incident. `starts_at` and `ends_at` are the times last told. `changed_at`: residents were told other times at first. `ended_at`: when somebody said that
    it is restored or cancelled.
    """

    id: int
    kind: Literal["power_cut", "water_cut"]
    place_id: int
    place: Words
    starts_at: datetime
    ends_at: datetime
    by_supplier: bool
    source: str
    state: Literal["planned", "restored", "cancelled"]
    changed_at: datetime | None
    ended_at: datetime | None
    incident_number: int | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether its end has passed, and nobody said that it is restored or started the response."""
        return self.state == "planned" and self.ends_at <= now and self.incident_number is None


async def planned_work(tx: Tx) -> list[PlannedWork]:
    """What is planned, runs or is overdue, the soonest first; and what was restored or cancelled in the last twelve hours."""
    return await tx.rows(SQL.planned_work, PlannedWork, tx.community, tx.now - SHOWN_AFTER_END)
