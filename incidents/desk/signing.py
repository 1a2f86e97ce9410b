"""Signing a declaration that a desk device made without a name: an event of its own, in time or late."""

from dataclasses import dataclass
from datetime import datetime

from incidents.conductor.case import open_case, save
from incidents.conductor.signatures import SIGNATURE_TIMER
from incidents.desk.changes import Desk
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
CONDUCTOR_SQL = load_queries("incidents.conductor")


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A declaration without a name: by which device, and until when somebody may still sign it in time."""

    incident_id: int
    number: int
    device: str
    due_at: datetime
    lapsed_at: datetime | None


async def unsigned(tx: Tx) -> list[Unsigned]:
    """The declarations of open incidents that nobody has signed, the oldest first."""
    return await tx.rows(SQL.unsigned, Unsigned, tx.community)


async def unsigned_of(tx: Tx, incident_id: int) -> Unsigned | None:
    """The missing signature of one incident, also when it has ended; None where there is a name."""
    return await tx.maybe(SQL.unsigned_of, Unsigned, tx.community, incident_id)


async def sign(desk: Desk, incident_id: int) -> bool:
    """Sign as whoever acts; False where there is nothing to sign any more. The actor is an account."""
    case = await open_case(desk.tx, desk.wakeups, incident_id, must_be_open=False)
    device_id = await desk.tx.value(SQL.sign, desk.tx.community, incident_id, desk.tx.now, desk.actor.name)
    if device_id is None:
        return False
    await desk.tx.run(CONDUCTOR_SQL.drop_timer, desk.tx.community, [incident_id], SIGNATURE_TIMER)
    body = {"by": desk.actor.as_ids(), "declared_by": {"kind": "device", "device": device_id}}
    case.ledger.append(desk.tx.now, "signed", "outside", body, detail={"by_name": desk.actor.name})
    await save(case)
    return True
