"""Carries out the effects of the engine and writes them on the record. What the directory answers comes back as events."""

from collections.abc import Sequence
from typing import assert_never

from incidents.conductor.aftercare import plan_follow_ups
from incidents.conductor.alerts import Wanted, note_alert, post_alerts, stand_down, taken
from incidents.conductor.broadcasts import broadcast, correct
from incidents.conductor.case import Case
from incidents.conductor.ending import close_case
from incidents.conductor.tasks import cancel_task, open_task, open_tasks_per_place
from playbooks.engine import effects as wanted
from playbooks.engine.events import Event

ButAlert = (
    wanted.Broadcast
    | wanted.Taken
    | wanted.StandDown
    | wanted.Task
    | wanted.TaskCancelled
    | wanted.SeverityTo
    | wanted.OpenChildren
    | wanted.Correction
    | wanted.Note
    | wanted.Red
    | wanted.Closed
    | wanted.NotClosed
)
"""Every effect that is carried out by itself."""


async def carry_out_all(decided: Sequence[tuple[Case, Sequence[wanted.Effect]]]) -> list[list[Event]]:
    """Do what these cases of one transaction decided, their alerts together; for each case the events that follow at once."""
    alerts = [Wanted(case, effect) for case, effects in decided for effect in effects if isinstance(effect, wanted.Alert)]
    posted = iter(await post_alerts(alerts))
    followed: list[list[Event]] = []
    for case, effects in decided:
        events: list[Event] = []
        for effect in effects:
            events += note_alert(next(posted)) if isinstance(effect, wanted.Alert) else await _carry_out(case, effect)
        followed.append(events)
    return followed


async def _carry_out(case: Case, effect: ButAlert) -> list[Event]:
    match effect:
        case wanted.Taken():
            await taken(case, effect)
        case wanted.StandDown():
            await stand_down(case, effect)
        case wanted.Broadcast():
            await broadcast(case, effect)
        case wanted.Correction():
            await correct(case, effect)
        case wanted.Task():
            await open_task(case, effect)
        case wanted.OpenChildren():
            return await open_tasks_per_place(case, effect)
        case wanted.TaskCancelled():
            await cancel_task(case, effect)
        case wanted.SeverityTo():
            case.incident.severity = effect.to
            _record(case, effect)
        case wanted.Red():
            case.red.append(effect.key)
            _record(case, effect)
        case wanted.Note() | wanted.NotClosed():
            _record(case, effect)
        case wanted.Closed():
            _record(case, effect)
            await close_case(case, "closed")
            await plan_follow_ups(case)
        case _:
            assert_never(effect)
    return []


def _record(case: Case, effect: ButAlert) -> None:
    case.ledger.append(case.tx.now, effect.kind, "effect", effect.model_dump(mode="json", exclude={"kind"}))
