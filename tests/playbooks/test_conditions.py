"""Conditions have three values: what nobody knows is neither true nor false."""

from __future__ import annotations

from typing import get_args

import pytest

from playbooks.engine import conditions
from playbooks.engine.conditions import holds
from playbooks.engine.events import FactValue
from playbooks.engine.working import Working
from playbooks.language.conditions import AllOf, AnyOf, Condition, FactIs, Not, ReportsAtLeast, SeverityIs
from tests.playbooks.small import LADDER, trial
from tests.playbooks.story import Story

HURT = FactIs(fact="hurt", values=(True,))
MANY = FactIs(fact="people", at_least=3)
URGENT = SeverityIs(values=("urgent",))
THREE = ReportsAtLeast(at_least=3)


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (HURT, {}, None),
        (HURT, {"hurt": True}, True),
        (HURT, {"hurt": False}, False),
        (FactIs(fact="hurt", values=(True,), unknown=True), {}, True),
        (FactIs(fact="people", values=(1,)), {"people": 1}, True),
        (MANY, {}, None),
        (MANY, {"people": 2}, False),
        (MANY, {"people": 3}, True),
        (FactIs(fact="people", at_most=3), {"people": 4}, False),
        (Not(of=HURT), {}, None),
        (Not(of=HURT), {"hurt": False}, True),
        (AllOf(of=(HURT, URGENT)), {}, None),
        (AllOf(of=(HURT, THREE)), {}, False),
        (AnyOf(of=(HURT, URGENT)), {}, True),
        (AnyOf(of=(HURT, THREE)), {}, None),
        (AnyOf(of=(HURT, THREE)), {"hurt": False}, False),
    ],
)
def test_unknown_is_a_value_of_its_own(condition: Condition, facts: dict[str, FactValue], expected: bool | None) -> None:
    story = Story(trial(LADDER), facts=facts)
    assert holds(condition, Working(story.playbook, story.state, story.now)) is expected


def test_every_shape_of_condition_can_be_asked() -> None:
    shapes = get_args(get_args(Condition)[0])
    assert set(conditions._HOLDS) == set(shapes)
