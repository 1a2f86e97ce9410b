"""A call that was taken and has not become anything yet: what was typed is kept, and asked about, until somebody decides.

A caller who hangs up in mid-sentence is silence, and silence is an event: after ASK_AFTER without a keystroke the desk is asked, after
RED_AFTER it is red. The row stays when it is decided, with who decided what and, where it was discarded, why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from incidents.desk.changes import Desk, add_report
from incidents.desk.reports import Reporter
from incidents.errors import DraftEndedError, DraftUnknownError, ReasonMissingError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

Ending = Literal["declared", "reported", "repaired", "discarded"]

ASK_AFTER = timedelta(seconds=60)
RED_AFTER = timedelta(minutes=3)
CALL_BACK_WITHIN = timedelta(minutes=5)
"""Whoever was cut off is rung at once; so long the desk may take for it."""
CALL_BACK_AGAIN = timedelta(minutes=10)
"""As for a promised call (incidents/desk/call_backs.py)."""
SHOWN_DISCARDED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft that nobody has decided yet; `typed`: field of the declare page → text."""

    id: int
    key: str
    picked_up_at: datetime
    changed_at: datetime
    typed: dict[str, str]
    taken_by: str
    call_back_due: datetime | None
    call_back_tries: int

    @property
    def asks_at(self) -> datetime:
        """When the desk is asked about it: while somebody means to ring back, when that is due."""
        return self.call_back_due or self.changed_at + ASK_AFTER

    @property
    def red_at(self) -> datetime:
        return self.call_back_due or self.changed_at + RED_AFTER


@dataclass(frozen=True, slots=True)
class DiscardedDraft:
    """A draft of which somebody said that it becomes nothing, and why."""

    id: int
    picked_up_at: datetime
    ended_at: datetime
    ended_by: str
    reason: str


async def save_draft(desk: Desk, key: str, picked_up_at: datetime, typed: Mapping[str, str]) -> None:
    """Keep what was typed so far; the same again is no keystroke, and what was decided stays decided."""
    tx = desk.tx
    if await tx.value(SQL.save_draft, tx.community, key, min(picked_up_at, tx.now), tx.now, dict(typed), desk.actor.name) is not None:
        _tell_pages(desk)


async def take_over(desk: Desk, draft_id: int) -> Draft:
    """Somebody goes on with it, which counts as a keystroke; raises DraftUnknownError, DraftEndedError."""
    draft = await _open(desk.tx, draft_id)
    await desk.tx.run(SQL.take_over_draft, desk.tx.community, draft.id, desk.tx.now, desk.actor.name)
    _tell_pages(desk)
    return draft


async def open_drafts(tx: Tx) -> list[Draft]:
    """Every draft that waits for a decision, the oldest first; all of them: none may drop off."""
    return await tx.rows(SQL.open_drafts, Draft, tx.community)


async def draft_of(tx: Tx, key: str) -> Draft | None:
    """The open draft of a page; None where there is none or it was decided."""
    return await tx.maybe(SQL.draft_of, Draft, tx.community, key)


async def is_decided(tx: Tx, key: str) -> bool:
    """Whether the call of this page has become something."""
    return bool(await tx.value(SQL.is_decided, tx.community, key))


async def discarded_drafts(tx: Tx) -> list[DiscardedDraft]:
    """What was discarded within SHOWN_DISCARDED, the newest first."""
    return await tx.rows(SQL.discarded_drafts, DiscardedDraft, tx.community, tx.now - SHOWN_DISCARDED)


async def end_draft(desk: Desk, key: str, ending: Ending, incident_id: int | None = None, picked_up_at: datetime | None = None) -> None:
    """The page's call became something. A row is written also where nothing had been saved: a keystroke that comes late opens nothing."""
    tx = desk.tx
    await tx.run(SQL.end_draft, tx.community, key, picked_up_at or tx.now, tx.now, desk.actor.name, ending, incident_id)
    _tell_pages(desk)


async def discard_draft(desk: Desk, draft_id: int, reason: str) -> None:
    """It becomes nothing, for this reason; raises DraftUnknownError, DraftEndedError, ReasonMissingError."""
    draft = await _open(desk.tx, draft_id)
    if not reason.strip():
        raise ReasonMissingError(field="/reason")
    await desk.tx.run(SQL.discard_draft, desk.tx.community, draft.id, desk.tx.now, desk.actor.name, reason.strip())
    _tell_pages(desk)


async def ring_back(desk: Desk, draft_id: int) -> None:
    """Somebody rings back now: asked again when CALL_BACK_WITHIN is over. Once it was rung, nobody answered: again after CALL_BACK_AGAIN."""
    draft = await _open(desk.tx, draft_id)
    first = draft.call_back_due is None
    due = desk.tx.now + (CALL_BACK_WITHIN if first else CALL_BACK_AGAIN)
    await desk.tx.run(SQL.ring_back_draft, desk.tx.community, draft.id, due, 0 if first else draft.call_back_tries + 1)
    _tell_pages(desk)


async def report_draft(desk: Desk, draft_id: int, incident_id: int, reporter: Reporter) -> None:
    """It is one more call about an open incident; the caller, who was cut off, is promised to be rung.

    Raises DraftUnknownError, DraftEndedError, IncidentUnknownError, IncidentEndedError.
    """
    draft = await _open(desk.tx, draft_id)
    await add_report(desk, incident_id, reporter)
    await end_draft(desk, draft.key, "reported", incident_id)


async def _open(tx: Tx, draft_id: int) -> Draft:
    """The draft, locked: two clerks decide one after the other, and the second is told."""
    if not await tx.value(SQL.lock_draft, tx.community, draft_id):
        raise DraftUnknownError(value=draft_id)
    draft = await tx.maybe(SQL.draft, Draft, tx.community, draft_id)
    if draft is None:
        raise DraftEndedError(value=draft_id)
    return draft


def _tell_pages(desk: Desk) -> None:
    desk.wakeups.after_commit(desk.tx, f"page:{desk.tx.community}")
