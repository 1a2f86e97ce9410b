"""Conditions are data: a small closed set of shapes that the engine evaluates, the checker enumerates and a form can edit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class ConditionModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FactIs(ConditionModel):
    """True when the fact is one of `values` or within the bounds, or whatever it is where `known` is listed. While it is unknown: true if
    `unknown` is listed, else unknown.
    """

    kind: Literal["fact"] = "fact"
    fact: str
    values: tuple[bool | int | str, ...] = ()
    unknown: bool = False
    known: bool = False
    at_least: int | None = None
    at_most: int | None = None


class StepHas(ConditionModel):
    """True when the step has had any of these outcomes in this round."""

    kind: Literal["step"] = "step"
    step: str
    outcomes: tuple[str, ...]


class Confirmed(ConditionModel):
    kind: Literal["confirmed"] = "confirmed"
    need: str


class SeverityIs(ConditionModel):
    kind: Literal["severity"] = "severity"
    values: tuple[str, ...]


class PlaceKindIs(ConditionModel):
    kind: Literal["place_kind"] = "place_kind"
    values: tuple[str, ...]


class ReportsAtLeast(ConditionModel):
    """True when so many different homes have reported."""

    kind: Literal["reports"] = "reports"
    at_least: int


class Switch(ConditionModel):
    """`night` (the community's quiet hours) or `broadcast_now` (a named person pressed it)."""

    kind: Literal["switch"] = "switch"
    name: Literal["night", "broadcast_now"]
    on: bool


class AllOf(ConditionModel):
    kind: Literal["all"] = "all"
    of: tuple[Condition, ...]


class AnyOf(ConditionModel):
    kind: Literal["any"] = "any"
    of: tuple[Condition, ...]


class Not(ConditionModel):
    kind: Literal["not"] = "not"
    of: Condition


Condition = Annotated[
    FactIs | StepHas | Confirmed | SeverityIs | PlaceKindIs | ReportsAtLeast | Switch | AllOf | AnyOf | Not,
    Field(discriminator="kind"),
]

AllOf.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()


def atoms(condition: Condition | None, negated: bool = False) -> Iterator[tuple[Condition, bool]]:
    """Every simple condition inside, each with whether it stands under an odd number of `not`."""
    match condition:
        case None:
            return
        case AllOf(of=parts) | AnyOf(of=parts):
            for part in parts:
                yield from atoms(part, negated)
        case Not(of=inner):
            yield from atoms(inner, not negated)
        case _:
            yield condition, negated
