"""The building from outside: every home in its place, and the state that matters most. No browser but for one look."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import expect

from incidents.views.elevation import STATES, HomeRow, HomeState, counts, staircases, state_of
from tests.console.conftest import Console, Look

HOME = HomeRow(3, 1, "3-2-1502", "1502", [3, 2, 14, 2], 32, {}, "15", "trying", None, False, None, None, False, False)


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({}, "being_tried"),
        ({"reach": "confirmed"}, "delivered"),
        ({"reach": "confirmed", "reported": True}, "by_phone"),
        ({"reach": "confirmed", "knock": "seen", "reported": True}, "at_the_door"),
        ({"reach": "confirmed", "responded": "all_safe"}, "safe"),
        ({"reach": "confirmed", "responded": "others_inside"}, "others_inside"),
        ({"reach": "confirmed", "responded": "all_safe", "help_open": True}, "needs_help"),
        ({"reach": "handed_over"}, "being_tried"),
        ({"reach": "handed_over", "reason": "no_receipt"}, "not_reached"),
        ({"reach": "handed_over", "reason": "by_proxy", "knock": "note_left"}, "knocked"),
        ({"reach": "unreachable", "reason": "no_contact"}, "not_reached"),
        ({"reach": "unreachable", "reason": "no_contact", "knock": "no_answer"}, "knocked"),
        ({"reach": "unknown"}, "unknown"),
        ({"reach": "excluded", "reason": "held"}, "not_told"),
        ({"reach": "excluded", "reason": "vacant"}, "outside"),
        ({"reach": "opted_out"}, "outside"),
    ],
)
def test_a_home_shows_what_matters_most_of_it(known: dict[str, object], state: HomeState) -> None:
    assert state_of(replace(HOME, **known)) == state  # type: ignore[arg-type]


def home(unit: int, rank: int, floor: str | None, label: str) -> HomeRow:
    path = [3, unit, rank, 1] if floor is not None else [3, unit, int(label[-2:])]
    return replace(HOME, home_id=unit * 10_000 + int(label), label=label, path=path, inside_id=unit, floor=floor)


def test_floors_stand_in_the_order_of_the_house_whatever_they_are_called() -> None:
    rows = [home(1, rank, label, f"{label}01") for rank, label in enumerate(("3", "5", "15"))]
    (stairs,) = staircases([rows[1], rows[2], rows[0]])
    assert [floor.label for floor in stairs.floors] == ["15", "5", "3"]


def test_a_home_that_is_missing_leaves_its_place_empty_and_no_other_moves() -> None:
    (stairs,) = staircases([home(1, 0, None, label) for label in ("1501", "1502", "1402", "1404")])
    assert stairs.columns == ("01", "02", "04")
    assert [(floor.label, [cell and cell.home.label for cell in floor.cells]) for floor in stairs.floors] == [
        ("15", ["1501", "1502", None]), ("14", [None, "1402", "1404"]),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 34), st.integers(1, 6)), max_size=150, unique=True), st.booleans())
def test_every_home_stands_once_in_the_picture_and_in_the_sum(found: list[tuple[int, int, int]], with_floors: bool) -> None:
    rows = [home(unit, floor, str(floor) if with_floors else None, f"{floor}{door:02d}") for unit, floor, door in found]
    seen = staircases(rows)
    cells = [cell.home.home_id for stairs in seen for floor in stairs.floors for cell in floor.cells if cell is not None]
    assert sorted(cells) == sorted(one.home_id for one in rows)
    assert sum(counts(seen).values()) == len(rows) and list(counts(seen)) == [one for one in STATES if one in counts(seen)]


async def test_the_room_shows_the_building_and_an_answer_changes_its_window(console: Console) -> None:
    await console.loses_contact("mr_zhou")
    power = await console.declare("power_cut", "3")
    await console.tell_residents(power)
    page = await console.page(f"/i/{power.number}", Look("zh-CN"))
    picture = page.locator("#elevation")
    await expect(picture.locator("td", has_text="1503")).to_contain_text("联系不上")
    await expect(picture.locator("td", has_text="1502")).to_contain_text("在发，等回执")
    await expect(picture.locator("th[scope=row]")).to_have_text(["16", "15"])

    phone = await console.page(await console.resident_link("mrs_wang"), Look("zh-CN", width=390), logged_in=False)
    await phone.get_by_role("button", name="需要帮助").click()
    await expect(picture.locator("td", has_text="1502")).to_contain_text("需要帮助", timeout=8000)
