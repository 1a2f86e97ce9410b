"""What happens to a run. Events hold ids and codes, never names or numbers of people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FactValue = bool | int | str | None
"""None: the caller does not know."""

AnswerWord = Literal["received", "on_the_way", "on_scene", "done", "cannot", "withdrawn"]


class EventModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FactsChanged(EventModel):
    kind: Literal["facts_changed"] = "facts_changed"
    facts: dict[str, FactValue]


class SeverityChanged(EventModel):
    kind: Literal["severity_changed"] = "severity_changed"
    severity: Literal["minor", "urgent", "life_threatening"]


class Answered(EventModel):
    """`alert` is `step#occurrence`; with "cannot", `left` is how many people of that rung were alerted and have not declined."""

    kind: Literal["answered"] = "answered"
    alert: str
    rung: int
    person: int
    answer: AnswerWord
    minutes: int | None = None
    left: int = 0


class NobodyOnDuty(EventModel):
    kind: Literal["nobody_on_duty"] = "nobody_on_duty"
    alert: str
    rung: int


class AllWaysFailed(EventModel):
    kind: Literal["all_ways_failed"] = "all_ways_failed"
    alert: str
    rung: int


class TaskDone(EventModel):
    """`task` is `step#occurrence`, or `step#occurrence/place-id` for one task of a `for_each`."""

    kind: Literal["task_done"] = "task_done"
    task: str
    result: str | None = None


class Expanded(EventModel):
    """The conductor opened `count` tasks for `step` (`step#occurrence` or the step's name)."""

    kind: Literal["expanded"] = "expanded"
    step: str
    count: int


class WasConfirmed(EventModel):
    kind: Literal["confirmed"] = "confirmed"
    name: str


class ConfirmationWithdrawn(EventModel):
    kind: Literal["withdrawn_confirmation"] = "withdrawn_confirmation"
    name: str


class Reported(EventModel):
    """How many different homes have reported by now."""

    kind: Literal["reported"] = "reported"
    homes: int


class UpdateSent(EventModel):
    """Those told were sent news that promises the next by `next_by` (None: no time promised)."""

    kind: Literal["update_sent"] = "update_sent"
    next_by: datetime | None = None


class BroadcastNow(EventModel):
    kind: Literal["broadcast_now"] = "broadcast_now"


class ChildOpened(EventModel):
    kind: Literal["child_opened"] = "child_opened"
    child: str


class ChildClosed(EventModel):
    kind: Literal["child_closed"] = "child_closed"
    child: str


class Resolved(EventModel):
    kind: Literal["resolved"] = "resolved"


class Reopened(EventModel):
    kind: Literal["reopened"] = "reopened"


class CloseRequested(EventModel):
    kind: Literal["close_requested"] = "close_requested"


class Cancelled(EventModel):
    """`corrects` False: another incident goes on in its place, so those told are told nothing."""

    kind: Literal["cancelled"] = "cancelled"
    reason: str = ""
    corrects: bool = True


class NightChanged(EventModel):
    kind: Literal["night_changed"] = "night_changed"
    night: bool


class Tick(EventModel):
    """Time has passed: every deadline at or before `now` fires, as one batch."""

    kind: Literal["tick"] = "tick"


Event = Annotated[
    FactsChanged
    | SeverityChanged
    | Answered
    | NobodyOnDuty
    | AllWaysFailed
    | TaskDone
    | Expanded
    | WasConfirmed
    | ConfirmationWithdrawn
    | Reported
    | UpdateSent
    | BroadcastNow
    | ChildOpened
    | ChildClosed
    | Resolved
    | Reopened
    | CloseRequested
    | Cancelled
    | NightChanged
    | Tick,
    Field(discriminator="kind"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads one event: `EVENT.validate_json(text)`; each event writes itself with `model_dump_json()`."""
