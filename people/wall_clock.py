"""Times on the wall of a community, and the instants they mean: across midnight, and across the hour that a summer time skips or repeats.

Pure. What was agreed is the time on the wall, and it is stored; instants follow from it and the zone. A skipped time (02:30 on the night
the clocks go forward) means the instant an hour later on the new clock, a repeated one its first occurrence; so one shift's end and the
next one's start always fall together.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def instant(wall: datetime, zone: str) -> datetime:
    """The instant (UTC) at which the clock shows `wall` (naive) in the IANA zone."""
    return wall.replace(fold=0, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def wall_time(at: datetime, zone: str) -> datetime:
    """What the clock shows (naive) at the instant `at` (aware)."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def span(day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """From `starts` on `day` until the next `ends` after it (naive): 20:00 until 08:00 is on the next morning, 08:00 until 08:00 a whole day."""
    begin = datetime.combine(day, starts)
    end = datetime.combine(day, ends)
    return begin, end if end > begin else end + timedelta(days=1)
