"""Handovers of the desk's shift: what was open, and who signed for it. Whoever is logged in signs as themselves; a token is nobody."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.fields import Body, Shown
from api.route import Call
from api.v1.changes import Empty
from api.v1.shapes import Id, Page
from incidents.handover.signing import LONGEST_NOTES, HandoverRow, How, Signer, hand_over, handover, handovers, sign_handover


class HandoverBody(Body):
    """What goes with the snapshot: keys, cars, what was lent."""

    notes: Annotated[str, Field(max_length=LONGEST_NOTES)] = ""


class SignatureShown(Shown):
    """Who signed, when, and how they said who they are."""

    name: str
    at: datetime
    how: How


class HandoverShown(Shown):
    """A handover; `comes` is null until whoever comes has signed."""

    id: Id
    goes: SignatureShown
    comes: SignatureShown | None
    notes: str
    device: str = Field(description="The desk at which it was handed on, empty elsewhere")


class HandoverWhole(HandoverShown):
    """A handover with all that was open then; residents' names are masked in it."""

    handed: dict[str, Any] = Field(description="Incidents, promises, tasks and calls as they were when whoever went signed")


class HandoverList(Shown):
    """A page of handovers, the newest first."""

    items: list[HandoverShown]
    next: str | None


async def list_handovers(call: Call, query: Page) -> HandoverList:
    """List the handovers of the desk's shift, the newest first."""
    before = read_cursor(query.after, 1)[0] if query.after else None
    rows = await handovers(call.tx, before=before, limit=query.limit + 1)
    shown = rows[: query.limit]
    return HandoverList(items=[_show(one) for one in shown], next=make_cursor(shown[-1].id) if len(rows) > query.limit else None)


async def get_handover(call: Call) -> HandoverWhole:
    """Get a handover with all that was open then."""
    return _whole(await handover(call.tx, call.id_of("handover")))


async def hand_shift_over(call: Call, body: HandoverBody) -> HandoverWhole:
    """Freeze what is open and sign it as whoever goes; the other signature is added by whoever comes."""
    handover_id = await hand_over(call.tx, call.context.wakeups, _signer(call), None, body.notes)
    return _whole(await handover(call.tx, handover_id))


async def take_shift_over(call: Call, body: Empty) -> HandoverWhole:
    """Sign a handover as whoever comes."""
    handover_id = call.id_of("handover")
    await sign_handover(call.tx, call.context.wakeups, handover_id, _signer(call))
    return _whole(await handover(call.tx, handover_id))


def _signer(call: Call) -> Signer:
    session = call.caller.session
    return Signer(session.account_id if session else None, call.caller.actor.name, "pin" if session and session.by_pin else "session")


def _show(row: HandoverRow) -> HandoverShown:
    return HandoverShown(**_common(row))


def _whole(row: HandoverRow) -> HandoverWhole:
    return HandoverWhole(**_common(row), handed=row.snapshot)


def _common(row: HandoverRow) -> dict[str, Any]:
    comes = SignatureShown(name=row.come_name or "", at=row.come_at, how=row.come_how) if row.come_at and row.come_how else None
    return {
        "id": str(row.id), "goes": SignatureShown(name=row.gone_name, at=row.gone_at, how=row.gone_how), "comes": comes,
        "notes": row.notes, "device": row.device,
    }  # fmt: skip
