"""Checks facts against the questions of a playbook. Pure."""

from collections.abc import Mapping

from incidents.errors import FactUnknownError, FactWrongError
from playbooks.engine.events import FactValue
from playbooks.engine.facts import fits
from playbooks.language.model import Playbook, Question


def check_facts(playbook: Playbook, facts: Mapping[str, object]) -> dict[str, FactValue]:
    """The facts with their types; None means that the caller does not know. Raises FactUnknownError, FactWrongError."""
    return {name: check_fact(playbook, name, value) for name, value in facts.items()}


def check_fact(playbook: Playbook, name: str, value: object) -> FactValue:
    """One fact; see check_facts."""
    question = playbook.ask.get(name)
    if question is None:
        raise FactUnknownError(field=f"/facts/{name}", value=name, known=", ".join(playbook.ask))
    if value is None:
        return None
    if isinstance(value, bool | int | str) and fits(question, value):
        return value
    raise FactWrongError(field=f"/facts/{name}", value=value, expected=expected(question))


def expected(question: Question) -> str:
    """What an answer to the question may be, as a caller of the API writes it."""
    if question.type == "yes_no":
        return "true, false, null"
    if question.type == "number":
        return f"{question.minimum} … {question.maximum}, null"
    if question.type == "time_of_day":
        return "00:00 … 23:59, null"
    if question.type == "quoted":
        return f'"…" (1 … {question.longest}), null'
    return ", ".join([*question.choices, "null"])
