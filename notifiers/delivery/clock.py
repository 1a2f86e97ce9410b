"""Machine time, as a parameter: statements on sharded tables may not ask for it themselves."""

from datetime import datetime

from tocsin.base.database import SQL, Tx


async def machine_now(tx: Tx) -> datetime:
    """The database's own clock at this instant (UTC): leases, back-off and due times are judged by it. Never moved by tests."""
    now: datetime = await tx.value(SQL.machine_now)
    return now
