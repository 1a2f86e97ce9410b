"""Handing the shift over: what is open, notes, and the signatures of who goes and who comes; kept, to be read and printed later.

At a desk device both say who they are by staff number and PIN, also when the log-in of a long shift has run out while the notes were typed;
elsewhere by login and password.
"""

from collections.abc import Mapping

from aiohttp import web

from api.auth.csrf import check_form
from api.auth.desk_log import Noted, note
from api.auth.login import check_password
from api.auth.pins import check_pin, staff_of
from api.auth.sessions import Session, Visitor, end_session, open_session, read_visitor, set_cookie
from api.console.caller import fold
from api.console.page import see_other
from api.console.visit import Visit, in_community, read_form, refusal
from api.errors import LogInRefusedError, PinRefusedError, SlowDownError
from api.keys import CONTEXT
from api.peer import peer_of
from api.problems import error_text, status_of
from api.route import id_in_path
from incidents.errors import SameSignerError
from incidents.handover.shift_changes import missed_handover
from incidents.handover.signing import (
    LONGEST_NOTES,
    Signer,
    hand_over,
    handover,
    handovers,
    sign_handover,
    waiting_handover,
)
from incidents.handover.snapshot import what_is_open
from tocsin.base.errors import TocsinError

PAGE = "/handover"
GOES, COMES = "goes", "comes"


class WrongSignature(Exception):  # noqa: N818 - not a refusal of its own: it says which of the two was refused
    """Whose signature was refused, and why."""

    def __init__(self, whose: str, problem: TocsinError) -> None:
        self.whose, self.problem = whose, problem


async def show_handover(visit: Visit) -> web.Response:
    """GET /handover"""
    return await _page(visit)


async def _page(visit: Visit, wrong: WrongSignature | None = None) -> web.Response:
    said = error_text(wrong.problem.code, visit.language, wrong.problem.values) if wrong else ""
    handed = await what_is_open(visit.tx)
    return visit.page(
        "handover.html",
        status=status_of(wrong.problem) if wrong else 200,
        handed=handed if visit.session.is_named else handed.model_copy(update={"promises": ()}),
        waiting=await waiting_handover(visit.tx),
        missed=await missed_handover(visit.tx),
        past=await handovers(visit.tx),
        notes=visit.field("notes"),
        going=visit.field("goes_number"),
        coming=visit.field("comes_number"),
        wrong=wrong.whose if wrong else "",
        said=said,
        longest=LONGEST_NOTES,
    )


async def show_past(visit: Visit) -> web.Response:
    """GET /handover/{handover}: as it was signed, for the screen and for paper."""
    return await _past_page(visit)


async def _past_page(visit: Visit, wrong: WrongSignature | None = None) -> web.Response:
    row = await handover(visit.tx, id_in_path(visit.request, "handover"))
    said = error_text(wrong.problem.code, visit.language, wrong.problem.values) if wrong else ""
    status = status_of(wrong.problem) if wrong else 200
    coming = visit.field("comes_number")
    return visit.page("handed_over.html", status, row=row, handed=row.handed, wrong=wrong.whose if wrong else "", said=said, coming=coming)


async def do_hand_over(request: web.Request) -> web.StreamResponse:
    """POST /handover: whoever goes signs, and whoever comes as well where they are there already."""
    return await _signed(request, None)


async def do_take_over(request: web.Request) -> web.StreamResponse:
    """POST /handover/{handover}/sign: whoever comes signs what whoever went has signed."""
    return await _signed(request, id_in_path(request, "handover"))


async def _signed(request: web.Request, handover_id: int | None) -> web.StreamResponse:
    visitor = await read_visitor(request)
    if visitor is None or (handover_id is not None and not visitor.is_named):
        return see_other(f"/login?next={PAGE}" if visitor is None else f"/sign-on?next={PAGE}/{handover_id}")
    form = await read_form(request)
    try:
        check_form(request, visitor, form, desk_counts=True)
        if isinstance(visitor, Session):
            visitor.must_be_able_to("desk")
        goes = await _who(request, visitor, form, GOES) if handover_id is None else None
        comes = await _who(request, visitor, form, COMES) if handover_id is not None or _is_filled(form, COMES) else None
        return await _keep(request, visitor, form, handover_id, goes, comes)
    except WrongSignature as wrong:
        return await _again(request, visitor, form, handover_id, wrong)
    except SameSignerError as problem:
        return await _again(request, visitor, form, handover_id, WrongSignature(COMES, problem))
    except TocsinError as problem:
        return refusal(request, problem)


def _is_filled(form: Mapping[str, str], whose: str) -> bool:
    return bool(form.get(f"{whose}_number") or form.get(f"{whose}_secret"))


async def _who(request: web.Request, visitor: Visitor, form: Mapping[str, str], whose: str) -> Signer:
    """Who signs; raises WrongSignature. No transaction is open meanwhile, since judging a secret takes its time on purpose."""
    database = request.app[CONTEXT].database
    number, secret = form.get(f"{whose}_number", ""), form.get(f"{whose}_secret", "")
    try:
        if visitor.device is not None:
            known = await check_pin(database, visitor.device, fold(number), fold(secret))
            return Signer(known.account_id, known.name, "pin")
        account = await check_password(database, login=number, password=secret, peer=peer_of(request))
        async with database.community(visitor.community_id) as tx:
            one = await staff_of(tx, account.id)
        if one is None:
            raise LogInRefusedError()
        return Signer(one.account_id, one.name, "password")
    except (LogInRefusedError, PinRefusedError, SlowDownError) as problem:
        raise WrongSignature(whose, problem) from problem


async def _keep(
    request: web.Request, visitor: Visitor, form: Mapping[str, str], handover_id: int | None, goes: Signer | None, comes: Signer | None
) -> web.StreamResponse:
    """Write it down. At a desk device whoever took over is signed on from then on."""
    context, device = request.app[CONTEXT], visitor.device
    async with context.database.community(visitor.community_id) as tx:
        if handover_id is not None and comes is not None:
            await sign_handover(tx, context.wakeups, handover_id, comes)
        elif goes is not None:
            handover_id = await hand_over(tx, context.wakeups, goes, comes, form.get("notes", ""), device.name if device else "")
        cookie = None
        if device is not None and comes is not None and comes.account_id is not None:
            cookie = await open_session(tx, account_id=comes.account_id, community_id=visitor.community_id, device_id=device.id)
            await note(tx, Noted("signed_on", device_id=device.id, account_id=comes.account_id, by=comes.name))
    response = see_other(f"{PAGE}/{handover_id}")
    if cookie is not None:
        await end_session(request)
        set_cookie(response, context.settings, cookie)
    return response


async def _again(
    request: web.Request, visitor: Visitor, form: Mapping[str, str], handover_id: int | None, wrong: WrongSignature
) -> web.StreamResponse:
    async def show(visit: Visit) -> web.Response:
        return await (_page(visit, wrong) if handover_id is None else _past_page(visit, wrong))

    return await in_community(request, visitor, show, form)
