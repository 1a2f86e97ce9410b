"""Says before the button whom it would alert: the real engine's first step, resolved in the directory, with nothing written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from incidents.conductor.duty import Duty
from incidents.desk.declare import check_place, engine_place_kind
from incidents.desk.facts import check_facts
from incidents.plans import plan_for
from people.audiences import ResidentCount, count_residents
from people.communities import get_community, is_night
from people.places import get_place
from playbooks.engine import effects as wanted
from playbooks.engine.advice import never_at, not_an_incident
from playbooks.engine.decide import Opening, start
from playbooks.language.model import AlertAction, Playbook, TellAction, Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class FirstAlert:
    """One person who would be alerted at once; `name` None: nobody is on duty there."""

    step: str
    department: str | None
    tier: str | None
    role: str | None
    person_id: int | None
    name: str | None
    since: datetime | None
    ring: bool


@dataclass(frozen=True, slots=True)
class LaterRung:
    """Who would be next, so many seconds after the button, if nobody answers."""

    step: str
    after_seconds: int
    names: tuple[str, ...]
    department: str | None
    tier: str | None
    role: str | None


@dataclass(frozen=True, slots=True)
class OpenHere:
    """An incident of the same kind that is open at this place or around it."""

    incident_id: int
    number: int
    place_id: int
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class TellsResidents:
    """A step that tells residents while the incident is open: at once with these facts, or when it has a basis."""

    step: str
    at_once: bool


@dataclass(frozen=True, slots=True)
class Foresight:
    """`tellings`: those that leave at once first. `not_an_incident`: the words to say, by language, when these facts make it a repair."""

    alerts: list[FirstAlert]
    later: list[LaterRung]
    tellings: list[TellsResidents]
    residents: ResidentCount
    open_here: list[OpenHere]
    night: bool
    not_an_incident: Words | None


async def foresee(tx: Tx, kind: str, place_id: int, facts: Mapping[str, object]) -> Foresight:
    """What declaring would do; raises as declaring does."""
    plan = await plan_for(tx, kind)
    playbook = plan.playbook
    checked = check_facts(playbook, facts)
    place = await get_place(tx, place_id)
    check_place(plan, place)
    night = is_night(await get_community(tx, tx.community), tx.now)
    opening = Opening(facts=checked, severity=playbook.severity, place_kind=engine_place_kind(place), night=night)
    effects = start(playbook, opening, tx.now).effects
    first = [effect for effect in effects if isinstance(effect, wanted.Alert)]
    duty = Duty(tx)
    words = playbook.not_an_incident.text if playbook.not_an_incident and not_an_incident(playbook, checked) else None
    return Foresight(
        alerts=[alert for effect in first for alert in await _first_alerts(duty, effect)],
        later=[rung for effect in first for rung in await _later_rungs(duty, playbook, effect.alert.partition("#")[0])],
        tellings=_tellings(playbook, opening.place_kind, {one.step for one in effects if isinstance(one, wanted.Broadcast)}),
        residents=await count_residents(tx, place_id),
        open_here=await open_here(tx, kind, place_id),
        night=night,
        not_an_incident=words,
    )


async def open_here(tx: Tx, kind: str, place_id: int) -> list[OpenHere]:
    """Incidents of the kind that are open at this place, within it or around it, the oldest first."""
    return await tx.rows(SQL.open_here, OpenHere, tx.community, kind, place_id)


def _tellings(playbook: Playbook, place_kind: str, at_once: set[str]) -> list[TellsResidents]:
    found = [
        TellsResidents(name, name in at_once)
        for name, step in playbook.steps.items()
        if isinstance(step.action, TellAction) and step.during == "open" and not never_at(place_kind, step.when)
    ]
    return sorted(found, key=lambda one: not one.at_once)


async def _first_alerts(duty: Duty, effect: wanted.Alert) -> list[FirstAlert]:
    step = effect.alert.partition("#")[0]
    found = []
    for who in effect.who:
        people = await duty.people((who,))
        if not people:
            found.append(FirstAlert(step, who.department, who.tier, who.role, None, None, None, effect.ring))
        found.extend(
            FirstAlert(step, who.department, who.tier, who.role, one.person_id, one.name, one.since, effect.ring) for one in people
        )
    return found


async def _later_rungs(duty: Duty, playbook: Playbook, step: str) -> list[LaterRung]:
    action = playbook.steps[step].action
    if not isinstance(action, AlertAction):
        return []
    later, seconds = [], 0.0
    for rung, before in zip(action.rungs[1:], action.rungs, strict=False):
        seconds += before.within.total_seconds() if before.within else 0
        for who in rung.who:
            names = tuple(person.name for person in await duty.people((who,)))
            later.append(LaterRung(step, int(seconds), names, who.department, who.tier, who.role))
    return later
