"""Which of several things is meant first. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Subject = Literal["place", "person", "department", "outside_number"]
_FIELDS = {"rescue_code": 0, "code": 0, "alias": 0, "intercom": 0, "phone": 1, "plate": 1, "email": 1, "name": 2, "pinyin": 3, "camera": 3}
_SUBJECTS = {"person": 0, "place": 1, "department": 2, "outside_number": 2}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a term led to. `exact`: the term is all that was typed; `inside`: it begins within the word.

    `order` is its place among those found in the same way; `within`: it was looked for in a place that was typed beside it; `around`: it
    only lies in what was typed.
    """

    subject: Subject
    subject_id: int
    field: str
    exact: bool
    inside: bool
    order: int
    within: bool = False
    around: bool = False


def best_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Each subject once, by the best that led to it: what fits whole before what begins so before what holds it."""
    best: dict[tuple[str, int], Candidate] = {}
    for one in sorted(candidates, key=_weight):
        best.setdefault((one.subject, one.subject_id), one)
    return list(best.values())


def _weight(one: Candidate) -> tuple[object, ...]:
    fit = 0 if one.within else 4 if one.around else 3 if one.inside else 2 - one.exact
    return (fit, _FIELDS.get(one.field, 9), _SUBJECTS[one.subject], not one.exact, one.order, one.subject_id)
