"""The seven places of the homes on a bar."""

from dataclasses import dataclass

from incidents.views.homes import HomesRow

REACH = ("confirmed", "handed_over", "trying", "unknown", "unreachable", "opted_out", "excluded")
"""The seven places, in the order of the sentence."""


@dataclass(frozen=True, slots=True)
class ReachPart:
    """One of the seven places; `left` and `width` place it on a bar of 1000."""

    name: str
    count: int
    left: int
    width: int


def reach_parts(reach: HomesRow) -> list[ReachPart]:
    """The seven places; their counts sum to the size."""
    parts, left = [], 0
    for name in REACH:
        count = int(getattr(reach, name))
        width = round(1000 * count / reach.size) if reach.size else 0
        parts.append(ReachPart(name, count, left, width))
        left += width
    return parts
