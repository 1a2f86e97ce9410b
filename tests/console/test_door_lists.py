"""Lists for the door: split so that nobody climbs where another walks, and typed in line by line. No database, no browser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.sheet_lines import Named, read_lines
from incidents.views.doors import DOORS_PER_SHEET, Door, sheets

NOW = datetime(2026, 11, 23, 18, 41, tzinfo=UTC)
"""02:41 in Shanghai."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


def door(unit: int, floor: int, number: int, *, first: bool = False) -> Door:
    code = f"3-{unit}-{floor}{number:02d}"
    return Door(
        unit * 10_000 + floor * 100 + number, code, f"{floor}{number:02d}", {}, [3, unit, floor, number], unit, {}, str(floor), "王芳",
        first, "unreachable", 0, None, None,
    )  # fmt: skip


doors_of_a_building = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 34), st.integers(1, 4), st.booleans()), max_size=120, unique_by=lambda one: one[:3]
).map(lambda found: [door(unit, floor, number, first=first) for unit, floor, number, first in found])


def by_guard(found: list[Door], guards: int, *, top_down: bool) -> Iterator[list[Door]]:
    split = sheets(found, guards=guards, top_down=top_down)
    for guard in sorted({one.guard for one in split}):
        yield [each for one in split if one.guard == guard for each in one.doors]


@given(doors_of_a_building, st.integers(1, 6), st.booleans())
def test_every_door_is_on_one_sheet_and_nobody_has_two_more_than_another(found: list[Door], guards: int, top_down: bool) -> None:
    split = sheets(found, guards=guards, top_down=top_down)
    assert sorted(each.code for one in split for each in one.doors) == sorted(one.code for one in found)
    assert all(0 < len(one.doors) <= DOORS_PER_SHEET and len({each.inside_id for each in one.doors}) == 1 for one in split)
    loads = [len(mine) for mine in by_guard(found, guards, top_down=top_down)]
    assert not loads or max(loads) - min(loads) <= 1
    assert len(loads) == min(guards, len(found))


@given(doors_of_a_building, st.integers(2, 6), st.booleans())
def test_no_two_guards_walk_the_same_floors_but_where_one_ends_and_the_next_begins(found: list[Door], guards: int, top_down: bool) -> None:
    turn = -1 if top_down else 1
    ways = [sorted((one.inside_id, turn * one.path[-2]) for one in mine) for mine in by_guard(found, guards, top_down=top_down)]
    for mine, following in zip(ways, ways[1:], strict=False):
        assert mine[-1] <= following[0]


def test_those_who_need_help_come_first_on_a_sheet_and_the_others_as_one_walks() -> None:
    found = [door(1, floor, 1, first=floor == 9) for floor in (3, 12, 9)]
    assert [one.label for one in sheets(found, guards=1, top_down=False)[0].doors] == ["901", "301", "1201"]
    assert [one.label for one in sheets(found, guards=1, top_down=True)[0].doors] == ["901", "1201", "301"]


NAMED = [Named(1, "3-2-1502", "1502"), Named(2, "3-1-1502", "1502"), Named(3, "3-2-2902", "2902"), Named(4, "3-2-S1", "S1")]


def test_a_sheet_is_typed_in_as_it_comes_back() -> None:
    taken, faults = read_lines("2902 4 0238 卧床\n\n3栋2-1502 1\ns1　５　２３：５０\n3-2-1502 2 no bell", NAMED, NOW, SHANGHAI)
    assert not faults and [one.door.home_id for one in taken] == [3, 1, 4, 1]
    assert (taken[0].door.home_id, taken[0].result, taken[0].words) == (3, "needs_help", "卧床")
    assert taken[0].at.astimezone(SHANGHAI).strftime("%d %H:%M") == "24 02:38"
    assert taken[-2].result == "vacant"
    assert taken[-2].at.astimezone(SHANGHAI).strftime("%d %H:%M") == "23 23:50", "later than now was yesterday"
    assert (taken[-1].at, taken[-1].words) == (NOW, "no bell")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("1502 1", "console.door.fault.several"), ("9999 1", "console.door.fault.home"), ("2902", "console.door.fault.result"),
        ("2902 6", "console.door.fault.result"), ("2902 四", "console.door.fault.result"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_taken_says_why_and_keeps_no_other_back(line: str, key: str) -> None:
    taken, faults = read_lines(f"{line}\n3-1-1502 3", NAMED, NOW, SHANGHAI)
    assert [one.key for one in faults] == [key] and faults[0].text == line
    assert [one.door.home_id for one in taken] == [2]


@given(st.text(max_size=60))
def test_whatever_is_typed_is_taken_or_named(text: str) -> None:
    taken, faults = read_lines(text, NAMED, NOW, SHANGHAI)
    assert len(taken) + len(faults) <= len(text.splitlines())
    assert all(one.at <= NOW for one in taken)
