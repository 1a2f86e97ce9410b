"""Carries out one effect of the engine and writes it on the record. What the directory answers comes back as events."""

from typing import assert_never

from incidents.conductor.alerts import alert, stand_down, taken
from incidents.conductor.broadcasts import broadcast, correct
from incidents.conductor.case import Case
from incidents.conductor.ending import close_case
from incidents.conductor.tasks import cancel_task, open_task, open_tasks_per_place
from playbooks.engine import effects as wanted
from playbooks.engine.events import Event


async def carry_out(case: Case, effect: wanted.Effect) -> list[Event]:
    """Do what `effect` says; the events that follow at once (nobody on duty, tasks expanded)."""
    match effect:
        case wanted.Alert():
            return await alert(case, effect)
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
        case _:
            assert_never(effect)
    return []


def _record(case: Case, effect: wanted.Effect) -> None:
    case.ledger.append(case.tx.now, effect.kind, "effect", effect.model_dump(mode="json", exclude={"kind"}))
