"""What residents were told about an incident, message by message: how far each has come, and what may be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notifiers.announcements.progress import Progress, progress
from notifiers.delivery.pausing import PausedWhy
from notifiers.delivery.sealing.seals import seal_all_about
from playbooks.language.model import Words
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
MOST = 30
NOTHING_LEFT = Progress(0, 0, 0)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One message. The seven places are of persons at home and sum to `size`; `homes` it concerns, of which `told_homes` were told or may have
    been and `held_homes` wait for the morning, at `morning_at`; all are 0 until it is `counted`. `unsealable`: that failed, and nobody has been
    told. `leaves_at` is machine time, all others story time."""

    id: int
    effect_key: str
    is_correction: bool
    posted_at: datetime
    expires_at: datetime
    stopped_at: datetime | None
    paused_at: datetime | None
    paused_why: PausedWhy | None
    leaves_at: datetime | None
    counted: bool
    unsealable: bool
    size: int
    confirmed: int
    handed_over: int
    trying: int
    unknown: int
    unreachable: int
    opted_out: int
    excluded: int
    homes: int
    told_homes: int
    held_homes: int
    morning_at: datetime | None
    texts: Words


@dataclass(frozen=True, slots=True)
class BoardMessage:
    """A message with how much of it waits."""

    row: BoardRow
    left: Progress

    @property
    def state(self) -> Literal["counting", "not_sent", "stopped", "paused", "held", "undo", "sending", "sent"]:
        """What it is doing now."""
        if self.row.stopped_at is not None:
            return "stopped"
        if not self.row.counted:
            return "not_sent" if self.row.unsealable else "counting"
        if self.row.paused_at is not None and self.left.waiting:
            return "paused"
        if self.left.undo_seconds > 0:
            return "undo"
        if self.left.waiting:
            return "sending"
        return "held" if self.row.morning_at is not None and self.row.held_homes else "sent"


@dataclass(frozen=True, slots=True)
class Announced:
    """A message that something led to: to whom (homes of residents, persons of all), and what it says. `unsealable`: nobody can say to whom."""

    id: int
    audience: Literal["staff", "residents"]
    is_correction: bool
    kind: str
    homes: int
    persons: int
    held_homes: int
    unsealable: bool
    texts: Words


async def message_board(tx: Tx, incident_id: int) -> list[BoardMessage]:
    """The last thirty messages to residents, the newest first."""
    rows = await tx.rows(SQL.board_of_messages, BoardRow, tx.community, incident_id, MOST)
    left = await progress(tx, [row.id for row in rows])
    return [BoardMessage(row, left.get(row.id, NOTHING_LEFT)) for row in rows]


async def newest_message(tx: Tx, incident_ids: Sequence[int]) -> int:
    """The last message about these incidents; 0 where there is none."""
    return int(await tx.value(SQL.newest_message, tx.community, list(incident_ids)))


async def announced_since(tx: Tx, incident_ids: Sequence[int], message_id: int) -> list[Announced]:
    """What was announced about these incidents behind that message, with whom it is for: what was left to be sealed later is sealed now."""
    await seal_all_about(tx, incident_ids)
    return await tx.rows(SQL.announced_since, Announced, tx.community, list(incident_ids), message_id)


async def deliveries_waiting(tx: Tx, incident_ids: Sequence[int], message_id: int) -> int:
    """How many deliveries to residents have not left, of messages up to that one."""
    return int(await tx.value(SQL.deliveries_waiting, tx.community, list(incident_ids), message_id))
