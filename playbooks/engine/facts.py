"""Facts: taken over when their type fits the question, refused with a note when not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playbooks.engine.events import FactValue
from playbooks.engine.working import Working
from playbooks.language.model import Question

QUOTED = re.compile(r"[^\s{}\x00-\x1f\x7f](?:[^{}\x00-\x1f\x7f\u2028\u2029]*[^\s{}\x00-\x1f\x7f])?")
"""One line without blanks around it, and without the braces of slots."""
TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def known_facts(run: Working, facts: Mapping[str, FactValue]) -> None:
    """Take over what fits; None makes a fact unknown again."""
    for name, value in facts.items():
        question = run.playbook.ask.get(name)
        if question is None or not fits(question, value):
            run.note("fact_refused", fact=name)
        elif value is None:
            run.facts.pop(name, None)
        else:
            run.facts[name] = value


def fits(question: Question, value: FactValue) -> bool:
    """Whether the value is one the question allows; None (unknown) always is."""
    if value is None:
        return True
    match question.type:
        case "yes_no":
            return isinstance(value, bool)
        case "choice":
            return isinstance(value, str) and value in question.choices
        case "number":
            if isinstance(value, bool) or not isinstance(value, int):
                return False
            above = question.minimum is None or value >= question.minimum
            return above and (question.maximum is None or value <= question.maximum)
        case "quoted":
            return isinstance(value, str) and 0 < len(value) <= (question.longest or 0) and QUOTED.fullmatch(value) is not None
        case "time_of_day":
            return isinstance(value, str) and TIME_OF_DAY.fullmatch(value) is not None
