"""The alert automaton: a ladder that climbs in silence, waits while somebody holds it, and never gives up on its last rung."""

from __future__ import annotations

from datetime import datetime, timedelta

from playbooks.engine import effects as does
from playbooks.engine.events import Answered
from playbooks.engine.state import Holder, StepState
from playbooks.engine.working import Working, instant
from playbooks.language.model import AlertAction, Rung, Step

PROMISES_PER_PERSON = 2
"""A promise may be given and renewed once; after that only being there stops the ladder. Without a limit silence has no bound."""


def begin(run: Working, step: Step, action: AlertAction) -> None:
    """Alert the first rung of a new occurrence."""
    run.change(step.name, phase="active", rung=0, repeat=0, holders=(), promises={})
    _alert(run, step, action, ring=action.rungs[0].ring_first)


def climb(run: Working, step: Step, action: AlertAction) -> None:
    """Alert the next rung now, or the last one again."""
    record = run.step(step.name)
    rung = record.rung or 0
    last = len(action.rungs) - 1
    if rung < last:
        run.change(step.name, phase="active", rung=rung + 1, repeat=0)
        if rung + 1 == last:
            run.red("last_rung", alert=run.identity(step))
    else:
        run.change(step.name, phase="active", repeat=record.repeat + 1)
    _alert(run, step, action, ring=action.rungs[min(rung + 1, last)].ring_first)


def ring(run: Working, step: Step, action: AlertAction) -> None:
    """The rung was written to and stayed silent: call it."""
    run.change(step.name, ring_at=None)
    run.emit(_effect(run, step, action, ring=True, suffix="/ring"))


def _alert(run: Working, step: Step, action: AlertAction, *, ring: bool) -> None:
    record = run.step(step.name)
    rung = action.rungs[record.rung or 0]
    run.change(
        step.name,
        due_at=run.now + pause(rung),
        ring_at=run.now + rung.ring_after if rung.ring_after and not ring else None,
    )
    run.told.add(step.name)
    run.emit(_effect(run, step, action, ring=ring, suffix=""))


def _effect(run: Working, step: Step, action: AlertAction, *, ring: bool, suffix: str) -> does.Alert:
    record = run.step(step.name)
    number = record.rung or 0
    rung = action.rungs[number]
    again = f"/again-{record.repeat}" if record.repeat else ""
    return does.Alert(
        id=f"{run.identity(step)}/{number}{again}{suffix}",
        alert=run.identity(step),
        rung=number,
        who=rung.who,
        repeat=record.repeat,
        ring=ring,
        text_key=rung.text_key,
        variables=run.variables(rung.text_key),
        life_safety=run.playbook.life_safety,
        expires_seconds=int(pause(rung).total_seconds()),
    )


def pause(rung: Rung) -> timedelta:
    """How long this rung is waited for: `within`, or on the last one `every`. The loader guarantees that one of the two is there."""
    length = rung.within if rung.within is not None else rung.every
    if length is None:
        raise ValueError("a rung without within and every got past the loader")
    return length


def answer(run: Working, step: Step, action: AlertAction, event: Answered) -> None:
    """Take one person's answer to a ladder that is out (active or held)."""
    match event.answer:
        case "received" | "on_the_way" | "on_scene":
            _take(run, step, action, event)
        case "done":
            _finish(run, step, action, event)
        case "cannot":
            run.happened(step.name, "declined")
            run.note("declined", alert=event.alert, person=event.person, rung=event.rung)
            _give_back(run, step, action, event)
        case "withdrawn":
            run.note("withdrawn", alert=event.alert, person=event.person, rung=event.rung)
            _give_back(run, step, action, event)


