"""How the whole service is at this moment: what waits to leave, who works, how the gateways do, what is set apart. For monitors and operators."""

from collections.abc import Mapping
from dataclasses import dataclass

from notifiers.delivery.queue_state import count_set_apart, queues
from notifiers.delivery.reports import GatewayHealth, SendsOfWorker, WorkerSeen, gateways_health, sends_of_workers, workers
from people.communities import all_community_ids
from people.sending.permission import held_communities
from tocsin.base.database import Database
from tocsin.base.queries import load_queries
from tocsin.base.work import DELIVERY_LANES, Lane

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class OldTransaction:
    """A transaction that is open: for how long, whose it is (user and program), and what it does ("idle in transaction")."""

    seconds: float
    pid: int
    who: str
    state: str


@dataclass(frozen=True, slots=True)
class LaneState:
    """Of one lane of all communities: so many deliveries are due, the oldest for so long."""

    due: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class ServiceState:
    """All of it; `set_apart` counts deliveries and messages that stopped their sender, and on which nobody has decided. `oldest`: the
    transaction that has been open for longest, which keeps the queue's `dead_rows`."""

    lanes: Mapping[Lane, LaneState]
    set_apart: int
    held: tuple[int, ...]
    workers: tuple[WorkerSeen, ...]
    sends: tuple[SendsOfWorker, ...]
    gateways: tuple[GatewayHealth, ...]
    oldest: OldTransaction | None = None
    dead_rows: int = 0


async def service_state(database: Database) -> ServiceState:
    """Look: one short transaction on the floor, and one in each community."""
    async with database.floor() as tx:
        communities, held = await all_community_ids(tx), await held_communities(tx)
        at_work, sends, gateways = await workers(tx), await sends_of_workers(tx), await gateways_health(tx)
        opened, dead_rows = await tx.maybe(SQL.oldest_transaction, OldTransaction), await tx.value(SQL.dead_rows_of_queue)
    due: dict[Lane, int] = dict.fromkeys(DELIVERY_LANES, 0)
    oldest: dict[Lane, float] = dict.fromkeys(DELIVERY_LANES, 0.0)
    set_apart = 0
    for community in communities:
        async with database.community(community) as tx:
            for one in await queues(tx):
                due[one.lane] += one.due
                oldest[one.lane] = max(oldest[one.lane], one.oldest_seconds)
            set_apart += await count_set_apart(tx)
    lanes = {lane: LaneState(due[lane], oldest[lane]) for lane in DELIVERY_LANES}
    return ServiceState(lanes, set_apart, tuple(held), tuple(at_work), tuple(sends), tuple(gateways), opened, dead_rows)
