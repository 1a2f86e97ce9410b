"""A playbook after loading: frozen data that the engine, the desk's forms and the checker read."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from playbooks.language.conditions import Condition

Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
Words = dict[str, str]
"""One text in every language: `{"zh-CN": …, "en": …}`."""

Severity = Literal["minor", "urgent", "life_threatening"]
SEVERITIES: tuple[Severity, ...] = ("minor", "urgent", "life_threatening")

QuestionType = Literal["yes_no", "number", "choice", "quoted", "time_of_day"]
"""`quoted`: somebody else's words, passed on as they are. `time_of_day`: HH:MM on the community's clock."""

During = Literal["open", "resolved", "closed"]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(Model):
    """One question of the declare form. `words` is how its answer reads in a text: `yes`, `no`, a choice, `one`, `number`, `unknown`,
    `other_script`. `longest` is how many characters a `quoted` answer may have.
    """

    name: str
    type: QuestionType
    text: Words
    hint: Words | None = None
    minimum: int | None = None
    maximum: int | None = None
    longest: int | None = None
    choices: dict[str, Words] = {}
    words: dict[str, Words] = {}


class Line(Model):
    """One sentence for the caller; shown when `when` holds (None: always)."""

    when: Condition | None = None
    text: Words


class TextDef(Model):
    """A message text. `key` is stable (`playbook.step[.name]`); `slots` are the names in braces; `claims` what it says has happened."""

    key: str
    by_language: Words
    slots: tuple[str, ...]
    claims: Condition | None = None


class TextChoice(Model):
    """Use the text `key` when `when` holds at the moment of sending."""

    when: Condition
    key: str


class Who(Model):
    """A tier of a department (`engineering/duty`) or a role (`manager`); exactly one of the two."""

    department: str | None = None
    tier: str | None = None
    role: str | None = None


class Rung(Model):
    """One rung of a ladder: `within` until the next one, or `every` on the last, which never gives up."""

    who: tuple[Who, ...]
    within: timedelta | None = None
    every: timedelta | None = None
    ring_after: timedelta | None = None
    ring_first: bool = False
    text_key: str


class AlertAction(Model):
    kind: Literal["alert"] = "alert"
    rungs: tuple[Rung, ...]
    promise: timedelta
    taken_key: str
    stand_down_key: str


class TaskAction(Model):
    """`role` is front_desk, supervisor, another role or a department; `call` the key of a number in the community's own table."""

    kind: Literal["task"] = "task"
    role: str
    call: str | None = None
    results: dict[str, Words] = {}


class Audience(Model):
    """Whom a broadcast concerns: the union of what is set, less those this run has told already where `except_told`.

    `residents_of` is building, unit, floor, home, community or place (the incident's own).
    `told_by` names a step or `all`: who was sent its message.
    `held_by` names a step: the homes its message still holds until morning; posting to them takes them over from the held message.
    """

    residents_of: str | None = None
    homes_served_by: str | None = None
    told_by: str | None = None
    held_by: str | None = None
    reporters: bool = False
    priority: bool = False
    except_told: bool = False


class TellAction(Model):
    kind: Literal["tell"] = "tell"
    audience: Audience
    night: Literal["send", "hold", "morning"]
    phase: Literal["first", "update", "restore", "all_clear"]
    asks_safety: bool = False
    next_news: timedelta | None = None
    again_when: tuple[str, ...] = ()
    """Facts whose new value is told again to everybody, as often as one of them changes while the step's `when` holds."""


class ExpectAction(Model):
    kind: Literal["expect"] = "expect"
    step: str
    answer: str


class SeverityAction(Model):
    kind: Literal["severity"] = "severity"
    to: str


class ForEachAction(Model):
    """One task per `place_kind` of the incident's place; a result named in `opens` opens a child incident of that kind there."""

    kind: Literal["for_each"] = "for_each"
    place_kind: str
    role: str
    results: dict[str, Words]
    opens: dict[str, str]


class NewsAction(Model):
    """Keeps the promise of the next news: a task for `role` so long before it lapses, and a record when it does."""

    kind: Literal["news"] = "news"
    role: str
    remind_before: timedelta


Action = AlertAction | TaskAction | TellAction | ExpectAction | SeverityAction | ForEachAction | NewsAction


class Step(Model):
    name: str
    title: Words
    action: Action
    when: Condition | None = None
    after: timedelta | None = None
    during: During = "open"
    within: timedelta | None = None
    law: timedelta | None = None
    law_source: Words | None = None
    every: timedelta | None = None
    until: Condition | None = None
    text_key: str | None = None
    text_choices: tuple[TextChoice, ...] = ()


class Need(Model):
    """A named confirmation that closing waits for, and who may give it (roles or departments)."""

    name: str
    title: Words
    by: tuple[str, ...]


class NotAnIncident(Model):
    """When the first answer shows that this is no incident: the words to say, and where the desk hands it on."""

    when: Condition
    hand_to: str
    text: Words


class CallBack(Model):
    of: str
    within: timedelta
    repeat_after: tuple[timedelta, ...] = ()


class AskSatisfaction(Model):
    of: str
    after: timedelta


class Review(Model):
    due: timedelta
    by: str


class Aftercare(Model):
    """What follows closing; carried out by the desk, not by the engine."""

    call_back: CallBack | None = None
    ask_satisfaction: AskSatisfaction | None = None
    review: Review | None = None


class Playbook(Model):
    """One playbook. `steps` and `ask` keep the order of the file; `strata` is the order in which conditions are settled."""

    name: str
    version: int
    title: Words
    kind: str
    place_kinds: tuple[str, ...]
    severity: Severity
    life_safety: bool
    greeting: Words
    ask: dict[str, Question]
    say: tuple[Line, ...]
    never_say: tuple[Words, ...]
    closing_words: Words
    not_an_incident: NotAnIncident | None
    quiet_when: Condition | None
    steps: dict[str, Step]
    needs: dict[str, Need]
    after: Aftercare
    texts: dict[str, TextDef]
    correction_key: str
    correction_staff_key: str
    strata: tuple[tuple[str, ...], ...]
    reports_cap: int
