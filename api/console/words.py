"""Words for what the incidents hold as codes: tasks, roles, people on a ladder, what happens next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.console.directory import numbers_of
from incidents.views.lists import IncidentSummary, IncidentView, TaskView
from notifiers.delivery.by_hand import CallToMake
from notifiers.reasons import family, stands_as
from people.communities import Community
from people.outside import number_for
from people.persons import persons
from people.places import get_place, name_of
from people.rosters import Department
from playbooks.engine.decide import State
from playbooks.language.model import ForEachAction, Playbook, TaskAction
from playbooks.texts import LAST_MILE_SLOTS, render
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.texts import has_text, say

SQL = load_queries(__package__)
AT_ONCE = timedelta(minutes=1)
"""Help that a playbook wants called within this comes before everything else."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """In which language, for which community."""

    language: str
    community: Community
    departments: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    def role(self, role: str | None, department: str | None = None, tier: str | None = None) -> str:
        """Whom a playbook means: a department's tier, a department, or a post."""
        if department is not None:
            name = self.departments.get(department, department)
            return self.say(f"console.tier.{tier}", department=name) if tier else name
        if role is None:
            return ""
        if role in self.departments:
            return self.departments[role]
        key = f"console.role.{role}"
        return self.say(key) if has_text(key) else role

    def coded(self, prefix: str, code: str | None) -> str:
        """The word for a code, or the code itself where the catalogue has none."""
        key = f"{prefix}.{code}"
        return "" if code is None else self.say(key) if has_text(key) else code

    def delivery(self, gateway_kind: str | None, state: str) -> str:
        """How a delivery stands, and no better than it does."""
        return self.coded("console.delivery", stands_as(gateway_kind, state))

    def reason(self, code: str | None) -> str:
        """Why somebody was not reached: a gateway's own code behind our word for it."""
        key, meant = f"console.reason.{code}", family(code or "")
        if code is None or has_text(key) or meant is None:
            return self.coded("console.reason", code)
        return f"{self.say(f'console.reason.{meant}')} ({code})"


def speaker(language: str, community: Community, departments: Sequence[Department]) -> Speaker:
    """A speaker that knows the departments' names."""
    names = {one.key: one.names.get(language, one.key) for one in departments}
    return Speaker(language, community, names)


