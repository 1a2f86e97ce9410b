"""The texts of a message in every language of the community: rendered from the playbook, but for the slots of the last mile."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from incidents.conductor.case import Case
from notifiers.announcements import Text
from people.places import name_of
from playbooks.texts import DRILL_MARK, LAST_MILE_SLOTS, render, say_value


def texts_of(case: Case, text_key: str, variables: Mapping[str, object], *, name: str | None = None) -> dict[str, Text]:
    """The text `text_key` in each language. `name`, where given, fills the slot {name} now (the person who took an alert)."""
    return {language: _text(case, text_key, variables, language, name) for language in case.community.languages}


def _text(case: Case, text_key: str, variables: Mapping[str, object], language: str, name: str | None) -> Text:
    playbook, zone = case.plan.playbook, ZoneInfo(case.community.zone)
    place = name_of(case.place, language)
    known = {**variables, "place": place, "phone": case.community.desk_phone}
    drill = case.incident.drill
    text = render(playbook, text_key, language, known, drill=drill, zone=zone)
    if name is not None:
        text = text.replace("{name}", name)
    slots = {
        slot: say_value(playbook, slot, known.get(slot), language, zone)
        for slot in playbook.texts[text_key].slots
        if slot not in LAST_MILE_SLOTS
    }
    if name is not None:
        slots["name"] = name
    mark = DRILL_MARK[language] if drill else ""
    return Text(key=text_key, variables=slots, text=text, subject=f"{mark}{playbook.title[language]} · {place}")
