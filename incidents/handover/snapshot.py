"""What a desk has open at an instant, in a form that is kept and can be read and printed later.

Promises belong to the post and not to the person: whoever comes answers for every one of them, so all are in it. Residents' whole names and
numbers are not: the desk shows those to whoever is signed on, and paper and years should not.
"""

from contextlib import suppress
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from incidents.desk.drafts import Draft, open_drafts
from incidents.desk.signing import unsigned
from incidents.plans import kinds
from incidents.views.calls import calls_to_make
from incidents.views.lists import IncidentView, TaskView, incident, open_incidents
from incidents.views.promises import open_call_backs, open_complaints, open_follow_ups
from incidents.views.room import Ladder, Room, room
from incidents.views.standings import homes_standing
from people.errors import PlaceUnknownError
from people.places import get_place
from playbooks.language.model import Severity
from tocsin.base.database import Tx

Words = dict[str, str]
Promise = Literal["call_back", "complaint", "follow_up", "arrival", "news"]
MOST_DIGITS = 19
HOLDS = ("received", "on_the_way", "on_scene", "done")
ON_THEIR_WAY = ("received", "on_the_way")


class _Frozen(BaseModel):
    """Kept as it was: nothing is changed, and what a later version adds has a default."""

    model_config = ConfigDict(frozen=True)


class About(_Frozen):
    """Which incident something belongs to, as people call it."""

    number: int
    title: Words
    place: Words
    drill: bool


class HandedIncident(_Frozen):
    """One incident that is not over. `homes`, `told`, `for_the_door`: homes that its messages concern, were told, and are left for the
    door. `nobody`: steps for which people were alerted and nobody has it. `unsigned`: the desk that declared it, where nobody has signed."""

    about: About
    code: str
    severity: Severity
    status: str
    declared_at: datetime
    holders: tuple[str, ...]
    nobody: tuple[Words, ...]
    reports: int
    homes: int
    told: int
    for_the_door: int
    unsigned: str = ""


class HandedPromise(_Frozen):
    """Something that was promised, to whom (masked where it is a resident) or by whom, and until when."""

    what: Promise
    about: About
    who: str
    due: datetime
    tries: int = 0


class HandedTask(_Frozen):
    """A task of the front desk that waits; `title` is None for a call for help, where `help` says which."""

    about: About
    title: Words | None
    help: str
    place: Words | None
    due: datetime | None


class HandedDraft(_Frozen):
    """A call that broke off and that nobody has decided: when it was taken and by whom, and where it may have been, as it was typed."""

    since: datetime
    taken_by: str
    kind: Words | None
    place: str


class HandedCall(_Frozen):
    """Somebody of our own whom the desk still has to call."""

    about: About
    who: str
    since: datetime


class Handed(_Frozen):
    """All of it."""

    incidents: tuple[HandedIncident, ...]
    promises: tuple[HandedPromise, ...]
    tasks: tuple[HandedTask, ...]
    calls: tuple[HandedCall, ...]
    drafts: tuple[HandedDraft, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.incidents or self.promises or self.tasks or self.calls or self.drafts)


async def what_is_open(tx: Tx) -> Handed:
    """Everything that whoever comes has to know of, read in one transaction; the most pressing first."""
    rooms = [await room(tx, view.summary.id) for view in await open_incidents(tx)]
    missing = {one.incident_id: one.device for one in await unsigned(tx)}
    promises = [*(await _promises_to_callers(tx)), *(promise for one in rooms for promise in _promises_of(one))]
    tasks = [await _task(tx, one, task) for one in rooms for task in one.tasks if _is_ours(task)]
    return Handed(
        incidents=tuple([await _incident(tx, one, missing.get(one.row.id, "")) for one in rooms]),
        promises=tuple(sorted(promises, key=lambda one: one.due)),
        tasks=tuple(sorted(tasks, key=lambda one: (not one.help, one.due is None, one.due))),
        calls=tuple([
            HandedCall(about=_about(one.view), who=call.name, since=call.since)
            for one in rooms for call in await calls_to_make(tx, one.view)
        ]),
        drafts=await _drafts(tx),
    )  # fmt: skip