@dataclass(frozen=True, slots=True)
class Choice:
    """A result that ends a task: its code, its word, the key that presses it."""

    code: str
    word: str
    key: str


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task as the desk reads it. `number` is to be dialled; `place` where it is about another place than the incident's.

    `about` and `code` say which incident it belongs to. `comes_first` where help from outside is called within the minute: 119 is dialled
    before our own people are.
    """

    id: int
    incident_number: int
    about: str
    code: str
    drill: bool
    title: str
    words: str
    role: str
    is_desk: bool
    is_help: bool
    comes_first: bool
    number: str
    called: str
    place: str
    due_at: datetime | None
    done_at: datetime | None
    done_by: str
    result: str
    choices: tuple[Choice, ...]


async def show_task(tx: Tx, speak: Speaker, task: TaskView, view: IncidentView, playbook: Playbook) -> ShownTask:
    """The task with its words, its number and its results."""
    step = playbook.steps.get(task.key.partition("#")[0])
    is_help = "help" in task.does
    title = step.title[speak.language] if step else speak.coded("console.task.help", task.does.get("help")) if is_help else ""
    number, called = await _number(tx, speak, task, view)
    places = [task.does["place"]] if "place" in task.does else list(task.does.get("homes", ()))
    names = [name_of(await get_place(tx, place_id), speak.language) for place_id in places]
    names += [speak.say("console.task.help_said_home", home=task.does["said_home"])] if "said_home" in task.does else []
    choices = tuple(
        Choice(code, _result_word(speak, playbook, task, code), str(position))
        for position, code in enumerate(task.does["results"], start=1)
    )
    return ShownTask(
        id=task.id, incident_number=task.number, about=about_words(view, speak.language), code=view.summary.code,
        drill=view.summary.drill, title=title,
        words=await _help_words(tx, speak, task) if is_help else _task_words(speak, task, view, playbook),
        role=speak.role(task.role), is_desk=task.role == "front_desk", is_help=is_help,
        comes_first=_comes_first(task), number=number, called=called,
        place=speak.say("console.comma").join(names), due_at=task.due_at, done_at=task.done_at, done_by=task.done_by or "",
        result="" if task.result is None else _result_word(speak, playbook, task, task.result),
        choices=choices or (Choice("", speak.say("console.task.done"), "1"),),
    )  # fmt: skip


def _comes_first(task: TaskView) -> bool:
    return task.does.get("call") is not None and task.due_at is not None and task.due_at - task.opened_at <= AT_ONCE


async def _number(tx: Tx, speak: Speaker, task: TaskView, view: IncidentView) -> tuple[str, str]:
    if "help" in task.does:
        return await _number_of_home(tx, task)
    call = task.does.get("call")
    if call is None:
        return "", speak.say("console.task.drill_call") if "drill_call" in task.does["variables"] else ""
    found = await number_for(tx, call, view.summary.place_id)
    if found is None:
        return "", speak.say("console.task.no_number")
    return found.number, found.names.get(speak.language, call)


async def _number_of_home(tx: Tx, task: TaskView) -> tuple[str, str]:
    """Whom to call back in a home that asked for help."""
    people = await persons(tx, task.does["persons"])
    numbers = await numbers_of(tx, people)
    for person_id in task.does["persons"]:
        if person_id in numbers:
            return numbers[person_id], people[person_id].name
    return "", ""


async def _help_words(tx: Tx, speak: Speaker, task: TaskView) -> str:
    to_do = speak.say("console.task.help_words")
    if "unverified" in task.does:
        to_do = f"{speak.say('console.task.help_unverified')} {to_do}"
        home = next(iter(task.does["homes"]), None)
        said: str | None = await tx.value(SQL.words_of_self_report, tx.community, task.incident_id, home, task.does.get("said_home"))
    else:
        said = await tx.value(SQL.words_of_help, tx.community, task.incident_id, task.does["persons"])
    return f"{speak.say('console.quote', words=said)} {to_do}" if said else to_do


def _task_words(speak: Speaker, task: TaskView, view: IncidentView, playbook: Playbook) -> str:
    text_key = task.does.get("text_key")
    if text_key is None:
        return ""
    # What is read aloud now says what is known now, not what was known when the task was opened.
    frozen: dict[str, object] = task.does["variables"]
    learnt = {name: value for name, value in view.summary.facts.items() if name in frozen}
    known = {**frozen, **learnt, "place": view.place[speak.language], "phone": speak.community.desk_phone}
    text = render(playbook, text_key, speak.language, known, zone=ZoneInfo(speak.community.zone))
    for slot in LAST_MILE_SLOTS:
        text = text.replace("{" + slot + "}", view.summary.code if slot == "code" else "")
    return text.strip()


def _result_word(speak: Speaker, playbook: Playbook, task: TaskView, code: str) -> str:
    step = playbook.steps.get(task.key.partition("#")[0])
    if step is not None and isinstance(step.action, TaskAction | ForEachAction) and code in step.action.results:
        return step.action.results[code][speak.language]
    return speak.coded("console.task.result", code)


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A phone call that only a person can make, and the incident that it is about."""

    call: CallToMake
    incident_number: int
    about: str
    code: str
    drill: bool


def show_call(speak: Speaker, call: CallToMake, view: IncidentView) -> ShownCall:
    """The call beside what it is about."""
    one = view.summary
    return ShownCall(call, one.number, about_words(view, speak.language), one.code, one.drill)


def next_news(row: IncidentSummary) -> datetime | None:
    """Until when residents were promised to hear again, by a message of the playbook or by the desk."""
    return State.model_validate(row.state).next_news_by if row.status == "open" else None


def without_slots(text: str) -> str:
    """A message's text as it is shown here: what only delivery fills is left out."""
    for slot in LAST_MILE_SLOTS:
        text = text.replace("{" + slot + "}", "")
    return text.strip()


def about_words(view: IncidentView, language: str) -> str:
    """电梯困人 · 3栋2单元1号梯"""
    return f"{view.title[language]} · {view.place[language]}"