def _take(run: Working, step: Step, action: AlertAction, event: Answered) -> None:
    record = run.step(step.name)
    outcome = {"received": (), "on_the_way": ("on_the_way",), "on_scene": ("on_scene",)}[event.answer]
    run.happened(step.name, "acknowledged", *outcome)
    held = next((holder for holder in record.holders if holder.person == event.person), None)
    if event.answer == "on_scene":
        due, given = None, record.promises.get(event.person, 0)
    elif held is not None and held.promise_due is None:
        run.note("already_there", alert=event.alert, person=event.person)
        return
    else:
        due, given = _promise(run, action, event, record)
        if due is None:
            run.note("promise_not_renewed", alert=event.alert, person=event.person)
            return
    others = tuple(holder for holder in record.holders if holder.person != event.person)
    holders = tuple(sorted((*others, Holder(person=event.person, promise_due=due)), key=lambda holder: holder.person))
    run.change(step.name, phase="held", holders=holders, promises={**record.promises, event.person: given}, due_at=None, ring_at=None)
    if record.holders:
        run.note("answered", alert=event.alert, person=event.person, answer=event.answer, promise_due=instant(due))
    else:
        _tell_taken(run, step, action, event.person, due)


def _promise(run: Working, action: AlertAction, event: Answered, record: StepState) -> tuple[datetime | None, int]:
    """When the promise falls due and how many this person has given; (None, …) once there is none left to give."""
    given = record.promises.get(event.person, 0)
    length = action.promise
    if event.minutes is not None and 0 <= event.minutes * 60 < length.total_seconds():
        length = timedelta(minutes=event.minutes)
    due = run.now + length
    held = next((holder.promise_due for holder in record.holders if holder.person == event.person), None)
    if held is not None and due <= held:
        return due, given
    return (due, given + 1) if given < PROMISES_PER_PERSON else (None, given)


def _tell_taken(run: Working, step: Step, action: AlertAction, person: int, due: datetime | None) -> None:
    run.emit(
        does.Taken(
            id=run.next_id(f"{run.identity(step)}/taken"),
            alert=run.identity(step),
            by_person=person,
            promise_due=due,
            text_key=action.taken_key,
            variables=run.variables(action.taken_key),
        )
    )


def _finish(run: Working, step: Step, action: AlertAction, event: Answered) -> None:
    taken_before = bool(run.step(step.name).holders)
    run.happened(step.name, "acknowledged", "on_scene", "done")
    run.change(step.name, phase="done", holders=(), due_at=None, ring_at=None)
    if not taken_before:
        _tell_taken(run, step, action, event.person, None)


def _give_back(run: Working, step: Step, action: AlertAction, event: Answered) -> None:
    record = run.step(step.name)
    was_holder = any(holder.person == event.person for holder in record.holders)
    left = tuple(holder for holder in record.holders if holder.person != event.person)
    run.change(step.name, holders=left)
    if left:
        return
    last = record.rung == len(action.rungs) - 1
    rung_is_empty = event.rung == record.rung and event.left <= 0 and not last
    if was_holder or (record.phase == "active" and rung_is_empty):
        climb(run, step, action)


def early_silence(run: Working, step: Step, action: AlertAction, *, rung: int, key: str) -> None:
    """Nobody on duty, or every way to them failed: the next rung at once. The last waits its own time, else it would turn in circles."""
    record = run.step(step.name)
    run.red(key, alert=run.identity(step), rung=rung)
    if record.phase != "active" or record.rung != rung:
        return
    run.happened(step.name, "silent")
    if rung < len(action.rungs) - 1:
        climb(run, step, action)


def lapse(run: Working, step: Step) -> bool:
    """Drop holders whose promise is due; True if that leaves nobody, so that the ladder has to go on."""
    record = run.step(step.name)
    late = [holder for holder in record.holders if holder.promise_due is not None and holder.promise_due <= run.now]
    if not late:
        return False
    run.happened(step.name, "overdue")
    for holder in late:
        run.red("promise_lapsed", alert=run.identity(step), person=holder.person)
    left = tuple(holder for holder in record.holders if holder not in late)
    run.change(step.name, holders=left)
    return not left
