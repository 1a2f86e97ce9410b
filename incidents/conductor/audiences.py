"""Whom a playbook's words mean here and now, and who was told before: for several incidents with as many statements as for one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from incidents.conductor.case import Case
from notifiers.announcements import Audience, HeldBy, Homes, PriorityIn, ResidentsOf, ServedBy, To, ToldBy
from notifiers.delivery.sealing.seals import seal_all_about
from people.places import nearest_of_kinds
from playbooks.language.model import Audience as AudienceWords
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class OfIncident:
    """Something of an incident, by its id: a home that phoned in, or a person who was corrected away."""

    incident_id: int
    id: int


@dataclass(frozen=True, slots=True)
class ToldByStep:
    """A message by which a step of an incident (or any: "all") told residents."""

    incident_id: int
    step: str
    id: int


@dataclass(slots=True)
class _Known:
    """What the directory and the record say, for all words that were asked about."""

    near: dict[tuple[int, str], int] = field(default_factory=dict)
    reporters: dict[int, tuple[int, ...]] = field(default_factory=dict)
    told: dict[tuple[int, str], tuple[int, ...]] = field(default_factory=dict)


async def resolve_audience(case: Case, words: AudienceWords) -> tuple[Audience, ...]:
    """What the playbook's words mean here and now."""
    return (await resolve_audiences([(case, words)]))[0]


async def resolve_audiences(asked: Sequence[tuple[Case, AudienceWords]]) -> list[tuple[Audience, ...]]:
    """The same for cases of one transaction, in their order."""
    if not asked:
        return []
    tx = asked[0][0].tx
    steps = {(case.incident.id, step) for case, words in asked for step in (words.told_by, words.held_by) if step is not None}
    kinds = {(case.place.id, words.residents_of) for case, words in asked if words.residents_of not in (None, "place")}
    known = _Known(
        await nearest_of_kinds(tx, {(place, kind) for place, kind in kinds if kind is not None}),
        await reporting_homes(tx, {case.incident.id for case, words in asked if words.reporters}),
        await told_by_incidents(tx, steps),
    )
    return [_audience(case, words, known) for case, words in asked]


def _audience(case: Case, words: AudienceWords, known: _Known) -> tuple[Audience, ...]:
    audiences: list[Audience] = []
    if words.residents_of is not None:
        audiences.append(ResidentsOf(known.near.get((case.place.id, words.residents_of), case.place.id)))
    if words.homes_served_by is not None:
        audiences.append(ServedBy(case.place.id))
    if words.priority:
        audiences.append(PriorityIn(case.place.id, powered_only=False))
    if words.reporters:
        audiences.append(Homes(known.reporters.get(case.incident.id, ())))
    if words.told_by is not None:
        audiences.append(ToldBy(known.told.get((case.incident.id, words.told_by), ())))
    if words.held_by is not None:
        audiences.append(HeldBy(known.told.get((case.incident.id, words.held_by), ())))
    return tuple(audiences)


async def reporting_homes(tx: Tx, incident_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The homes that have phoned in, by incident; without an incident, where none has."""
    if not incident_ids:
        return {}
    return _by_incident(await tx.rows(SQL.reporting_homes, OfIncident, tx.community, list(incident_ids)))


async def told_messages(case: Case, step: str = "all") -> tuple[int, ...]:
    """The messages by which this incident has told residents; of one step, or of all."""
    return await told_by_incident(case.tx, case.incident.id, step)


async def told_by_incident(tx: Tx, incident_id: int, step: str = "all") -> tuple[int, ...]:
    """The same of an incident that nobody holds; what an incident that became part of it has told counts as well."""
    return (await told_by_incidents(tx, [(incident_id, step)])).get((incident_id, step), ())


async def told_by_incidents(tx: Tx, steps: Collection[tuple[int, str]]) -> dict[tuple[int, str], tuple[int, ...]]:
    """The same of several incidents, each with a step; without those that have told nobody."""
    if not steps:
        return {}
    told = await tx.rows(SQL.told_by_steps, ToldByStep, tx.community, [incident for incident, _ in steps], [step for _, step in steps])
    found: dict[tuple[int, str], tuple[int, ...]] = {}
    for one in told:
        key = (one.incident_id, one.step)
        found[key] = (*found.get(key, ()), one.id)
    return found


async def but_not_those_corrected(tx: Tx, incident_id: int, to: To) -> To:
    """Whoever was told last that it does not concern their home gets nothing that goes to those who were told."""
    return (await but_none_of_those_corrected(tx, [(incident_id, to)]))[0]


async def but_none_of_those_corrected(tx: Tx, news: Sequence[tuple[int, To]]) -> list[To]:
    """The same for news of several incidents, in their order."""
    asked = {incident_id for incident_id, to in news if any(isinstance(audience, ToldBy) for audience in to.audiences)}
    corrected = await _corrected_away(tx, asked)
    if corrected and await seal_all_about(tx, corrected):  # they may have told some of them since
        corrected = await _corrected_away(tx, asked)
    return [
        replace(to, without=(*to.without, *corrected[incident_id]))
        if incident_id in corrected and any(isinstance(audience, ToldBy) for audience in to.audiences)
        else to
        for incident_id, to in news
    ]


async def _corrected_away(tx: Tx, incident_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    if not incident_ids:
        return {}
    return _by_incident(await tx.rows(SQL.corrected_away, OfIncident, tx.community, list(incident_ids)))


def _by_incident(found: Sequence[OfIncident]) -> dict[int, tuple[int, ...]]:
    by_incident: dict[int, list[int]] = {}
    for one in found:
        by_incident.setdefault(one.incident_id, []).append(one.id)
    return {incident_id: tuple(ids) for incident_id, ids in by_incident.items()}
