"""The building as one sees it from outside: every home in its place, with the one thing that matters most about it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from incidents.desk.visits import VisitResult
from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
HomeState = Literal[
    "needs_help", "others_inside", "safe", "says_safe", "by_phone", "at_the_door", "delivered", "being_tried", "unknown", "not_reached", "knocked",
    "not_told", "outside",
]  # fmt: skip
STATES: tuple[HomeState, ...] = (
    "needs_help", "others_inside", "not_reached", "knocked", "unknown", "being_tried", "not_told", "says_safe", "delivered", "by_phone",
    "at_the_door", "safe", "outside",
)  # fmt: skip
"""As a legend lists them: what asks for somebody first."""


@dataclass(frozen=True, slots=True)
class HomeRow:
    """What is known of one home: its way there as ranks, what messages reached, what was answered, who knocked or called.

    `says`: what somebody without proof said of it.
    """

    building_id: int
    home_id: int
    code: str
    label: str
    path: list[int]
    inside_id: int
    inside: Words
    floor: str | None
    reach: str
    reason: str | None
    help_open: bool
    responded: str | None
    knock: VisitResult | None
    reported: bool
    first: bool
    says: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A home in its place."""

    home: HomeRow
    state: HomeState


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor by its label as it stands in the house; a cell for each column of the staircase, None where there is no home."""

    label: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Staircase:
    """A unit, or a building without units, the top floor first; `columns` name the doors along a floor, as the ends of their labels."""

    inside: Words
    columns: tuple[str, ...]
    floors: tuple[Floor, ...]


async def homes_of_buildings(tx: Tx, incident_id: int, building_ids: Sequence[int]) -> dict[int, list[HomeRow]]:
    """The homes of each of these buildings that messages of the incident concern."""
    found: dict[int, list[HomeRow]] = {building_id: [] for building_id in building_ids}
    if found:
        for home in await tx.rows(SQL.homes_of_buildings, HomeRow, tx.community, incident_id, list(found), tx.now.date()):
            found[home.building_id].append(home)
    return found


def state_of(home: HomeRow) -> HomeState:
    """The highest of the states that hold; whoever needs help stands above all."""
    if home.help_open:
        return "needs_help"
    if home.responded == "others_inside":
        return "others_inside"
    if home.responded == "all_safe":
        return "safe"
    if home.reach == "confirmed" and home.knock in ("seen", "needs_help"):
        return "at_the_door"
    if home.says == "all_safe":  # above what only says that they were told; below somebody of ours who met them
        return "says_safe"
    if home.reach == "confirmed":
        return "by_phone" if home.reported else "delivered"
    if home.reach == "unreachable" or (home.reach == "handed_over" and home.reason is not None):
        return "knocked" if home.knock in ("no_answer", "note_left") else "not_reached"
    if home.reach in ("trying", "handed_over"):
        return "being_tried"
    if home.reach == "unknown":
        return "unknown"
    return "not_told" if home.reason == "held" else "outside"


def staircases(homes: Sequence[HomeRow]) -> list[Staircase]:
    """The homes in their places. Homes without a floor of their own stand on the floor that their label names."""
    ordered = sorted(homes, key=lambda one: (one.path[:-2], one.inside_id))
    return [_staircase(list(group)) for _, group in groupby(ordered, key=lambda one: one.inside_id)]


def counts(found: Sequence[Staircase]) -> dict[HomeState, int]:
    """How many homes are in each state, of those that occur."""
    seen = Counter(cell.state for stairs in found for floor in stairs.floors for cell in floor.cells if cell is not None)
    return {state: seen[state] for state in STATES if seen[state]}


def _staircase(homes: list[HomeRow]) -> Staircase:
    columns = sorted({_column(one) for one in homes})
    floors: dict[tuple[int, str], dict[tuple[int, str], HomeRow]] = {}
    for one in homes:
        floors.setdefault(_floor(one), {})[_column(one)] = one
    return Staircase(
        homes[0].inside,
        tuple(label for _, label in columns),
        tuple(
            Floor(label, tuple(_cell(doors.get(column)) for column in columns))
            for (_, label), doors in sorted(floors.items(), reverse=True)
        ),
    )


def _cell(home: HomeRow | None) -> Cell | None:
    return None if home is None else Cell(home, state_of(home))


def _floor(home: HomeRow) -> tuple[int, str]:
    """Order and label of the home's floor."""
    if home.floor is not None:
        return home.path[-2], home.floor
    label = home.label[:-2] if home.label.isdecimal() and len(home.label) > 2 else ""
    return (int(label) if label else 0), label


def _column(home: HomeRow) -> tuple[int, str]:
    """Where along its floor the door is: by the end of its label, so that 1502 stands above 1402."""
    return (0, home.label[-2:]) if home.label[-2:].isdecimal() and len(home.label) > 2 else (1, home.label)
