"""When the test of each day goes out, by the community's wall clock, and until when its proof is waited for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from people.wall_clock import instant, wall_time
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class CanaryPlan:
    """`test_at` is a time on the community's wall; `changed_at` (UTC): tests before it were due by another plan, or by none."""

    test_at: time
    within_minutes: int
    enabled: bool
    changed_at: datetime

    @property
    def within(self) -> timedelta:
        return timedelta(minutes=self.within_minutes)


TEST_AT = time(10, 0)
WITHIN_MINUTES = 30
"""Where nobody said otherwise: at an hour at which a test disturbs nobody, and twice the time for which a receipt is waited for."""


def due_on(plan: CanaryPlan, zone: str, day: date) -> datetime:
    """The instant (UTC) of a day's test; where summer time skips it, the hour after, and where it repeats it, its first occurrence. Pure."""
    return instant(datetime.combine(day, plan.test_at), zone)


def last_test_due(plan: CanaryPlan, zone: str, now: datetime) -> datetime:
    """The newest instant of a test whose proof must be there by `now`. Pure."""
    today = wall_time(now, zone).date()
    tests = (due_on(plan, zone, today - timedelta(days=back)) for back in range(3))
    return next(test for test in tests if test + plan.within <= now)


def next_test(plan: CanaryPlan, zone: str, now: datetime) -> datetime:
    """The first instant of a test after `now`. Pure."""
    today = wall_time(now, zone).date()
    tests = (due_on(plan, zone, today + timedelta(days=ahead)) for ahead in range(3))
    return next(test for test in tests if test > now)


async def canary_plan(tx: Tx) -> CanaryPlan:
    """The community's plan."""
    return await tx.maybe(SQL.plan, CanaryPlan, tx.community) or CanaryPlan(TEST_AT, WITHIN_MINUTES, True, tx.now)


async def change_canary_plan(tx: Tx, *, test_at: time, within_minutes: int, enabled: bool) -> CanaryPlan:
    """Another plan from now on; a day whose test went out gets no second one."""
    await tx.run(SQL.put_plan, tx.community, test_at, within_minutes, enabled, tx.now)
    lower(tx, "canaries", tx.now)
    return await canary_plan(tx)
