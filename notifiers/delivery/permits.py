"""A gateway's rate, shared by all workers and all communities of the company: a generic cell rate algorithm in one row, by machine time.

Gateways of one account share the row of the first of them. Broadcasts reserve in a second, smaller bucket as well, and so always leave the
reserved share to alerts and corrections.
"""

from dataclasses import dataclass

from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Lane

SQL = load_queries(__package__)
BULK_LANES: frozenset[Lane] = frozenset({"urgent", "notice"})


@dataclass(frozen=True, slots=True)
class Granted:
    """So many sends may be made now; where that is fewer than asked, another may in `wait_seconds`."""

    granted: int
    wait_seconds: float


async def reserve(database: Database, gateway_id: int, asked: int, lane: Lane) -> Granted:
    """Reserve up to `asked` sends of a gateway in one short transaction of its own."""
    granted = await database.at_once(SQL.reserve_permits, Granted, gateway_id, asked, lane in BULK_LANES)
    if not granted:
        async with database.floor() as tx:
            await tx.run(SQL.make_permit, gateway_id)
        granted = await database.at_once(SQL.reserve_permits, Granted, gateway_id, asked, lane in BULK_LANES)
    return granted[0] if granted else Granted(0, 1.0)


async def give_back(database: Database, gateway_id: int, unused: int, lane: Lane) -> None:
    """Give back permits for which nothing was left to send."""
    async with database.floor() as tx:
        await tx.run(SQL.return_permits, gateway_id, unused, lane in BULK_LANES)


async def pause(database: Database, gateway_id: int, seconds: float) -> None:
    """The gateway asked for a pause: no worker sends to it before that."""
    async with database.floor() as tx:
        await tx.run(SQL.pause_gateway, gateway_id, seconds)


async def end_pause(tx: Tx, gateway_id: int) -> None:
    """The gateway was changed: the pause that it asked for before is over."""
    await tx.run(SQL.end_pause, gateway_id)
