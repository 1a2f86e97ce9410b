"""A message to residents outside of the playbook: foreseen before the button, confirmed above a threshold, on the record after it.

It is always tied to an incident, so that updates, corrections and the all-clear find those who were told. At night it waits for the
morning, unless lives are at stake or somebody says that it must not.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from incidents.conductor.broadcasts import but_not_those_corrected, post_to_residents, told_by_incident
from incidents.conductor.case import ENDED, Case, open_case, save, set_timer
from incidents.desk.changes import Desk
from incidents.desk.own_words import check_words, marked, own_words
from incidents.errors import AudienceChangedError, AudienceEmptyError, AudienceUnconfirmedError, IncidentEndedError
from incidents.views.lists import playbook_of, summary
from notifiers.announcements import Audience, Homes, PriorityIn, ResidentsOf, ServedBy, To, ToldBy
from notifiers.announcements.forecast import Forecast, forecast
from people.communities import Community, get_community, is_night, night_ends_at
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
CONFIRM_ABOVE_HOMES = 50
"""A message to more homes than this needs the figure that the preview showed: a mistake is then made with open eyes, or not at all."""
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


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told, to whom. `words` by language. `night` None: as the incident's severity says. `asks_safety`: where life is at
    stake neither a missing consent nor an opt-out holds it back. `confirmed_homes`: the figure that the preview showed."""

    whom: Whom
    words: Mapping[str, str]
    night: Night | None = None
    asks_safety: bool = False
    confirmed_homes: int | None = None
    insist: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The message; `no` is its number on the timeline, `held_until` when it leaves where it waits for the morning."""

    message_id: int
    no: int
    size: int
    homes: int
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What telling would do; nothing is written. `must_confirm`: the figure `homes` has to come back with it."""

    forecast: Forecast
    night: bool
    held_until: datetime | None
    must_confirm: bool


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
    playbook = await playbook_of(tx, incident) if incident is not None else None
    if playbook is not None and telling.words:
        check_words(playbook, list(telling.words), telling.words, insist=telling.insist)
    drill = incident.drill if incident is not None else False
    seen = await forecast(
        tx, await _to(tx, incident_id, telling.whom),
        {language: marked(text.strip(), language, drill=drill) for language, text in telling.words.items()},
        languages=community.languages, drill=drill,
        life_safety=telling.asks_safety and playbook is not None and playbook.life_safety,
    )  # fmt: skip
    severity = incident.severity if incident is not None else "minor"
    held_until = _held_until(community, severity, telling.night, tx.now)
    return Foreseen(seen, is_night(community, tx.now), held_until, seen.homes > CONFIRM_ABOVE_HOMES)


async def tell(desk: Desk, incident_id: int, telling: Telling) -> Told:
    """Post it. Raises IncidentUnknownError, IncidentEndedError, TextMissingError, TextNeverSayError, AudienceEmptyError,
    AudienceUnconfirmedError, AudienceChangedError; then nothing was posted."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    check_words(case.plan.playbook, case.community.languages, telling.words, insist=telling.insist)
    held_until = _held_until(case.community, case.incident.severity, telling.night, desk.tx.now)
    to = await _to(desk.tx, incident_id, telling.whom, held=held_until is not None)
    message = await post_to_residents(
        case, effect_key=f"by-desk/{case.ledger.head_no + 1}", to=to, texts=own_words(case, telling.words, "by_desk"),
        asks_safety=telling.asks_safety,
    )  # fmt: skip
    meant = await desk.tx.maybe(SQL.meant_by, Meant, desk.tx.community, message)
    meant = meant or Meant(0, 0)
    _check_confirmed(meant, telling.confirmed_homes)
    no = _record(case, desk, telling, message, meant, held_until)
    if held_until is not None:
        await set_timer(desk.tx, incident_id, f"morning:{message}", held_until)
    await save(case)
    return Told(message, no, meant.members, meant.homes, held_until)


def _check_confirmed(meant: Meant, confirmed: int | None) -> None:
    if meant.members == 0:
        raise AudienceEmptyError(field="/audience")
    if confirmed is None and meant.homes > CONFIRM_ABOVE_HOMES:
        raise AudienceUnconfirmedError(field="/confirmed_homes", homes=meant.homes, limit=CONFIRM_ABOVE_HOMES)
    if confirmed is not None and confirmed != meant.homes:
        raise AudienceChangedError(field="/confirmed_homes", value=confirmed, homes=meant.homes)


def _record(case: Case, desk: Desk, telling: Telling, message: int, meant: Meant, held_until: datetime | None) -> int:
    whom = {name: value for name, value in asdict(telling.whom).items() if value}
    body: dict[str, object] = {
        "audience": whom, "message": message, "members": meant.members, "homes": meant.homes, "by": desk.actor.as_ids(),
        "night": "send" if held_until is None else "morning",
    }  # fmt: skip
    if telling.insist:
        body["insisted"] = True
    return case.ledger.append(desk.tx.now, "told_by_desk", "outside", body, detail={"by_name": desk.actor.name, **telling.words})


def _held_until(community: Community, severity: str, night: Night | None, now: datetime) -> datetime | None:
    """When it leaves, where it waits for the morning."""
    wakes = night == "send" or (night is None and severity == "life_threatening")
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
