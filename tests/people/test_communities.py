"""A community's night is judged by its own clock on the wall."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.communities import (
    Community,
    NewCommunity,
    add_community,
    add_company,
    get_community,
    is_night,
    night_changes_at,
    night_ends_at,
)
from people.errors import CommunityUnknownError
from tocsin.base.database import Database

GARDEN = Community(
    1, 1, {"zh-CN": "云栖花园"}, "Asia/Shanghai", ["zh-CN"], "zh-CN", "", "", "", time(22, 30), time(7, 0), may_send=True,
    repairs_together_minutes=120, status_key="0123456789ab", status_open=True, second_person_above_homes=300,
)  # fmt: skip
BERLIN = replace(GARDEN, zone="Europe/Berlin")
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("utc", "night"),
    [("14:29", False), ("14:30", True), ("18:00", True), ("22:59", True), ("23:00", False)],
)
def test_the_night_is_that_of_the_wall_clock(utc: str, night: bool) -> None:
    at = datetime.fromisoformat(f"2026-06-01T{utc}:00+00:00")
    assert is_night(GARDEN, at) is night


@given(instants, st.sampled_from([GARDEN, BERLIN]))
def test_nothing_changes_before_the_night_changes(at: datetime, community: Community) -> None:
    changes = night_changes_at(community, at)
    assert at < changes <= at + timedelta(hours=18)
    assert is_night(community, changes) is not is_night(community, at)
    assert is_night(community, changes - timedelta(seconds=1)) is is_night(community, at) or changes - at < timedelta(seconds=1)


@given(instants)
def test_a_night_ends_at_seven(at: datetime) -> None:
    ends = night_ends_at(GARDEN, at)
    assert ends > at
    assert ends.hour == 23
    assert not is_night(GARDEN, ends)


def test_a_night_that_does_not_cross_midnight_is_a_night_too() -> None:
    siesta = replace(GARDEN, night_from=time(1), night_until=time(5))
    assert is_night(siesta, datetime(2026, 6, 1, 18, tzinfo=UTC))
    assert not is_night(siesta, datetime(2026, 6, 1, 15, tzinfo=UTC))


async def test_a_community_is_read_back_as_it_was_added(database: Database) -> None:
    async with database.floor() as tx:
        company = await add_company(tx, "安居物业")
        community = await add_community(tx, NewCommunity(company, {"zh-CN": "云栖花园", "en": "Cloud Garden"}, gate="东门"))
        read = await get_community(tx, community)
    assert read.company_id == company
    assert read.names["en"] == "Cloud Garden"
    assert (read.gate, read.night_from, read.may_send) == ("东门", time(22, 30), True)


async def test_an_unknown_community_is_refused(database: Database) -> None:
    async with database.floor() as tx:
        with pytest.raises(CommunityUnknownError):
            await get_community(tx, 99)
