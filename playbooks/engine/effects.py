"""What the engine wants done. An effect's id is unique in its run and never used again, so that carrying it out twice changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from playbooks.language.model import Audience, Who

Variable = bool | int | str | None
Variables = dict[str, Variable]
"""Frozen values of a text's slots: facts as they are (None: unknown), instants as ISO 8601 UTC. `place` and `phone` are the directory's."""


class EffectModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str


class Alert(EffectModel):
    """Ask these people to come. `ring`: by a phone call. `repeat` counts the times this rung was alerted before."""

    kind: Literal["alert"] = "alert"
    alert: str
    rung: int
    who: tuple[Who, ...]
    repeat: int
    ring: bool
    text_key: str
    variables: Variables
    life_safety: bool
    expires_seconds: int


class Broadcast(EffectModel):
    """Tell residents.

    `night` is send (now), hold (seal, send nothing, wait for a broadcast with `held_by`) or morning (send as it stands when night ends).
    """

    kind: Literal["broadcast"] = "broadcast"
    step: str
    audience: Audience
    text_key: str
    variables: Variables
    night: Literal["send", "hold", "morning"]
    asks_safety: bool
    phase: Literal["first", "update", "restore", "all_clear"]


class Taken(EffectModel):
    """Tell the others of this alert who took it; `{name}` in the text is that person."""

    kind: Literal["taken"] = "taken"
    alert: str
    by_person: int
    promise_due: datetime | None
    text_key: str
    variables: Variables


class StandDown(EffectModel):
    """Tell everybody alerted so far that they need not come."""

    kind: Literal["stand_down"] = "stand_down"
    alert: str
    text_key: str
    variables: Variables


class Task(EffectModel):
    """Work for a role or department. `results` are the codes `task_done` may bring (empty: none asked)."""

    kind: Literal["task"] = "task"
    task: str
    role: str
    text_key: str | None
    call: str | None
    results: tuple[str, ...]
    variables: Variables
    due_at: datetime | None


class TaskCancelled(EffectModel):
    kind: Literal["task_cancelled"] = "task_cancelled"
    task: str


class SeverityTo(EffectModel):
    kind: Literal["severity"] = "severity"
    to: Literal["minor", "urgent", "life_threatening"]


class OpenChildren(EffectModel):
    """One task per place of kind `for_each` under the incident's place, numbered `task/place-id`.

    A result named in `opens` opens a child incident of that kind there.
    """

    kind: Literal["open_children"] = "open_children"
    step: str
    task: str
    for_each: str
    role: str
    text_key: str | None
    results: tuple[str, ...]
    opens: dict[str, str]
    variables: Variables
    due_at: datetime | None


class Correction(EffectModel):
    """It was a false alarm: to everybody told, and to nobody else."""

    kind: Literal["correction"] = "correction"
    text_key: str
    staff_text_key: str
    variables: Variables


class Note(EffectModel):
    kind: Literal["note"] = "note"
    key: str
    variables: Variables = {}


class Red(EffectModel):
    """A human must see this now."""

    kind: Literal["red"] = "red"
    key: str
    variables: Variables = {}


class Closed(EffectModel):
    kind: Literal["closed"] = "closed"


class NotClosed(EffectModel):
    """`lacking`: `resolved`, names of confirmations, `child:…`."""

    kind: Literal["not_closed"] = "not_closed"
    lacking: tuple[str, ...]


Effect = Annotated[
    Alert | Broadcast | Taken | StandDown | Task | TaskCancelled | SeverityTo | OpenChildren | Correction | Note | Red | Closed | NotClosed,
    Field(discriminator="kind"),
]

EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)
"""Reads one effect: `EFFECT.validate_json(text)`."""
