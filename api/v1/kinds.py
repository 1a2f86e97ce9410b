"""The kinds of incident that this community has a plan for, with the questions that each asks."""

from api.fields import Shown
from api.route import Call
from incidents.plans import kinds
from playbooks.language.model import Playbook, Question, QuestionType


class QuestionShown(Shown):
    """One question; its name is the fact's."""

    name: str
    type: QuestionType
    text: str
    hint: str | None
    minimum: int | None
    maximum: int | None
    longest: int | None
    choices: dict[str, str]


class KindShown(Shown):
    """One kind; `places` are the kinds of place where it happens."""

    kind: str
    title: str
    severity: str
    life_safety: bool
    places: list[str]
    questions: list[QuestionShown]
    needs: dict[str, str]


class KindList(Shown):
    """Kinds, gravest first."""

    items: list[KindShown]


async def list_kinds(call: Call) -> KindList:
    """List the kinds of incident that can be declared, and what each asks."""
    return KindList(items=[_kind(one, call.language) for one in await kinds(call.tx)])


def _kind(playbook: Playbook, language: str) -> KindShown:
    return KindShown(
        kind=playbook.kind,
        title=playbook.title[language],
        severity=playbook.severity,
        life_safety=playbook.life_safety,
        places=list(playbook.place_kinds),
        questions=[_question(one, language) for one in playbook.ask.values()],
        needs={name: need.title[language] for name, need in playbook.needs.items()},
    )


def _question(question: Question, language: str) -> QuestionShown:
    return QuestionShown(
        name=question.name,
        type=question.type,
        text=question.text[language],
        hint=question.hint[language] if question.hint else None,
        minimum=question.minimum,
        maximum=question.maximum,
        longest=question.longest,
        choices={name: words[language] for name, words in question.choices.items()},
    )
