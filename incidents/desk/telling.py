"""A message to residents outside of the playbook: foreseen before the button, confirmed above a threshold, on the record after it.

It is always tied to an incident, so that updates, corrections and the all-clear find those who were told. At night it waits for the
morning, unless lives are at stake or somebody says that it must not; callers and those who need help first do not wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from incidents.conductor.advance import Circumstances, happen
from incidents.conductor.audiences import but_not_those_corrected, reporting_homes, told_by_incident
from incidents.conductor.broadcasts import post_to_residents
from incidents.conductor.case import ENDED, Case, open_case, save, set_timer
from incidents.conductor.words import Voice, voice_of
from incidents.desk.changes import Desk
from incidents.desk.own_words import check_words, words_by
from incidents.desk.ready_texts import Chosen, ready_texts
from incidents.errors import (
    AudienceChangedError,
    AudienceEmptyError,
    AudienceUnconfirmedError,
    IncidentEndedError,
    SecondPersonNeededError,
)
from incidents.views.lists import IncidentSummary, playbook_of, summary
from notifiers.announcements import Audience, Homes, PriorityIn, ResidentsOf, ServedBy, Text, To, ToldBy
from notifiers.announcements.forecast import Forecast, audience_of, forecast, forget_forecasts
from people.communities import Community, get_community, is_night, night_ends_at
from people.places import get_place
from playbooks.engine.decide import State
from playbooks.engine.events import UpdateSent
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
CONFIRM_ABOVE_HOMES = 50
"""A message to more homes than this needs the figure that the preview showed: a mistake is then made with open eyes, or not at all."""
UNDO_SECONDS = 5.0
"""So long whoever pressed the button on a page can take it back before anything leaves."""
Night = Literal["send", "morning"]


@dataclass(frozen=True, slots=True)
class Whom:
    """The union of these, each person and home once; all are ids of places. `told`: whom this incident has told already.

    `except_told`: but not them.
    """

    residents_of: tuple[int, ...] = ()
    homes_served_by: tuple[int, ...] = ()
    priority_in: tuple[int, ...] = ()
    homes: tuple[int, ...] = ()
    told: bool = False
    except_told: bool = False

    @property
    def is_nobody(self) -> bool:
        """Whether no audience is named."""
        return not (self.told or self.residents_of or self.homes_served_by or self.priority_in or self.homes)

    @property
    def only_told(self) -> bool:
        """Whether nobody is meant but those who were told: news, that is."""
        return self.told and not (self.residents_of or self.homes_served_by or self.priority_in or self.homes)


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told, to whom. `words` by language. `night` None: as the incident's severity says. `asks_safety`: where life is at
    stake neither a missing consent nor an opt-out holds it back. `confirmed_homes`: the figure that the preview showed.

    `ready`: the words are this ready text's, and leave under its key while they are. `next_by`: by when they promise news. `undo_seconds` of
    machine time in which nothing leaves; where life is at stake nothing waits. `approved`: a second person has seen it.
    """

    whom: Whom
    words: Mapping[str, str]
    night: Night | None = None
    asks_safety: bool = False
    confirmed_homes: int | None = None
    insist: bool = False
    ready: Chosen | None = None
    next_by: datetime | None = None
    undo_seconds: float = 0
    approved: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The message; `no` is its number on the timeline, `held_until` when it leaves where it waits for the morning. `at_once`: the message to
    those who do not wait, where there are such."""

    message_id: int
    no: int
    size: int
    homes: int
    held_until: datetime | None
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What telling would do; nothing is written. `must_confirm`: the figure `homes` has to come back with it. `homes_at_once`: of those that
    a night holds, so many are told all the same. `second_person`: somebody else has to approve it. `texts` as they would leave."""

    forecast: Forecast
    night: bool
    held_until: datetime | None
    must_confirm: bool
    homes_at_once: int
    second_person: bool
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a sealed message is for, those left out as told before not counted."""

    homes: int
    members: int


async def foresee_telling(tx: Tx, incident_id: int | None, telling: Telling) -> Foreseen:
    """Say whom it would reach, how, at what cost, and by when; the texts may still be missing. Raises IncidentUnknownError,
    IncidentEndedError, TextNeverSayError."""
    incident = await summary(tx, incident_id) if incident_id is not None else None
    community = await get_community(tx, tx.community)
    if incident is not None and incident.status in ENDED:
        raise IncidentEndedError(number=incident.number, status=incident.status)
    voice = await voice_of_incident(tx, incident, community) if incident is not None else None
    if voice is not None and telling.words:
        check_words(voice.playbook, list(telling.words), telling.words, insist=telling.insist)
    texts = await _texts(tx, voice, incident, telling)
    plain = {language: one.text for language, one in texts.items()} or {key: text.strip() for key, text in telling.words.items()}
    to = await _to(tx, incident_id, telling.whom)
    seen = await forecast(
        tx, to, plain, languages=community.languages, drill=voice is not None and voice.drill,
        life_safety=telling.asks_safety and voice is not None and voice.playbook.life_safety,
    )  # fmt: skip
    severity = incident.severity if incident is not None else "minor"
    held_until = _held_until(community, severity, telling, tx.now)
    at_once = await _homes_at_once(tx, incident_id, to) if held_until is not None else ()
    second = needs_second_person(community, severity, telling.whom, seen.homes)
    return Foreseen(seen, is_night(community, tx.now), held_until, seen.homes > CONFIRM_ABOVE_HOMES, len(at_once), second, texts)


async def voice_of_incident(tx: Tx, incident: IncidentSummary, community: Community) -> Voice:
    """The voice of an incident that is only looked at."""
    return Voice(community, await playbook_of(tx, incident), await get_place(tx, incident.place_id), incident.drill)


def needs_second_person(community: Community, severity: str, whom: Whom, homes: int) -> bool:
    """Whether somebody else has to approve it: never where lives are at stake, nor news to those who were told. Pure."""
    return severity != "life_threatening" and not whom.only_told and homes > community.second_person_above_homes


async def tell(desk: Desk, incident_id: int, telling: Telling) -> Told:
    """Post it. Raises IncidentUnknownError, IncidentEndedError, TextMissingError, TextNeverSayError, AudienceEmptyError,
    AudienceUnconfirmedError, AudienceChangedError, SecondPersonNeededError; then nothing was posted."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    check_words(case.plan.playbook, case.community.languages, telling.words, insist=telling.insist)
    held_until = _held_until(case.community, case.incident.severity, telling, desk.tx.now)
    texts = await _texts(desk.tx, voice_of(case), await summary(desk.tx, incident_id), telling)
    to = await _to(desk.tx, incident_id, telling.whom, held=held_until is not None)
    messages = await _post(case, telling, to, texts)
    meant = await _meant(desk.tx, messages)
    _check_confirmed(case, telling, meant)
    no = _record(case, desk, telling, messages, meant, held_until)
    if telling.whom.only_told:
        await happen(case, UpdateSent(next_by=telling.next_by), Circumstances(actor=desk.actor, more={"message": messages[-1]}))
        case.incident.next_news_by = telling.next_by
    if held_until is not None:
        await set_timer(desk.tx, incident_id, f"morning:{messages[-1]}", held_until)
    await save(case)
    return Told(messages[-1], no, meant.members, meant.homes, held_until, messages[0] if len(messages) > 1 else None)


