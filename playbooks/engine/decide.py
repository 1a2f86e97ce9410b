"""The engine's door. One event: deadlines that are overdue fire, the event is taken, conditions settle.

A step is a small automaton (waiting, delayed, active, held, done, stood_down) with a set of outcomes that only grows within a round;
other steps touch it through these outcomes alone. All deadlines are absolute instants inside the state, `wake_at` is the earliest.
A human event lets only *earlier* deadlines fire first: at the exact deadline the human wins. A tick fires all that are due as one batch.
Cancelling fires none: whoever cancels must not set off what was overdue.
The state a decision leaves is settled: settling it again changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from playbooks.engine import events as happens
from playbooks.engine.clock import fire
from playbooks.engine.events import Event
from playbooks.engine.facts import known_facts
from playbooks.engine.handlers import confirmations, people, world
from playbooks.engine.lifecycle import cancel, close, reopen, resolve
from playbooks.engine.settle import settle
from playbooks.engine.state import ENGINE_VERSION, STATE_VERSION, Decision, Opening, State, wake_at
from playbooks.engine.working import Working
from playbooks.language.model import Playbook

__all__ = ["ENGINE_VERSION", "Decision", "Opening", "State", "decide", "start", "wake_at"]


def start(playbook: Playbook, opening: Opening, now: datetime) -> Decision:
    """Declare: the first state and the effects of the first instant. `now` is aware; facts that do not fit are refused with a note."""
    state = State(
        state_version=STATE_VERSION,
        engine_version=ENGINE_VERSION,
        playbook=playbook.name,
        playbook_version=playbook.version,
        severity=opening.severity,
        place_kind=opening.place_kind,
        drill=opening.drill,
        night=opening.night,
        began=now,
        clock=now,
    )
    run = Working(playbook, state, now)
    known_facts(run, opening.facts)
    settle(run)
    return run.finish()


def decide(playbook: Playbook, state: State, event: Event, now: datetime) -> Decision:
    """Take one event at `now` (aware; an instant before the run's clock counts as the clock).

    Never raises for an event: one that does not apply becomes a note.
    """
    run = Working(playbook, state, now)
    if state.status in ("closed", "cancelled"):
        if not isinstance(event, happens.Tick):
            run.note("not_applicable", event=event.kind, status=state.status)
        return run.finish()
    if not isinstance(event, happens.Cancelled):
        fire(run, including_now=isinstance(event, happens.Tick))
    _take(run, event)
    if run.status not in ("closed", "cancelled"):
        settle(run)
    return run.finish()


def _take(run: Working, event: Event) -> None:
    match event:
        case happens.FactsChanged() | happens.SeverityChanged() | happens.NightChanged() | happens.BroadcastNow() | happens.Reported():
            world.take(run, event)
        case happens.Answered() | happens.NobodyOnDuty() | happens.AllWaysFailed():
            people.take_answer(run, event)
        case happens.TaskDone() | happens.Expanded() | happens.UpdateSent():
            people.take_work(run, event)
        case happens.WasConfirmed() | happens.ConfirmationWithdrawn() | happens.ChildOpened() | happens.ChildClosed():
            confirmations.take(run, event)
        case happens.Resolved():
            resolve(run)
        case happens.Reopened():
            reopen(run)
        case happens.CloseRequested():
            close(run)
        case happens.Cancelled(reason=reason, corrects=corrects):
            cancel(run, reason, corrects=corrects)
        case happens.Tick():
            pass
        case _:
            assert_never(event)
