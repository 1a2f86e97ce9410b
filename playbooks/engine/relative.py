"""A run seen from now: what an explorer compares. Two states that are equal here behave alike from here on, but for the numbers in ids."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from playbooks.engine.state import State, StepState

Canonical = tuple[Hashable, ...]


def relative(state: State, now: datetime) -> Canonical:
    """A hashable form with every deadline as seconds from `now`; occurrence, repeat and serial numbers are left out."""
    steps = tuple((name, _step(record, now)) for name, record in sorted(state.steps.items()))
    return (
        state.status,
        state.severity,
        state.place_kind,
        state.drill,
        state.night,
        state.broadcast_now,
        _seconds(state.next_news_by, now),
        tuple(sorted(state.facts.items())),
        state.reports,
        state.confirmed,
        state.children,
        state.told,
        steps,
    )


def _step(record: StepState, now: datetime) -> Canonical:
    return (
        record.phase,
        record.outcomes,
        record.rung,
        tuple((holder.person, _seconds(holder.promise_due, now)) for holder in record.holders),
        tuple(sorted(record.promises.items())),
        record.task_open,
        record.expected,
        tuple(sorted(record.results.items())),
        _seconds(record.start_at, now),
        _seconds(record.due_at, now),
        _seconds(record.ring_at, now),
        _seconds(record.repeat_at, now),
        _seconds(record.remind_at, now),
    )


def _seconds(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (at - now).total_seconds()
