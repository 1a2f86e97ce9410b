"""The record in words: one line an event, with names where the erasable detail still has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.console.words import Speaker
from incidents.views.lists import EventView
from people.persons import Person, mask
from playbooks.language.model import Playbook
from playbooks.texts import say_answer
from tocsin.base.texts import has_text

HIDDEN = frozenset({"tick", "expanded", "reported", "severity_changed", "close_requested", "night_changed", "task_cancelled"})
"""Either said by another event in the same breath, or only the engine's business."""

TOLD_NOTES = frozenset(
    f"console.event.note.{key}"
    for key in ("declined", "withdrawn", "drill_broadcast", "cancelled", "answer_came_late", "still_not_done", "looks_like_no_incident")
)
"""What the engine notes and a reader of the record wants to know; everything else it notes is for whoever looks into the engine."""

IN_OWN_WORDS = frozenset({"update", "told_by_desk", "message_corrected", "telling_asked"})
"""What the desk wrote to people stands in the detail by language."""

RED = frozenset({"red", "unsigned", "nobody_on_duty", "all_ways_failed", "needs_help", "others_inside", "telling_expired"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record; `late` where it was written down, at `written_at`, after it happened."""

    no: int
    at: datetime
    written_at: datetime
    late: bool
    words: str
    quote: str
    is_red: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What the words are made with."""

    speak: Speaker
    playbook: Playbook
    people: Mapping[int, Person]

    def name(self, person_id: object) -> str:
        person = self.people.get(person_id) if isinstance(person_id, int) else None
        return person.name if person else self.speak.say("console.somebody")

    def step(self, key: object) -> str:
        """The title of a step, from its name or from an id that begins with it."""
        step = self.playbook.steps.get(str(key).partition("#")[0].partition("/")[0])
        return step.title[self.speak.language] if step else str(key or "")


def persons_in(events: Sequence[EventView]) -> list[int]:
    """Everybody whom these events name by id."""
    found: set[int] = set()
    for event in events:
        happened = event.body.get("event", {})
        found.update(one for one in event.body.get("persons", ()) if isinstance(one, int))
        candidates = (happened.get("person"), event.body.get("by_person"), event.body.get("by", {}).get("person"))
        found.update(one for one in candidates if isinstance(one, int))
    return sorted(found)


def read_record(record: Record, events: Sequence[EventView]) -> list[Line]:
    """The lines, newest first."""
    return [_line(record, event) for event in reversed(events) if not _is_hidden(event)]


def _is_hidden(event: EventView) -> bool:
    if event.kind == "note":
        return f"console.event.note.{event.body.get('key')}" not in TOLD_NOTES
    return event.kind in HIDDEN or (event.kind == "taken" and not event.body.get("persons"))


def _line(record: Record, event: EventView) -> Line:
    speak, slots = record.speak, _slots(record, event)
    key = _key(event)
    words = speak.say(key, **slots) if has_text(key) else speak.say("console.event.other", kind=event.kind)
    detail = event.detail or {}
    quote = detail.get("words") or detail.get("reason") or ""
    if event.kind in IN_OWN_WORDS:
        quote = detail.get(speak.language) or next((text for name, text in detail.items() if name != "by_name"), "")
    return Line(event.no, event.happened_at, event.at, event.happened_at < event.at, words, str(quote), event.kind in RED)


def _key(event: EventView) -> str:
    match event.kind:
        case "answered":
            return f"console.event.answered.{event.body['event']['answer']}"
        case "red" | "note":
            key = f"console.event.{event.kind}.{event.body.get('key')}"
            return key if has_text(key) else f"console.event.{event.kind}"
        case "shared_by_hand":
            return f"console.event.shared_by_hand.{event.body['what']}"
        case "needs_help" | "others_inside" if event.body.get("unverified"):
            return f"console.event.{event.kind}.unverified"
        case "alert" if not event.body.get("persons"):
            return "console.event.alert_nobody"
        case "alert" if event.body.get("ring"):
            return "console.event.alert_ring"
        case "broadcast" if event.body.get("night") != "send":
            return "console.event.broadcast_held"
        case _:
            return f"console.event.{event.kind}"


def _by(record: Record, event: EventView) -> object:
    """Who did it: a name, or the desk at which nobody was signed on."""
    name, by = (event.detail or {}).get("by_name"), event.body.get("by", {})
    if by.get("kind") == "device":
        return record.speak.say("console.device.unsigned", device=name or by.get("device"))
    return name or record.name(by.get("person"))


def _slots(record: Record, event: EventView) -> dict[str, object]:
    speak, body, detail = record.speak, event.body, event.detail or {}
    happened = body.get("event", {})
    by = _by(record, event)
    comma = speak.say("console.comma")
    variables = body.get("variables") or {}
    return {
        "by": by,
        "who": record.name(happened.get("person", body.get("by_person", variables.get("person")))),
        "whom": comma.join(record.name(one) for one in body.get("persons", ())),
        "how": speak.coded("console.evidence", body.get("means") or body.get("evidence")),
        "step": record.step(
            body.get("alert") or body.get("task") or body.get("step") or happened.get("alert") or happened.get("task")
            or variables.get("alert") or variables.get("task") or variables.get("step") or body.get("id")
        ),
        "minutes": speak.say("console.event.answer_minutes", minutes=happened["minutes"]) if happened.get("minutes") else "",
        "facts": comma.join(_fact(record, name, value) for name, value in happened.get("facts", {}).items()),
        "severity": speak.coded("console.severity", body.get("to")),
        "result": _result(record, str(happened.get("task", "")), happened.get("result")),
        "need": _need(record, happened.get("name")),
        "source": speak.coded("console.source", body.get("source")),
        "caller": detail.get("name") or mask(str(detail.get("phone") or "")) or speak.say("console.somebody"),
        "count": body.get("responses", body.get("stopped", body.get("deliveries", ""))),
        "homes": body.get("homes", ""),
        "home": body.get("home_code", ""),
        "visit": speak.coded("console.visit", body.get("result")),
        "number": body.get("number", ""),
        "tries": body.get("tries", ""),
        "owner": detail.get("owner", ""),
        "outcome": speak.coded("console.outcome", body.get("outcome")),
    }  # fmt: skip


def _fact(record: Record, name: str, value: object) -> str:
    question = record.playbook.ask.get(name)
    if question is None:
        return name
    language = record.speak.language
    return f"{question.text[language]} {plain_answer(record.speak, question.type, value) or say_answer(question, value, language)}"


def plain_answer(speak: Speaker, kind: str, value: object) -> str:
    """Yes, no, a number, a time, a quotation or unknown as the desk reads them; '' where the question's own words must be asked."""
    if value is None:
        return speak.say("console.unknown")
    if kind == "yes_no":
        return speak.say("console.yes" if value else "console.no")
    return str(value) if kind in ("number", "quoted", "time_of_day") else ""


def _result(record: Record, task: str, result: object) -> str:
    step = record.playbook.steps.get(task.partition("#")[0])
    results = getattr(step.action, "results", {}) if step else {}
    if isinstance(result, str) and result in results:
        return str(results[result][record.speak.language])
    return record.speak.coded("console.task.result", result if isinstance(result, str) else "done")


def _need(record: Record, name: object) -> str:
    need = record.playbook.needs.get(str(name))
    return need.title[record.speak.language] if need else str(name or "")
