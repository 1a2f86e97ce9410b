"""What a community tells everybody who passes by: what is going on, what is planned, what was in the last days. No person, no home, no drill."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.plans import plan_of_version
from incidents.views.open_page import building_or_place, names_of
from incidents.views.planned import PlannedWork, planned_work
from people.communities import Community, get_community
from playbooks.engine.decide import State
from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
SHOWN_FOR = timedelta(days=7)
MOST_ENDED = 30


@dataclass(frozen=True, slots=True)
class PublicRow:
    """An incident's row, as far as it is anybody's business."""

    severity: str
    status: str
    place_id: int
    declared_at: datetime
    closed_at: datetime | None
    playbook_version_id: int
    state: dict[str, object]


@dataclass(frozen=True, slots=True)
class PublicIncident:
    """One incident: what, in which building, since when, until when there is news."""

    title: Words
    place: Words
    severity: str
    status: str
    since: datetime
    ended: datetime | None
    news_by: datetime | None


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """`going_on`: gravest first. `ended`: newest first, of the last seven days. `planned`: without what became an incident."""

    community: Community
    going_on: list[PublicIncident]
    ended: list[PublicIncident]
    planned: list[PlannedWork]
    now: datetime


async def public_status(tx: Tx) -> PublicStatus:
    """The status of the transaction's community."""
    going_on = await tx.rows(SQL.public_incidents, PublicRow, tx.community)
    ended = await tx.rows(SQL.public_ended, PublicRow, tx.community, tx.now - SHOWN_FOR, MOST_ENDED)
    return PublicStatus(
        community=await get_community(tx, tx.community),
        going_on=[await _public(tx, one) for one in going_on],
        ended=[await _public(tx, one) for one in ended],
        planned=[one for one in await planned_work(tx) if one.incident_number is None and one.state != "cancelled"],
        now=tx.now,
    )


async def _public(tx: Tx, row: PublicRow) -> PublicIncident:
    playbook = (await plan_of_version(tx, row.playbook_version_id)).playbook
    names = names_of(await building_or_place(tx, row.place_id))
    news_by = State.model_validate(row.state).next_news_by if row.status == "open" else None
    return PublicIncident(playbook.title, names, row.severity, row.status, row.declared_at, row.closed_at, news_by)
