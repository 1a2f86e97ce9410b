"""Seals what was left for later, and turns sealed audiences into deliveries, page by page; a page can be repeated without making anything
twice."""

from dataclasses import dataclass

from notifiers.delivery.reach import lock_messages
from notifiers.delivery.sealing.seals import seal_now
from tocsin.base.database import CONNECTION_LOST, Database, Tx
from tocsin.base.logs import logger
from tocsin.base.queries import load_queries
from tocsin.base.work import Lane, Wakeups, hold, lower, raise_to

SQL = load_queries(__package__)
PAGE = 10_000
FIRST_PAGE = 1_000
RANGE_FROM = 50
RANGE = 1_000
"""From so many deliveries of one page and channel on they wait as ranges, each of so many numbers at most."""
log = logger("fan_out")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: how many deliveries it made, whether there is another, and their lane."""

    made: int
    more: bool
    lane: Lane


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next: a message to seal, or to fan out."""

    id: int
    unsealed: bool


async def fan_out_page(tx: Tx, message_id: int, size: int = PAGE) -> Page | None:
    """Make the next page of a message's deliveries; None when it was stopped. The lane of its deliveries is lowered."""
    await lock_messages(tx, [message_id])
    page = await tx.maybe(SQL.fan_out_page, Page, tx.community, message_id, size, tx.machine_now, tx.now, RANGE_FROM, RANGE)
    if page is not None and page.made:
        lower(tx, page.lane)
    return page


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Seal what was left for it and fan out everything sealed in this community, the most urgent first; how many deliveries were made. One
    transaction a seal and a page, the first a small one, so that the sender begins while the others are made. A message that cannot be is
    passed over and holds up no other; it is tried again at one of the worker's next looks."""
    made, failed = 0, list[int]()
    while True:
        waiting: Next | None = None
        try:
            async with database.community(community_id) as tx:
                waiting = await tx.maybe(SQL.next_to_fan_out, Next, community_id, failed, tx.machine_now, tx.now)
                if waiting is not None:
                    made += await _step(tx, wakeups, waiting, PAGE if made else FIRST_PAGE)
                    continue
                await hold(tx, "fan_out")
                if await tx.maybe(SQL.next_to_fan_out, Next, community_id, failed, tx.machine_now, tx.now) is None:
                    # What failed leaves the lane due since then: it is looked at again and again, and the audit sees how long it has waited.
                    if not failed and not await tx.value(SQL.is_left_unsealed, community_id, tx.now):
                        await raise_to(tx, "fan_out", None)
                    return made
        except CONNECTION_LOST:
            raise
        except Exception:
            if waiting is None:
                raise
            log.exception("news_not_fanned_out", community=community_id, message=waiting.id)
            failed.append(waiting.id)


async def _step(tx: Tx, wakeups: Wakeups, waiting: Next, size: int) -> int:
    """Seal it, or make its next page; how many deliveries were made."""
    if waiting.unsealed:
        await seal_now(tx, [waiting.id], patient=True)
        wakeups.after_commit(tx, f"page:{tx.community}")
        return 0
    page = await fan_out_page(tx, waiting.id, size)
    if page is None:
        return 0
    wakeups.after_commit(tx, page.lane)
    return page.made
