"""A playbook as lines that a supervisor can read: what it asks and says, its ladders on the clock, every text, and how it ends. Pure.

The words between come from whoever shows it: `speak("cli.show.alert", …)` gives a phrase in the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, assert_never

from playbooks.engine.ladder import pause
from playbooks.language import conditions as on
from playbooks.language.conditions import Condition
from playbooks.language.durations import UNITS
from playbooks.language.model import (
    AlertAction,
    Audience,
    ExpectAction,
    ForEachAction,
    NewsAction,
    Playbook,
    Question,
    Rung,
    SeverityAction,
    Step,
    TaskAction,
    TellAction,
    Who,
)
from playbooks.longest import longest
from playbooks.texts import segments


class Speak(Protocol):
    """Says a phrase by its key, with its slots filled."""

    def __call__(self, key: str, /, **values: object) -> str: ...


@dataclass(frozen=True)
class Line:
    """One line, so deep within the one above it."""

    depth: int
    words: str


def picture(playbook: Playbook, language: str, speak: Speak) -> list[Line]:
    """The whole playbook in a language that it speaks."""
    reader = _Reader(playbook, language, speak)
    return list(reader.whole())


@dataclass(frozen=True)
class _Reader:
    playbook: Playbook
    language: str
    speak: Speak

    def whole(self) -> Iterator[Line]:
        book = self.playbook
        title, severity = book.title[self.language], self.speak(f"cli.show.severity.{book.severity}")
        places = ", ".join(self.place_kind(kind) for kind in book.place_kinds)
        yield Line(0, self.speak("cli.show.title", title=title, name=book.name, version=book.version, severity=severity, places=places))
        if book.life_safety:
            yield Line(1, self.speak("cli.show.life_safety"))
        yield from self.at_the_desk()
        yield Line(0, self.speak("cli.show.steps"))
        for step in book.steps.values():
            yield from self.step(step)
        yield Line(0, self.speak("cli.show.words"))
        told = {key for step in book.steps.values() for key in self.texts(step)}
        for key in book.texts:
            if key not in told:
                yield from self.text(key, 1)
        yield Line(0, self.speak("cli.show.over"))
        for name, need in book.needs.items():
            by = self.speak("cli.show.or").join(self.role(one) for one in need.by)
            yield Line(1, self.speak("cli.show.need", need=need.title[self.language], name=name, by=by))
        yield from self.afterwards()

    def at_the_desk(self) -> Iterator[Line]:
        book = self.playbook
        yield Line(0, self.speak("cli.show.greeting", words=book.greeting[self.language]))
        yield Line(0, self.speak("cli.show.ask"))
        for question in book.ask.values():
            yield Line(1, f"{question.name}: {question.text[self.language]} {self.answers(question)}".rstrip())
        if book.not_an_incident is not None:
            way_out = book.not_an_incident
            when = self.condition(way_out.when)
            yield Line(1, self.speak("cli.show.not_an_incident", when=when, to=way_out.hand_to, words=way_out.text[self.language]))
        yield Line(0, self.speak("cli.show.say"))
        for line in book.say:
            words = line.text[self.language]
            yield Line(1, words if line.when is None else self.speak("cli.show.when", when=self.condition(line.when), what=words))
        yield Line(0, self.speak("cli.show.never_say", words=" · ".join(words[self.language] for words in book.never_say)))

    def answers(self, question: Question) -> str:
        match question.type:
            case "number":
                return f"({question.minimum}–{question.maximum})"
            case "choice":
                return f"({' / '.join(words[self.language] for words in question.choices.values())})"
            case _:
                return ""

    def step(self, step: Step) -> Iterator[Line]:
        yield Line(1, self.speak("cli.show.step", title=step.title[self.language], name=step.name, start=self.start(step)))
        yield from (Line(2, words) for words in self.action(step))
        if step.within is not None and not isinstance(step.action, AlertAction):
            yield Line(2, self.speak("cli.show.within", length=self.length(step.within)))
        if step.law is not None:
            source = step.law_source[self.language] if step.law_source else ""
            yield Line(2, self.speak("cli.show.law", length=self.length(step.law), source=source))
        if step.every is not None:
            until = self.condition(step.until) if step.until is not None else self.speak("cli.show.the_end")
            yield Line(2, self.speak("cli.show.every", length=self.length(step.every), until=until))
        for key in self.texts(step):
            yield from self.text(key)

    def start(self, step: Step) -> str:
        begins = self.speak(f"cli.show.during.{step.during}")
        if step.when is not None:
            key = "cli.show.start_when" if step.during == "open" else "cli.show.start_then_when"
            begins = self.speak(key, begins=begins, when=self.condition(step.when))
        if step.after is not None:
            begins = self.speak("cli.show.start_after", begins=begins, length=self.length(step.after))
        return begins

    def action(self, step: Step) -> Iterator[str]:
        match step.action:
            case AlertAction() as action:
                yield from self.ladder(action)
            case TaskAction(role=role, call=call, results=results):
                key = "cli.show.task" if call is None else "cli.show.task_call"
                yield self.speak(key, role=self.role(role), call=call or "")
                yield from self.results(results)
            case TellAction(audience=audience, night=night):
                yield self.speak("cli.show.tell", whom=self.audience(audience), night=self.speak(f"cli.show.night.{night}"))
            case ExpectAction(step=other, answer=answer):
                yield self.speak("cli.show.expect", step=self.title(other), answer=self.outcome(other, answer))
            case SeverityAction(to=to):
                yield self.speak("cli.show.severity_to", to=self.speak(f"cli.show.severity.{to}"))
            case ForEachAction(place_kind=kind, role=role, results=results, opens=opens):
                yield self.speak("cli.show.for_each", place=self.place_kind(kind), role=self.role(role))
                yield from self.results(results)
                yield from (
                    self.speak("cli.show.opens", result=results[result][self.language], kind=kind) for result, kind in opens.items()
                )
            case NewsAction(role=role, remind_before=before):
                yield self.speak("cli.show.news", role=self.role(role), length=self.length(before))
            case _:
                assert_never(step.action)

    def ladder(self, action: AlertAction) -> Iterator[str]:
        """Each rung with the time at which silence reaches it."""
        at = timedelta(0)
        for rung in action.rungs:
            yield self.rung(rung, at)
            if rung.ring_after is not None and not rung.ring_first:
                yield self.speak("cli.show.rung_ring", at=clock(at + rung.ring_after), who=self.whom(rung.who))
            at += pause(rung)
        yield self.speak("cli.show.promise", length=self.length(action.promise))

    def rung(self, rung: Rung, at: timedelta) -> str:
        how = self.speak("cli.show.by_telephone" if rung.ring_first else "cli.show.in_writing")
        key = "cli.show.rung" if rung.every is None else "cli.show.last_rung"
        return self.speak(key, at=clock(at), who=self.whom(rung.who), how=how, length=self.length(pause(rung)))

    def results(self, results: dict[str, dict[str, str]]) -> Iterator[str]:
        if results:
            yield self.speak("cli.show.results", results=" / ".join(words[self.language] for words in results.values()))

    def audience(self, audience: Audience) -> str:
        found = []
        if audience.residents_of is not None:
            found.append(self.speak("cli.show.residents_of", place=self.place_kind(audience.residents_of)))
        if audience.homes_served_by is not None:
            found.append(self.speak("cli.show.homes_served_by"))
        if audience.priority:
            found.append(self.speak("cli.show.priority"))
        if audience.reporters:
            found.append(self.speak("cli.show.reporters"))
        if audience.told_by is not None:
            found.append(self.speak("cli.show.told_by", step=self.title(audience.told_by)))
        if audience.held_by is not None:
            found.append(self.speak("cli.show.held_by", step=self.title(audience.held_by)))
        whom = self.speak("cli.show.with").join(found)
        return self.speak("cli.show.except_told", whom=whom) if audience.except_told else whom

    def texts(self, step: Step) -> list[str]:
        """The keys of everything this step may send, each once."""
        keys = [rung.text_key for rung in step.action.rungs] if isinstance(step.action, AlertAction) else []
        keys += [key for key in (step.text_key, *(choice.key for choice in step.text_choices)) if key is not None]
        return list(dict.fromkeys(keys))

    def text(self, key: str, depth: int = 2) -> Iterator[Line]:
        cost = segments(longest(self.playbook, key, self.language))
        yield Line(depth, self.speak("cli.show.text", words=self.playbook.texts[key].by_language[self.language], segments=cost))

    def afterwards(self) -> Iterator[Line]:
        after = self.playbook.after
        if after.call_back is not None:
            yield Line(1, self.speak("cli.show.call_back", length=self.length(after.call_back.within)))
        if after.ask_satisfaction is not None:
            yield Line(1, self.speak("cli.show.satisfaction", length=self.length(after.ask_satisfaction.after)))
        if after.review is not None:
            yield Line(1, self.speak("cli.show.review", length=self.length(after.review.due), by=self.role(after.review.by)))

    def condition(self, condition: Condition | None) -> str:
        """A condition in words."""
        match condition:
            case None:
                return self.speak("cli.show.always")
            case on.FactIs():
                return self.fact(condition)
            case on.StepHas(step=step, outcomes=outcomes):
                said = self.speak("cli.show.or").join(self.outcome(step, one) for one in outcomes)
                return self.speak("cli.show.is", what=self.title(step), value=said)
            case on.Confirmed(need=need):
                return self.speak("cli.show.confirmed", need=self.playbook.needs[need].title[self.language])
            case on.SeverityIs(values=values):
                said = self.speak("cli.show.or").join(self.speak(f"cli.show.severity.{one}") for one in values)
                return self.speak("cli.show.is", what=self.speak("cli.show.severity"), value=said)
            case on.PlaceKindIs(values=values):
                said = self.speak("cli.show.or").join(self.place_kind(one) for one in values)
                return self.speak("cli.show.is", what=self.speak("cli.show.place"), value=said)
            case on.ReportsAtLeast(at_least=homes):
                return self.speak("cli.show.reports", homes=homes)
            case on.Switch(name=name, on=is_on):
                said = self.speak(f"cli.show.switch.{name}")
                return said if is_on else self.speak("cli.show.not", what=said)
            case on.AllOf(of=parts):
                return self.speak("cli.show.and").join(self.within(part) for part in parts)
            case on.AnyOf(of=parts):
                return self.speak("cli.show.or").join(self.within(part) for part in parts)
            case on.Not(of=inner):
                return self.speak("cli.show.not", what=self.within(inner))
            case _:
                assert_never(condition)

    def within(self, condition: Condition) -> str:
        words = self.condition(condition)
        return f"({words})" if isinstance(condition, on.AllOf | on.AnyOf) else words

    def fact(self, fact: on.FactIs) -> str:
        question = self.playbook.ask[fact.fact]
        values = [self.value(question, one) for one in fact.values]
        if fact.at_least is not None:
            values.append(self.speak("cli.show.at_least", number=fact.at_least))
        if fact.at_most is not None:
            values.append(self.speak("cli.show.at_most", number=fact.at_most))
        if fact.known:
            values.append(self.speak("cli.show.known"))
        if fact.unknown:
            values.append(self.speak("cli.show.unknown"))
        return self.speak("cli.show.is", what=_without_mark(question.text[self.language]), value=self.speak("cli.show.or").join(values))

    def value(self, question: Question, value: bool | int | str) -> str:
        if isinstance(value, bool):
            return self.speak("cli.show.yes" if value else "cli.show.no")
        choice = question.choices.get(str(value))
        return choice[self.language] if choice is not None else str(value)

    def outcome(self, step: str, outcome: str) -> str:
        """A result in the playbook's own words, any other outcome in ours."""
        action = self.playbook.steps[step].action
        results = action.results if isinstance(action, TaskAction | ForEachAction) else {}
        return results[outcome][self.language] if outcome in results else self.speak(f"cli.show.outcome.{outcome}")

    def title(self, step: str) -> str:
        known = self.playbook.steps.get(step)
        return self.speak("cli.show.any_message") if known is None else known.title[self.language]

    def whom(self, who: tuple[Who, ...]) -> str:
        return self.speak("cli.show.with").join(self.who(one) for one in who)

    def who(self, who: Who) -> str:
        if who.role is not None:
            return self.role(who.role)
        return self.speak(f"cli.show.tier.{who.tier}", department=self.role(who.department or ""))

    def length(self, length: timedelta) -> str:
        return in_words(length, self.speak)

    def role(self, role: str) -> str:
        """A post or a department; one of a company's own stands as it is written."""
        return self.known("cli.show.role", role)

    def place_kind(self, kind: str) -> str:
        return self.known("cli.show.place_kind", kind)

    def known(self, family: str, name: str) -> str:
        try:
            return self.speak(f"{family}.{name}")
        except KeyError:
            return name


def _without_mark(question: str) -> str:
    """A question as the name of what it asks: without what ends it."""
    return re.sub(r"\W+$", "", question)


def in_words(length: timedelta, speak: Speak) -> str:
    """A length as people say it: 1 h 30 min."""
    rest, parts = int(length.total_seconds()), []
    for unit, size in UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append(speak(f"cli.show.unit.{unit}", number=number))
    return " ".join(parts) or speak("cli.show.unit.s", number=0)


def clock(at: timedelta) -> str:
    """`2:00`, `1:15:00` since the step began."""
    minutes, seconds = divmod(int(at.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
