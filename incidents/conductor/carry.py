"""Carries out the effects of the engine and writes them on the record. What the directory answers comes back as events."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import assert_never

from incidents.conductor.aftercare import plan_follow_ups
from incidents.conductor.alerts import PostedAlert, Wanted, note_alert, post_alerts, stand_down, taken
from incidents.conductor.broadcasts import News, broadcast_all, correct
from incidents.conductor.case import Case
from incidents.conductor.ending import close_case
from incidents.conductor.tasks import NewTask, add_tasks, cancel_task, open_task, open_tasks_per_place
from playbooks.engine import effects as wanted
from playbooks.engine.events import Event

ByItself = (
    wanted.Taken
    | wanted.StandDown
    | wanted.TaskCancelled
    | wanted.SeverityTo
    | wanted.Correction
    | wanted.Note
    | wanted.Red
    | wanted.Closed
    | wanted.NotClosed
)
"""Every effect that is carried out by itself, in whatever company."""


@dataclass
class _Course:
    """What one case still has to carry out, in order, with its alerts that are posted already; and the events that follow."""

    case: Case
    left: deque[wanted.Effect]
    posted: deque[PostedAlert]
    followed: list[Event] = field(default_factory=list)


async def carry_out_all(decided: Sequence[tuple[Case, Sequence[wanted.Effect]]]) -> list[list[Event]]:
    """Do what these cases of one transaction decided, of each case its effects in their order; for each the events that follow at once.

    It takes as many statements as for one case: alerts are posted together, so are the first news of each case, then the second, and tasks are
    added together.
    """
    courses = await _with_alerts_posted(decided)
    tasks: list[NewTask] = []
    while any(course.left for course in courses):
        found = [await _as_far_as_news(course, tasks) for course in courses]
        await broadcast_all([news for news in found if news is not None])
    if tasks:
        await add_tasks(courses[0].case.tx, tasks)
    return [course.followed for course in courses]


async def _with_alerts_posted(decided: Sequence[tuple[Case, Sequence[wanted.Effect]]]) -> list[_Course]:
    alerts = [[Wanted(case, effect) for effect in effects if isinstance(effect, wanted.Alert)] for case, effects in decided]
    posted = iter(await post_alerts([one for of_case in alerts for one in of_case]))
    return [
        _Course(case, deque(effects), deque(islice(posted, len(of_case)))) for (case, effects), of_case in zip(decided, alerts, strict=True)
    ]


async def _as_far_as_news(course: _Course, tasks: list[NewTask]) -> News | None:
    """Carry out everything before the next news of a case, but for adding its tasks; those news, None where all is done."""
    case = course.case
    while course.left:
        effect = course.left.popleft()
        match effect:
            case wanted.Broadcast():
                return News(case, effect)
            case wanted.Alert():
                course.followed += note_alert(course.posted.popleft())
            case wanted.Task():
                tasks.append(open_task(case, effect))
            case wanted.OpenChildren():
                opened, events = await open_tasks_per_place(case, effect)
                tasks += opened
                course.followed += events
            case _:
                if isinstance(effect, wanted.TaskCancelled | wanted.Closed):  # which end tasks that were opened before
                    await add_tasks(case.tx, tasks)
                    tasks.clear()
                await _carry_out(case, effect)
    return None


async def _carry_out(case: Case, effect: ByItself) -> None:
    match effect:
        case wanted.Taken():
            await taken(case, effect)
        case wanted.StandDown():
            await stand_down(case, effect)
        case wanted.Correction():
            # It holds what it stops, in the order of ids: only a false alarm leads here, and never two incidents' in one transaction.
            await correct(case, effect)
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


def _record(case: Case, effect: ByItself) -> None:
    case.ledger.append(case.tx.now, effect.kind, "effect", effect.model_dump(mode="json", exclude={"kind"}))