def _about(view: IncidentView) -> About:
    return About(number=view.summary.number, title=dict(view.title), place=dict(view.place), drill=view.summary.drill)


async def _drafts(tx: Tx) -> tuple[HandedDraft, ...]:
    titles = {one.kind: dict(one.title) for one in await kinds(tx)}
    return tuple([
        HandedDraft(
            since=one.picked_up_at, taken_by=one.taken_by, kind=titles.get(one.typed.get("kind", "")), place=await _place_typed(tx, one)
        )
        for one in await open_drafts(tx)
    ])  # fmt: skip


async def _place_typed(tx: Tx, draft: Draft) -> str:
    """The place that was chosen, by its code; else what was typed."""
    chosen = draft.typed.get("place", "")
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < MOST_DIGITS:
        with suppress(PlaceUnknownError):
            return (await get_place(tx, int(chosen))).code
    return draft.typed.get("q", "")


async def _incident(tx: Tx, shown: Room, device: str) -> HandedIncident:
    homes = await homes_standing(tx, shown.row.id)
    return HandedIncident(
        about=_about(shown.view), code=shown.row.code, severity=shown.row.severity, status=shown.row.status,
        declared_at=shown.row.declared_at, holders=tuple(shown.view.holders),
        nobody=tuple(dict(ladder.title) for ladder in shown.ladders if _nobody_has(ladder)) if shown.row.status == "open" else (),
        reports=len(shown.reports), homes=homes.size, told=homes.confirmed, for_the_door=homes.for_the_door, unsigned=device,
    )  # fmt: skip


def _nobody_has(ladder: Ladder) -> bool:
    return not any(person.answer in HOLDS for person in ladder.people)


def _promises_of(shown: Room) -> list[HandedPromise]:
    """What our own people promised (to be there), and what residents were (to hear more)."""
    about = _about(shown.view)
    latest = {(person.alert_key, person.person_id): person for ladder in shown.ladders for person in ladder.people}
    arrivals = [
        HandedPromise(what="arrival", about=about, who=person.name, due=person.promised_at)
        for person in latest.values() if person.promised_at is not None and person.answer in ON_THEIR_WAY
    ]  # fmt: skip
    news = shown.state.next_news_by or shown.row.next_news_by
    return [*arrivals, *([HandedPromise(what="news", about=about, who="", due=news)] if news and shown.row.status == "open" else [])]


async def _promises_to_callers(tx: Tx) -> list[HandedPromise]:
    backs, complaints, follow_ups = await open_call_backs(tx), await open_complaints(tx), await open_follow_ups(tx)
    concerned = {row.incident_id for row in backs} | {row.incident_id for row in complaints} | {row.incident_id for row in follow_ups}
    about = {one: _about(await incident(tx, one)) for one in sorted(concerned)}
    return [
        *(HandedPromise(what="call_back", about=about[one.incident_id], who=_masked(one.caller_name), due=one.due, tries=one.tries)
          for one in backs),
        *(HandedPromise(what="complaint", about=about[one.incident_id], who=_masked(one.caller_name), due=one.due) for one in complaints),
        *(HandedPromise(what="follow_up", about=about[one.incident_id], who=_masked(one.caller_name), due=one.due, tries=one.tries)
          for one in follow_ups),
    ]  # fmt: skip


def _masked(name: str | None) -> str:
    return f"{name[:1]}*" if name else ""


def _is_ours(task: TaskView) -> bool:
    return task.role == "front_desk" or "help" in task.does


async def _task(tx: Tx, shown: Room, task: TaskView) -> HandedTask:
    step = shown.playbook.steps.get(task.key.partition("#")[0])
    places = [task.does["place"]] if "place" in task.does else list(task.does.get("homes", ()))
    place = await get_place(tx, places[0]) if places else None
    return HandedTask(
        about=_about(shown.view), title=dict(step.title) if step else None, help=str(task.does.get("help", "")),
        place=dict(place.names) if place else None, due=task.due_at,
    )  # fmt: skip
