"""Telephone calls that a person makes: the last electronic way failed, or it must ring and there is no voice gateway."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import Id, Page
from incidents.views.calls import calls_to_make
from incidents.views.lists import incident
from notifiers.delivery.by_hand import CallToMake, finish
from people.persons import PreferredMeans

_EPOCH = datetime.fromtimestamp(0, UTC)


class WhoseNumber(Shown):
    """Somebody else whose number it is; who is called counts as reached only when they confirm."""

    name: str
    relation: str


class CallToMakeShown(Shown):
    """One call that waits for somebody at the desk; `text` is what to say."""

    message: Id
    no: int
    person: Id
    name: str
    number: str
    since: datetime
    text: str
    language: str = Field(description="Of the text")
    speaks: str = Field(description="What the person called speaks, as BCP 47")
    dialect: str
    preferred_means: PreferredMeans
    proxy: WhoseNumber | None


class CallList(Shown):
    """Calls that wait, the oldest first."""

    items: list[CallToMakeShown]
    next: str | None


class CallBody(Body):
    """How the call ended."""

    message: Id
    no: int = Field(ge=1, le=2**31 - 1)
    result: Literal["answered", "not_answered", "switched_off", "wrong_number"]


class CallFinished(Shown):
    """The result is on the record of the delivery; the next way is tried by itself."""

    message: Id
    no: int
    result: str


async def list_calls(call: Call, query: Page) -> CallList:
    """List the calls that somebody at the desk has to make for this incident."""
    after = tuple(read_cursor(query.after, 3)) if query.after else (0, 0, 0)
    view = await incident(call.tx, call.id_of("incident"))
    waiting = [one for one in await calls_to_make(call.tx, view) if _position(one) > after]
    page = waiting[: query.limit]
    return CallList(items=[_call(one) for one in page], next=make_cursor(*_position(page[-1])) if len(waiting) > len(page) else None)


def _position(one: CallToMake) -> tuple[int, int, int]:
    """Where a call stands in the list: since when it waits, in microseconds, then its delivery."""
    return (one.since - _EPOCH) // timedelta(microseconds=1), one.message_id, one.no


def _call(one: CallToMake) -> CallToMakeShown:
    return CallToMakeShown(
        message=str(one.message_id), no=one.no, person=str(one.person_id), name=one.name, number=one.number, since=one.since,
        text=one.text, language=one.language, speaks=one.speaks, dialect=one.dialect, preferred_means=one.preferred_means,
        proxy=WhoseNumber(name=one.proxy_name, relation=one.proxy_relation or "") if one.proxy_name else None,
    )  # fmt: skip


async def finish_call(call: Call, body: CallBody) -> CallFinished:
    """Say how a call by hand ended; what must happen next happens by itself."""
    await finish(call.tx, int(body.message), body.no, body.result)
    call.context.wakeups.after_commit(call.tx, "outcomes")
    call.context.wakeups.after_commit(call.tx, f"page:{call.tx.community}")
    return CallFinished(message=body.message, no=body.no, result=body.result)
