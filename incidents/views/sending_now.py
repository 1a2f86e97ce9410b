"""Whether residents are being told at this moment: how many wait, how fast it goes, and what somebody has to resume or to tell otherwise."""

from dataclasses import dataclass, field

from incidents.views.unsealed import Unsealed, unsealed
from notifiers.announcements.outlook import outlooks
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Sending:
    """A message of which members wait."""

    id: int
    trying: int
    paused: bool
    quarantined: bool


@dataclass(frozen=True, slots=True)
class SendingNow:
    """All of an incident: members that wait, messages a second, and seconds until the last (None: nobody can say yet). `paused` members wait for
    somebody to resume their message, `quarantined` because it stopped its sender; `apart` single deliveries were set apart for that. `unsealed`:
    who is not among all these yet."""

    trying: int = 0
    per_second: float = 0.0
    seconds_left: float | None = None
    paused: int = 0
    quarantined: bool = False
    apart: int = 0
    unsealed: Unsealed = field(default_factory=Unsealed)


async def sending_now(tx: Tx, incident_id: int) -> SendingNow:
    """What is going on now."""
    rows = await tx.rows(SQL.sending_now, Sending, tx.community, incident_id, tx.now)
    outlook = await outlooks(tx, [one.id for one in rows if not one.paused]) if rows else {}
    left = [one.seconds_left for one in outlook.values()]
    return SendingNow(
        sum(one.trying for one in outlook.values()),
        max((one.per_second for one in outlook.values()), default=0.0),
        None if not left or None in left else max(one for one in left if one is not None),
        sum(one.trying for one in rows if one.paused),
        any(one.quarantined for one in rows),
        int(await tx.value(SQL.count_apart_of_incident, tx.community, incident_id)),
        await unsealed(tx, incident_id),
    )
