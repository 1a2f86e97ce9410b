"""Chore: sends the test of each day, hears its proof, and says so when it is missing. Judged by story time, like all that is due."""

from datetime import datetime, timedelta

from notifiers.canaries.named import canaries
from notifiers.canaries.plan import CanaryPlan, canary_plan, due_on, next_test
from notifiers.canaries.proofs import Missed, Proven, Test, judge, open_tests, prove
from notifiers.canaries.sending import Round, send_tests
from people.communities import Community, get_community, is_night
from people.wall_clock import wall_time
from tocsin.base.database import Database, Tx
from tocsin.base.logs import logger
from tocsin.base.work import Wakeups, hold, raise_to

FIRST_LOOK = timedelta(seconds=10)
"""Proof comes within seconds, or late: so it is looked for soon, and then each time after half as long as it has been waited for."""

log = logger("canaries")


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Do what is due; how many tests were sent, proven or found missing. Looks again by itself, while anybody is named."""
    async with database.community(community_id) as tx:
        held = await hold(tx, "canaries")
        plan, community = await canary_plan(tx), await get_community(tx, community_id)
        sent = await _send_the_days(tx, plan, community)
        proven = await prove(tx, [one.id for one in await open_tests(tx)])
        missed = await judge(tx, [one.id for one in await open_tests(tx) if one.judged_at is None and one.due_at <= tx.now])
        if held:
            await raise_to(tx, "canaries", await _next_look(tx, plan, community))
        if sent:
            wakeups.after_commit(tx, "notice")
        if proven or missed:
            wakeups.after_commit(tx, f"page:{community_id}")
    _tell(community_id, proven, missed)
    return sent + len(proven) + len(missed)


async def _send_the_days(tx: Tx, plan: CanaryPlan, community: Community) -> int:
    """The test of today, if its time has come since there is this plan; one that was missed is made up for on its own day, before the night."""
    day = wall_time(tx.now, community.zone).date()
    due = due_on(plan, community.zone, day)
    if not plan.enabled or not community.may_send or not plan.changed_at < due <= tx.now:
        return 0
    if tx.now - due > plan.within and is_night(community, tx.now):
        return 0
    return await send_tests(tx, Round(day, 0))


async def _next_look(tx: Tx, plan: CanaryPlan, community: Community) -> datetime | None:
    tests = await open_tests(tx)
    looks = [_look_at(one, tx.now) for one in tests]
    if plan.enabled and await canaries(tx):
        looks.append(next_test(plan, community.zone, tx.now))
    return min(looks, default=None)


def _look_at(test: Test, now: datetime) -> datetime:
    soon = now + max(FIRST_LOOK, (now - test.sent_at) / 2)
    return min(soon, test.due_at) if test.judged_at is None else soon


def _tell(community_id: int, proven: list[Proven], missed: list[Missed]) -> None:
    for one in missed:
        log.error("way_not_proven", community=community_id, place=one.place_code, gateway=one.gateway, reason=one.reason or one.reach)
    for again in proven:
        if again.late:
            log.info("way_proven_again", community=community_id, place=again.place_id, channel=again.channel_id)
