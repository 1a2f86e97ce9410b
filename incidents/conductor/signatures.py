"""A declaration by a desk device at which nobody was signed on: whoever made it has five minutes to say so, else the record says that nobody did."""

from dataclasses import dataclass
from datetime import timedelta

from incidents.actors import Actor
from incidents.conductor.case import Case, set_timer
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
SIGNATURE_TIMER = "signature"
SIGN_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Which device declared, by its id and its name then."""

    device_id: int
    device: str


async def expect_signature(case: Case, device: Actor) -> None:
    """Note that the declaration has no name yet, and set the clock."""
    due_at = case.tx.now + SIGN_WITHIN
    await case.tx.run(SQL.expect_signature, case.tx.community, case.incident.id, device.device_id, device.name, due_at)
    await set_timer(case.tx, case.incident.id, SIGNATURE_TIMER, due_at)


async def note_missing_signature(case: Case) -> None:
    """The clock ran out: the record says that nobody signed, unless somebody has. Also when the incident has ended meanwhile."""
    lapsed = await case.tx.maybe(SQL.lapse_signature, Lapsed, case.tx.community, case.incident.id, case.tx.now)
    if lapsed is not None:
        body = {"by": {"kind": "device", "device": lapsed.device_id}}
        case.ledger.append(case.tx.now, "unsigned", "timer", body, detail={"by_name": lapsed.device})
