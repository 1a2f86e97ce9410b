"""What was typed of a call before it became anything: saved as one types, shown to every desk, decided by somebody."""

import re
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from aiohttp import web

from api.console.caller import dialled, fold, reporter_of_draft, whole_number
from api.console.page import see_other
from api.console.visit import Visit
from api.errors import NotFoundError
from incidents.desk.drafts import (
    Draft,
    Ending,
    discard_draft,
    draft_of,
    end_draft,
    is_decided,
    open_drafts,
    report_draft,
    ring_back,
    save_draft,
    take_over,
)
from incidents.plans import kinds
from incidents.views.lists import incident_of_number
from people.errors import PlaceUnknownError
from people.places import get_place, name_of

CHOSEN = ("kind", "q", "place", "from", "home")
"""What stands in the page's address."""
WRITTEN = ("caller_name", "caller_phone", "caller_home", "words")
LONGEST = 400
_CALL = re.compile(r"([0-9a-f]{8,12})-[A-Za-z0-9_-]{12,24}", re.ASCII)
_OLDEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """A draft as the desk reads it; `place` as it was typed or chosen, `number` '' where it is not known."""

    draft: Draft
    title: str
    place: str
    number: str
    name: str
    words: str


def new_call(now: datetime) -> str:
    """The name of a call that is being taken: when the telephone was picked up, and something that nobody guesses."""
    return f"{int(now.timestamp()):08x}-{random.token_urlsafe(12)}"


def picked_up(call: str, now: datetime) -> datetime | None:
    """When this call was picked up; None for what is no name of a call."""
    found = _CALL.fullmatch(call)
    if found is None:
        return None
    return max(now - _OLDEST, min(now, datetime.fromtimestamp(int(found[1], 16) % 2**33, UTC)))


async def call_of_page(visit: Visit) -> tuple[str, dict[str, str]]:
    """The call that this page is about, with what was typed of it; what has been decided begins anew."""
    call = visit.query("call")
    if picked_up(call, visit.tx.now) is None:
        return new_call(visit.tx.now), dict.fromkeys(WRITTEN, "")
    if visit.query("drill") != "1":
        await _keep(visit, call, {name: visit.query(name) for name in CHOSEN} | _facts(visit.request.query))
    draft = await draft_of(visit.tx, call)
    return (call if draft or not await is_decided(visit.tx, call) else new_call(visit.tx.now)), {
        name: draft.typed.get(name, "") if draft else "" for name in WRITTEN
    }


async def do_keep(visit: Visit) -> web.Response:
    """POST /console/draft: what stands in the page's fields now."""
    sent = {name: visit.field(name)[:LONGEST] for name in (*CHOSEN, *WRITTEN) if name in visit.form}
    await _keep(visit, visit.field("call"), sent | _facts(visit.form))
    return web.Response(status=204)


def _facts(sent: Mapping[str, str]) -> dict[str, str]:
    return {name: value[:LONGEST] for name, value in sent.items() if name.startswith("fact_") and len(name) < 60}


async def _keep(visit: Visit, call: str, typed: Mapping[str, str]) -> None:
    at = picked_up(call, visit.tx.now)
    says_something = any(typed.get(name) for name in ("q", "place", "from", *WRITTEN))
    if at is not None and (says_something or await draft_of(visit.tx, call) is not None):
        await save_draft(visit.desk, call, at, typed)


async def end_call(visit: Visit, ending: Ending, incident_id: int | None = None) -> None:
    """The call of the form that was sent has become something."""
    call = visit.field("call")
    at = picked_up(call, visit.tx.now)
    if at is not None:
        await end_draft(visit.desk, call, ending, incident_id, at)


async def shown_drafts(visit: Visit) -> list[ShownDraft]:
    """Every call that was taken and not decided, the oldest first; callers' names for whoever is signed on."""
    titles = {one.kind: one.title[visit.language] for one in await kinds(visit.tx)}
    return [
        ShownDraft(
            draft=one,
            title=titles.get(one.typed.get("kind", ""), ""),
            place=await _place(visit, one),
            number=number_of(one),
            name=one.typed.get("caller_name", "") if visit.session.is_named else "",
            words=one.typed.get("words", ""),
        )
        for one in await open_drafts(visit.tx)
    ]


def number_of(draft: Draft) -> str:
    """The number that was typed, or that the telephone named."""
    return dialled(fold(draft.typed.get("caller_phone") or draft.typed.get("from", "")))


async def _place(visit: Visit, draft: Draft) -> str:
    place_id = whole_number(draft.typed.get("place", ""))
    if place_id:
        try:
            return name_of(await get_place(visit.tx, place_id), visit.language)
        except PlaceUnknownError:
            pass
    return draft.typed.get("q", "")


def address_of(draft: Draft) -> str:
    """The declare page as it was left."""
    typed = draft.typed
    number = typed.get("from") or typed.get("caller_phone", "")
    chosen = {**{name: typed.get(name, "") for name in CHOSEN}, **_facts(typed), "from": number, "call": draft.key}
    return "/declare?" + urlencode({name: value for name, value in chosen.items() if value})


async def do_draft(visit: Visit) -> web.Response:
    """POST /drafts/{draft}/{act}: start, discard, ring, report."""
    draft_id, act = whole_number(visit.request.match_info["draft"]), visit.request.match_info["act"]
    if act == "start":
        return see_other(address_of(await take_over(visit.desk, draft_id)))
    if act == "discard":
        await discard_draft(visit.desk, draft_id, visit.field("reason")[:LONGEST])
    elif act == "ring":
        await ring_back(visit.desk, draft_id)
    elif act == "report":
        number = whole_number(visit.field("number"))
        draft = next((one for one in await open_drafts(visit.tx) if one.id == draft_id), None)
        incident_id = await incident_of_number(visit.tx, min(number, 2**31 - 1))
        await report_draft(visit.desk, draft_id, incident_id, await reporter_of_draft(visit, draft.typed if draft else {}))
        return see_other(f"/i/{number}" if visit.session.is_named else f"/declare/{number}")
    else:
        raise NotFoundError(value=act)
    return see_other("/")