async def _post(case: Case, telling: Telling, to: To, texts: dict[str, Text]) -> list[int]:
    """The message, and before it, where it waits for the morning, the one to those who do not wait."""
    undo = 0 if case.incident.severity == "life_threatening" else telling.undo_seconds
    key = f"by-desk/{case.ledger.head_no + 1}"
    first: list[int] = []
    at_once = await _homes_at_once(case.tx, case.incident.id, to) if to.held else ()
    if at_once:
        now = replace(to, audience=(Homes(at_once),), held=False)
        first = [
            await post_to_residents(
                case, effect_key=f"{key}/at-once", to=now, texts=texts, asks_safety=telling.asks_safety, undo_seconds=undo
            )
        ]
        to = replace(to, but_not_told_by=(*to.but_not_told_by, *first))
        if not telling.whom.told:
            # Home by home: whom nothing reached now is on the list for the door, and not among those who wait.
            homes = {home for home in (await audience_of(case.tx, to)).home_ids if home is not None}
            to = replace(to, audience=(Homes(tuple(sorted(homes.difference(at_once)))),))
    rest = await post_to_residents(case, effect_key=key, to=to, texts=texts, asks_safety=telling.asks_safety, undo_seconds=undo)
    return [*first, rest]


async def _homes_at_once(tx: Tx, incident_id: int | None, to: To) -> tuple[int, ...]:
    """Of the homes meant, those that a night does not hold: who called about it, and who needs help first."""
    if incident_id is None:
        return ()
    homes = {home for _, home in (await audience_of(tx, to)).told_at_home() if home is not None}
    called = (await reporting_homes(tx, [incident_id])).get(incident_id, ())
    first = await tx.column(SQL.homes_that_need_help_first, tx.community, sorted(homes), tx.now)
    return tuple(sorted(homes & {*called, *first}))


