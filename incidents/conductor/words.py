"""The texts of a message in every language of the community: rendered from the playbook, but for the slots of the last mile."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from incidents.conductor.case import Case
from notifiers.announcements import Text
from people.communities import Community
from people.places import Place, name_of
from playbooks.language.model import Playbook
from playbooks.texts import DRILL_MARK, LAST_MILE_SLOTS, render, say_value


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks of what: all that words are made with, of an incident that is held or only looked at."""

    community: Community
    playbook: Playbook
    place: Place
    drill: bool


def voice_of(case: Case) -> Voice:
    """The voice of an incident that is held."""
    return Voice(case.community, case.plan.playbook, case.place, case.incident.drill)


def texts_of(case: Case, text_key: str, variables: Mapping[str, object], *, name: str | None = None) -> dict[str, Text]:
    """The text `text_key` in each language. `name`, where given, fills the slot {name} now (the person who took an alert)."""
    return texts_by(voice_of(case), text_key, variables, name=name)


def texts_by(voice: Voice, text_key: str, variables: Mapping[str, object], *, name: str | None = None) -> dict[str, Text]:
    """The same by a voice."""
    return {language: _text(voice, text_key, variables, language, name) for language in voice.community.languages}


def _text(voice: Voice, text_key: str, variables: Mapping[str, object], language: str, name: str | None) -> Text:
    playbook, zone = voice.playbook, ZoneInfo(voice.community.zone)
    place = name_of(voice.place, language)
    known = {**variables, "place": place, "phone": voice.community.desk_phone}
    text = render(playbook, text_key, language, known, drill=voice.drill, zone=zone)
    if name is not None:
        text = text.replace("{name}", name)
    slots = {
        slot: say_value(playbook, slot, known.get(slot), language, zone)
        for slot in playbook.texts[text_key].slots
        if slot not in LAST_MILE_SLOTS
    }
    if name is not None:
        slots["name"] = name
    mark = DRILL_MARK[language] if voice.drill else ""
    return Text(key=text_key, variables=slots, text=text, subject=f"{mark}{playbook.title[language]} · {place}")
