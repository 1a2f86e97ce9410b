"""Chore: tells residents what is due of planned cuts. Judged by story time, like all that is due."""

from incidents.planned.notices import Notice, post_notice
from incidents.planned.schedule import next_due
from tocsin.base.database import Database
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups, hold, raise_to

SQL = load_queries(__package__)


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Post what is due; how many notices. Each in a transaction of its own, and none twice."""
    posted = 0
    while True:
        async with database.community(community_id) as tx:
            notice = await tx.maybe(SQL.take_due_notice, Notice, community_id, tx.now)
            if notice is None:
                if await hold(tx, "planned"):
                    await raise_to(tx, "planned", next_due(await tx.column(SQL.next_notice_due, community_id)))
                return posted
            message = await post_notice(tx, notice)
            await tx.run(SQL.note_posted, community_id, notice.id, tx.now, message)
            wakeups.after_commit(tx, "notice")
            wakeups.after_commit(tx, f"page:{community_id}")
            posted += 1