async def _meant(tx: Tx, messages: Sequence[int]) -> Meant:
    return await tx.maybe(SQL.meant_by, Meant, tx.community, list(messages)) or Meant(0, 0)


def _check_confirmed(case: Case, telling: Telling, meant: Meant) -> None:
    confirmed = telling.confirmed_homes
    if meant.members == 0:
        raise AudienceEmptyError(field="/audience")
    if confirmed is None and meant.homes > CONFIRM_ABOVE_HOMES:
        raise AudienceUnconfirmedError(field="/confirmed_homes", homes=meant.homes, limit=CONFIRM_ABOVE_HOMES)
    if confirmed is not None and confirmed != meant.homes:
        forget_forecasts(case.tx)
        raise AudienceChangedError(field="/confirmed_homes", value=confirmed, homes=meant.homes)
    if not telling.approved and needs_second_person(case.community, case.incident.severity, telling.whom, meant.homes):
        raise SecondPersonNeededError(homes=meant.homes, limit=case.community.second_person_above_homes)


def _record(case: Case, desk: Desk, telling: Telling, messages: list[int], meant: Meant, held_until: datetime | None) -> int:
    whom = {name: value for name, value in asdict(telling.whom).items() if value}
    body: dict[str, object] = {
        "audience": whom, "message": messages[-1], "members": meant.members, "homes": meant.homes, "by": desk.actor.as_ids(),
        "night": "send" if held_until is None else "morning",
    }  # fmt: skip
    if len(messages) > 1:
        body["at_once"] = messages[0]
    if telling.insist:
        body["insisted"] = True
    return case.ledger.append(desk.tx.now, "told_by_desk", "outside", body, detail={"by_name": desk.actor.name, **telling.words})


async def _texts(tx: Tx, voice: Voice | None, incident: IncidentSummary | None, telling: Telling) -> dict[str, Text]:
    """The texts as they leave: a ready text under its own key while the words are still its own, else somebody's own words."""
    if voice is None or incident is None:
        return {}
    if telling.ready is not None:
        place = await get_place(tx, telling.ready.place_id) if telling.ready.place_id is not None else None
        for one in ready_texts(voice, State.model_validate(incident.state), telling.ready, place):
            if one.key == telling.ready.key and all(_same(telling.words.get(name, ""), text) for name, text in one.words.items()):
                return dict(one.texts)
    return words_by(voice, telling.words, "by_desk")


def _same(typed: str, text: str) -> bool:
    """A text field gives line ends and spaces of its own."""
    return typed.split() == text.split()


def _held_until(community: Community, severity: str, telling: Telling, now: datetime) -> datetime | None:
    """When it leaves, where it waits for the morning. Whoever was told at night was promised news, and is awake."""
    wakes = telling.night == "send" or (telling.night is None and (severity == "life_threatening" or telling.whom.only_told))
    return None if wakes or not is_night(community, now) else night_ends_at(community, now)


async def _to(tx: Tx, incident_id: int | None, whom: Whom, *, held: bool = False) -> To:
    told = await told_by_incident(tx, incident_id) if incident_id is not None else ()
    audiences: list[Audience] = [
        *(ResidentsOf(place) for place in whom.residents_of),
        *(ServedBy(place) for place in whom.homes_served_by),
        *(PriorityIn(place, powered_only=False) for place in whom.priority_in),
    ]
    if whom.homes:
        audiences.append(Homes(whom.homes))
    if whom.told:
        audiences.append(ToldBy(told))
    to = To(tuple(audiences), but_not_told_by=told if whom.except_told else (), held=held)
    return await but_not_those_corrected(tx, incident_id, to) if incident_id is not None else to
