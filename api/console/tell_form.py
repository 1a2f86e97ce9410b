"""What the page of a message to residents was filled in with, and what that asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from api.console.caller import whole_number
from incidents.conductor.words import Voice
from incidents.desk.ready_texts import DEFAULT_MINUTES, Chosen, ReadyText, ready_texts
from incidents.desk.telling import Night, Telling, Whom
from people.places import Place
from playbooks.engine.decide import State

PLACE = "p_"
LONGEST_MINUTES = 24 * 60
MAY_BE_NAMED = ("community", "building", "unit", "floor")
"""A text names one of these in the incident's place; a home is never named, and a facility's name says nothing to residents."""


@dataclass(frozen=True, slots=True)
class TellForm:
    """The fields as they were sent. `words` by language; `before`: the choice that the words were shown for; `seen`: the figure shown."""

    ready: str
    at: datetime
    minutes: int
    words: Mapping[str, str]
    told: bool
    except_told: bool
    first: bool
    places: tuple[int, ...]
    night: Night | None
    insist: bool
    typed: str
    seen: int
    before: Chosen | None = None
    spoken: Mapping[int, Place] = field(default_factory=dict)

    def chosen(self) -> Chosen:
        """The ready text as it is chosen now."""
        alone = len(self.places) == 1 and not (self.told or self.first)
        place = self.spoken.get(self.places[0]) if alone else None
        return Chosen(self.ready, self.at, self.minutes, place.id if place and place.kind in MAY_BE_NAMED else None)

    def whom(self, incident_place: int) -> Whom:
        """The audience that the chips say."""
        known = [self.spoken[one] for one in self.places if one in self.spoken]
        return Whom(
            residents_of=tuple(one.id for one in known if one.kind not in ("home", "facility")),
            homes_served_by=tuple(one.id for one in known if one.kind == "facility"),
            homes=tuple(one.id for one in known if one.kind == "home"),
            priority_in=(incident_place,) if self.first else (),
            told=self.told,
            except_told=self.except_told,
        )

    def telling(self, incident_place: int, undo_seconds: float = 0) -> Telling:
        """What is asked for."""
        news = self.ready == "" or self.told
        next_by = self.at + timedelta(minutes=self.minutes) if news and self.minutes else None
        return Telling(
            self.whom(incident_place), {name: text for name, text in self.words.items() if text}, self.night, insist=self.insist,
            ready=self.chosen() if self.ready else None, next_by=next_by, undo_seconds=undo_seconds,
        )  # fmt: skip


def read_tell_form(form: Mapping[str, str], languages: list[str], now: datetime) -> TellForm:
    """From what was posted. What makes no sense counts as not said."""
    at = _instant(form.get("at", ""), now)
    places = tuple(int(name.removeprefix(PLACE)) for name in form if name.startswith(PLACE) and name.removeprefix(PLACE).isdecimal())
    was_place = whole_number(form.get("was_place", "")) or None
    was = form.get("was", "")
    return TellForm(
        ready=form.get("ready", "")[:200], at=at, minutes=min(whole_number(form.get("minutes", "")), LONGEST_MINUTES),
        words={language: form.get(f"words_{language}", "")[:500] for language in languages},
        told="told" in form, except_told="except_told" in form, first="first" in form, places=places[:200],
        night=next((one for one in ("send", "morning") if form.get("night") == one), None), insist="insist" in form,
        typed=form.get("q", "")[:80], seen=whole_number(form.get("homes", "") or form.get("seen", "")),
        before=Chosen(was, at, whole_number(form.get("was_minutes", "")), was_place) if was else None,
    )  # fmt: skip


def first_form(now: datetime, *, told: bool, place: int) -> TellForm:
    """Before anything was filled in: news to those who were told, or else a first message to the place."""
    return TellForm(
        ready="", at=now.replace(microsecond=0), minutes=DEFAULT_MINUTES, words={}, told=told, except_told=False, first=False,
        places=() if told else (place,), night=None, insist=False, typed="", seen=0,
    )  # fmt: skip


def follow_choice(form: TellForm, voice: Voice, state: State, offered: list[ReadyText]) -> TellForm:
    """The words follow the chosen text until somebody types others; their own stay as they are."""
    if form.before is not None:
        was = next((one.words for one in ready_texts(voice, state, form.before, _place(form)) if one.key == form.before.key), {})
        if form.before.key == form.ready and not _same(form.words, was):
            return form
        if form.ready == "":
            return replace(form, words={} if _same(form.words, was) else form.words)
    chosen = next((one.words for one in offered if one.key == form.ready), None)
    return form if chosen is None else replace(form, words=chosen)


def _place(form: TellForm) -> Place | None:
    return form.spoken.get(form.before.place_id) if form.before is not None and form.before.place_id is not None else None


def _same(words: Mapping[str, str], others: Mapping[str, str]) -> bool:
    return all(words.get(language, "").split() == text.split() for language, text in others.items())


def _instant(text: str, now: datetime) -> datetime:
    """The instant as of which the ready texts were made; a page that was left open for an hour speaks of now."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now.replace(microsecond=0)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if timedelta(0) <= now - at <= timedelta(hours=1) else now.replace(microsecond=0)
