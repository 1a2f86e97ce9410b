"""A building as a wallboard draws it: windows in their places, without numbers of doors and without a word about who needs care."""

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.views.elevation import HomeState, Staircase

WIDTH, HEIGHT, GAP = 14, 10, 2
"""A window and what is between two, in units of the picture."""

BETWEEN_STAIRS = 12
LABELS = 20
LABEL_EVERY = 5


@dataclass(frozen=True, slots=True)
class Window:
    """One home by where it is; `x` and `y` are its upper left corner."""

    x: int
    y: int
    state: HomeState


@dataclass(frozen=True, slots=True)
class FloorLabel:
    """A floor's label as it stands in the house, at the height of its windows."""

    x: int
    y: int
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A building of `width` × `height` units."""

    name: str
    width: int
    height: int
    windows: tuple[Window, ...]
    labels: tuple[FloorLabel, ...]

    @property
    def outlines(self) -> dict[HomeState, str]:
        """The windows of each state in one stroke, as the `d` of a path: a drawing of hundreds of homes has a dozen parts."""
        strokes: dict[HomeState, list[str]] = {}
        for one in self.windows:
            strokes.setdefault(one.state, []).append(f"M{one.x} {one.y}h{WIDTH}v{HEIGHT}h-{WIDTH}z")
        return {state: "".join(of_state) for state, of_state in strokes.items()}


def draw(name: str, found: Sequence[Staircase]) -> Picture:
    """The staircases beside each other, all standing on the ground."""
    floors = max((len(stairs.floors) for stairs in found), default=0)
    windows: list[Window] = []
    labels: list[FloorLabel] = []
    left = 0
    for stairs in found:
        top = floors - len(stairs.floors)
        for number, floor in enumerate(stairs.floors):
            y = (top + number) * (HEIGHT + GAP)
            if number == 0 or (len(stairs.floors) - number) % LABEL_EVERY == 0:
                labels.append(FloorLabel(left + LABELS - 4, y + HEIGHT - 2, floor.label))
            windows += [
                Window(left + LABELS + column * (WIDTH + GAP), y, cell.state) for column, cell in enumerate(floor.cells) if cell is not None
            ]
        left += LABELS + len(stairs.columns) * (WIDTH + GAP) + BETWEEN_STAIRS
    return Picture(name, max(1, left - BETWEEN_STAIRS), max(1, floors * (HEIGHT + GAP)), tuple(windows), tuple(labels))
