"""The town's staff and their rosters. Pure, but for the instant it is told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from people.bulk import AddressLine, PersonLine
from people.rosters import NewShift, Tier
from tocsin.app.demo.plan import TownPlan

DAYS_BEHIND = 1
DAYS_AHEAD = 30
_MORNING, _EVENING = time(8), time(20)
_FIRST_NUMBER = 19_800_000_001


def staff_names(plan: TownPlan) -> list[str]:
    """Everybody of the staff once: rosters first, then posts."""
    rostered = [name for tiers in plan.rosters.values() for names in tiers.values() for name in names]
    return list(dict.fromkeys([*rostered, *plan.posts.values()]))


def staff_lines(plan: TownPlan) -> list[PersonLine]:
    """The staff as people to be added, in the order of staff_names, each with a mobile and a mailbox."""
    return [
        PersonLine(
            "staff",
            name,
            addresses=(
                AddressLine("mobile", f"+86{_FIRST_NUMBER + number}", quality="good"),
                AddressLine("email", f"staff{number + 1}@anju.example", quality="good"),
            ),
        )
        for number, name in enumerate(staff_names(plan))
    ]


def shifts(plan: TownPlan, people: dict[str, int], now: datetime, zone: str) -> list[NewShift]:
    """Every shift from yesterday for a month, without the one that the plan leaves open; ids of `people` by name."""
    today = now.astimezone(ZoneInfo(zone)).date()
    days = [today + timedelta(days=offset) for offset in range(-DAYS_BEHIND, DAYS_AHEAD + 1)]
    gap = (plan.gap.department, plan.gap.tier, today + timedelta(days=plan.gap.days_ahead))
    return [
        NewShift(department, tier, people[name], starts, ends)
        for department, tiers in plan.rosters.items()
        for tier, names in tiers.items()
        for day in days
        for name, starts, ends in _day(tier, names, day, zone, is_gap=(department, tier, day) == gap)
    ]


def _day(tier: Tier, names: list[str], day: date, zone: str, *, is_gap: bool) -> Iterator[tuple[str, datetime, datetime]]:
    morning, evening = _instant(day, _MORNING, zone), _instant(day, _EVENING, zone)
    next_morning = _instant(day + timedelta(days=1), _MORNING, zone)
    if tier == "lead":
        yield names[day.toordinal() % len(names)], morning, next_morning
        return
    turn = 2 * day.toordinal()
    yield names[turn % len(names)], morning, evening
    if not is_gap:
        yield names[(turn + 1) % len(names)], evening, next_morning


def _instant(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)
