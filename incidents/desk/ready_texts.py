"""Texts that are ready to be sent, so that most people type nothing: those of the incident's playbook, and "nothing new yet"."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from incidents.conductor.words import Voice, texts_by
from incidents.desk.own_words import phrase_by
from notifiers.announcements import Text
from people.places import Place, name_of
from playbooks.engine.advice import text_to_send, variables_now
from playbooks.engine.decide import State
from playbooks.language.model import TellAction, Words
from playbooks.texts import DRILL_MARK
from tocsin.base.texts import say

NOTHING_NEW = "nothing_new"
DEFAULT_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which ready text, as of which instant, with the next news promised within so many minutes. All of it together is one wording: what is
    sent is what was read. `place_id`: whom it is said of where it is not the incident's place."""

    key: str
    at: datetime
    minutes: int = DEFAULT_MINUTES
    place_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReadyText:
    """One ready text; `title` and `texts` by language. `phase`: news to those who were told, a first message, or that it is over."""

    key: str
    title: Words
    phase: Literal["update", "first", "over"]
    texts: Mapping[str, Text]

    @property
    def words(self) -> dict[str, str]:
        """By language, as somebody would type them: a drill's mark is added to whatever is typed."""
        return {language: one.text.removeprefix(DRILL_MARK[language]) for language, one in self.texts.items()}


def ready_texts(voice: Voice, state: State, chosen: Chosen, place: Place | None = None) -> list[ReadyText]:
    """What may be said now: nothing that claims what has not happened. `place`: of whom it is said, where not of the incident's place."""
    spoken = replace(voice, place=place) if place is not None else voice
    found = [_nothing_new(spoken, chosen)]
    for step in voice.playbook.steps.values():
        if not isinstance(step.action, TellAction) or step.action.audience.held_by is not None:
            continue
        over = step.action.phase in ("restore", "all_clear")
        key = text_to_send(voice.playbook, state, step.name, chosen.at)
        if key is not None:
            texts = texts_by(spoken, key, _variables(voice, state, key, chosen))
            found.append(ReadyText(key, step.title, "over" if over else "first", texts))
    return found


def ready_correction(voice: Voice) -> dict[str, str]:
    """By language: what was said does not concern the home."""
    return {
        language: say(language, "incident.ready.correction", title=voice.playbook.title[language], phone=voice.community.desk_phone)
        for language in voice.community.languages
    }


def _variables(voice: Voice, state: State, key: str, chosen: Chosen) -> dict[str, object]:
    known: dict[str, object] = dict(variables_now(voice.playbook, state, key, chosen.at))
    promised = chosen.at + timedelta(minutes=chosen.minutes)
    if "resolved_at" in known and known["resolved_at"] is None:
        known["resolved_at"] = chosen.at.isoformat()
    if "next_by" in known:
        known["next_by"] = promised.isoformat()
    return known


def _nothing_new(voice: Voice, chosen: Chosen) -> ReadyText:
    zone = ZoneInfo(voice.community.zone)
    time = (chosen.at + timedelta(minutes=chosen.minutes)).astimezone(zone).strftime("%H:%M")
    values = {
        language: {
            "place": name_of(voice.place, language), "title": voice.playbook.title[language], "time": time, "phone": voice.community.desk_phone
        }
        for language in voice.community.languages
    }  # fmt: skip
    title = {language: say(language, "incident.ready.nothing_new.title") for language in voice.community.languages}
    return ReadyText(NOTHING_NEW, title, "update", phrase_by(voice, "incident.ready.nothing_new", NOTHING_NEW, values))
