"""Who is at the desk: staff number and PIN on an enrolled device, in two seconds and without scripts; and one's own PIN."""

from urllib.parse import quote

from aiohttp import web

from api.auth.csrf import check_form
from api.auth.desk_log import Noted, note
from api.auth.devices import Device
from api.auth.login import check_password
from api.auth.pins import Known, check_pin, hash_pin, set_pin, staff_of
from api.auth.sessions import Session, Visitor, end_session, open_session, read_visitor, set_cookie
from api.console.caller import fold
from api.console.page import local_path, see_other
from api.console.visit import Visit, in_community, read_form, refusal
from api.errors import LogInRefusedError, PinRefusedError, PinsDifferError, PinUnfitError, SlowDownError, StaffNumberMissingError
from api.keys import CONTEXT
from api.peer import peer_of
from api.problems import error_text, status_of
from incidents.actors import Actor
from incidents.desk.changes import Desk
from incidents.desk.signing import sign
from incidents.views.lists import incident_of_number
from tocsin.base.errors import TocsinError

LONGEST_INCIDENT_NUMBER = 9


async def show_sign_on(visit: Visit) -> web.Response:
    """GET /sign-on?next=: the form, where it is needed; elsewhere a password is."""
    target = local_path(visit.query("next"))
    if visit.session.device is None:
        return see_other(target)
    return _form(visit, target)


async def do_sign_on(request: web.Request) -> web.StreamResponse:
    """POST /sign-on: whoever was signed on is not any more; with `incident`, what the device declared without a name gets this one.

    No transaction is open while a PIN is judged, since that takes its time on purpose.
    """
    visitor = await read_visitor(request)
    if visitor is None or visitor.device is None:
        return see_other(f"/login?next={quote(local_path(request.query.get('next', '')), safe='')}")
    form = await read_form(request)
    try:
        check_form(request, visitor, form, desk_counts=True)
        return await _sign_on(request, visitor.device, form)
    except (PinRefusedError, SlowDownError) as problem:
        return await _again(request, visitor, form, problem)
    except TocsinError as problem:
        return refusal(request, problem)


async def _sign_on(request: web.Request, device: Device, form: dict[str, str]) -> web.StreamResponse:
    context = request.app[CONTEXT]
    known = await check_pin(context.database, device, fold(form.get("number", "")), fold(form.get("pin", "")))
    async with context.database.community(device.community_id) as tx:
        cookie = await open_session(tx, account_id=known.account_id, community_id=device.community_id, device_id=device.id)
        await note(tx, Noted("signed_on", device_id=device.id, account_id=known.account_id, by=known.name))
        number = form.get("incident", "")
        if number.isascii() and number.isdigit() and len(number) <= LONGEST_INCIDENT_NUMBER:
            await sign(Desk(tx, context.wakeups, actor_of(known, device)), await incident_of_number(tx, int(number)))
    await end_session(request)
    response = see_other(local_path(form.get("back", "")))
    set_cookie(response, context.settings, cookie)
    return response


def actor_of(known: Known, device: Device) -> Actor:
    """As whom the record names somebody who just said who they are at a device."""
    return Actor("account", known.name, account_id=known.account_id, person_id=known.person_id, device_id=device.id)


async def _again(request: web.Request, visitor: Visitor, form: dict[str, str], problem: TocsinError) -> web.StreamResponse:
    async def show(visit: Visit) -> web.Response:
        return _form(visit, local_path(visit.field("back")), problem)

    return await in_community(request, visitor, show, form)


def _form(visit: Visit, target: str, problem: TocsinError | None = None) -> web.Response:
    said = error_text(problem.code, visit.language, problem.values) if problem else ""
    response = visit.page(
        "sign_on.html", status=status_of(problem) if problem else 200,
        target=target, said=said, number=visit.field("number"), incident=visit.field("incident"),
    )  # fmt: skip
    if isinstance(problem, SlowDownError):
        response.headers["Retry-After"] = str(problem.values["seconds"])
    return response


async def show_pin(visit: Visit) -> web.Response:
    """GET /pin: one's own PIN; asks for the password where only a PIN says who it is."""
    return await _pin_page(visit)


async def _pin_page(visit: Visit, problem: TocsinError | None = None, *, done: bool = False) -> web.Response:
    assert isinstance(visit.session, Session)
    mine = await staff_of(visit.tx, visit.session.account_id)
    said = error_text(problem.code, visit.language, problem.values) if problem else ""
    return visit.page("pin.html", status=status_of(problem) if problem else 200, mine=mine, said=said, done=done)


async def do_pin(request: web.Request) -> web.StreamResponse:
    """POST /pin: a new PIN, typed twice. Whoever is signed on by PIN types their password as well."""
    visitor = await read_visitor(request)
    if not isinstance(visitor, Session):
        return see_other("/login?next=/pin")
    form = await read_form(request)
    problem: TocsinError | None = None
    try:
        check_form(request, visitor, form)
        await _set_own_pin(request, visitor, form)
    except (LogInRefusedError, PinUnfitError, PinsDifferError, SlowDownError, StaffNumberMissingError) as wrong:
        problem = wrong
    except TocsinError as refused:
        return refusal(request, refused)

    async def show(visit: Visit) -> web.Response:
        return await _pin_page(visit, problem, done=problem is None)

    return await in_community(request, visitor, show, form)


async def _set_own_pin(request: web.Request, session: Session, form: dict[str, str]) -> None:
    database = request.app[CONTEXT].database
    if session.by_pin:
        await check_password(
            database, login=session.login, password=form.get("password", ""), peer=peer_of(request), account_id=session.account_id
        )  # fmt: skip
    async with database.community(session.community_id) as tx:
        mine = await staff_of(tx, session.account_id)
    if mine is None or mine.number is None:
        raise StaffNumberMissingError()
    hashed = await hash_pin(same_twice(form), mine.number)
    async with database.community(session.community_id) as tx:
        await set_pin(tx, session.account_id, hashed, session.name)


def same_twice(form: dict[str, str]) -> str:
    """The PIN of a form that asks for it twice; raises PinsDifferError."""
    pin = fold(form.get("pin", ""))
    if pin != fold(form.get("pin_again", "")):
        raise PinsDifferError(field="/pin_again")
    return pin
