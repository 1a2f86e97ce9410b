"""Desk devices and staff numbers: which browsers are a desk, who signs on at them by which number, and what was done about it."""

from aiohttp import web

from api.auth import cookies, devices
from api.auth.csrf import check_form
from api.auth.desk_log import last_lines
from api.auth.pins import StaffRow, clear_pin, give_number, hash_pin, set_pin, staff, staff_of
from api.auth.roles import cover
from api.auth.sessions import Session, read_visitor
from api.console.page import see_other
from api.console.sign_on import same_twice
from api.console.visit import Visit, in_community, read_form, refusal
from api.errors import NotFoundError, PermissionLackingError, StaffNumberMissingError
from api.keys import CONTEXT
from api.route import id_in_path
from tocsin.base.errors import TocsinError

MOST_LINES = 30
PAGE = "/desks"


async def show_desks(visit: Visit) -> web.Response:
    """GET /desks"""
    return visit.page(
        "desks.html",
        devices=await devices.list_devices(visit.tx),
        here_device=visit.session.device,
        staff=await staff(visit.tx),
        may_set={one.account_id for one in await staff(visit.tx) if _may_set(visit.session, one)},
        lines=await last_lines(visit.tx, MOST_LINES),
        longest_name=devices.LONGEST_NAME,
    )


async def do_enrol(visit: Visit) -> web.Response:
    """POST /desks: the browser in front of them becomes a desk device, in place of the one that it was."""
    if visit.session.device is not None:
        await devices.withdraw(visit.tx, visit.session.device.id, visit.session.name)
    enrolled = await devices.enrol(visit.tx, visit.field("name"), visit.session.name)
    response = see_other(PAGE)
    devices.keep_cookie(response, visit.context.settings, enrolled.cookie)
    return response


async def do_rename(visit: Visit) -> web.Response:
    """POST /desks/{device}/name"""
    await devices.rename(visit.tx, id_in_path(visit.request, "device"), visit.field("name"), visit.session.name)
    return see_other(PAGE)


async def do_withdraw(visit: Visit) -> web.Response:
    """POST /desks/{device}/withdraw: whoever is signed on there is not any more."""
    device_id = id_in_path(visit.request, "device")
    await devices.withdraw(visit.tx, device_id, visit.session.name)
    response = see_other(PAGE)
    if visit.session.device is not None and visit.session.device.id == device_id:
        cookies.drop(response, visit.context.settings, devices.COOKIE)
    return response


async def do_number(visit: Visit) -> web.Response:
    """POST /desks/staff/{account}/number"""
    one = await _staff(visit)
    await give_number(visit.tx, one.account_id, visit.field("number"), visit.session.name)
    return see_other(f"{PAGE}#staff-{one.account_id}")


async def do_clear(visit: Visit) -> web.Response:
    """POST /desks/staff/{account}/clear: the PIN was forgotten, or seen by others."""
    one = await _staff(visit)
    await clear_pin(visit.tx, one.account_id, visit.session.name)
    return see_other(f"{PAGE}#staff-{one.account_id}")


async def do_set(request: web.Request) -> web.StreamResponse:
    """POST /desks/staff/{account}/pin: typed by its owner at the supervisor's screen. Hashed while no transaction is open."""
    visitor = await read_visitor(request)
    if not isinstance(visitor, Session):
        return see_other("/login?next=/desks")
    form = await read_form(request)
    try:
        check_form(request, visitor, form)
        visitor.must_be_able_to("enrol")
        number = await _number_for(request, visitor)
        hashed = await hash_pin(same_twice(form), number)
    except TocsinError as problem:
        return refusal(request, problem)

    async def keep(visit: Visit) -> web.Response:
        one = await _staff(visit)
        await set_pin(visit.tx, one.account_id, hashed, visit.session.name)
        return see_other(f"{PAGE}#staff-{one.account_id}")

    return await in_community(request, visitor, keep, form)


async def _number_for(request: web.Request, visitor: Session) -> str:
    async with request.app[CONTEXT].database.community(visitor.community_id) as tx:
        one = await staff_of(tx, id_in_path(request, "account"))
    if one is None or one.number is None:
        raise StaffNumberMissingError()
    return one.number


async def _staff(visit: Visit) -> StaffRow:
    """Whose number or PIN it is. Raises NotFoundError, and PermissionLackingError where they may more than whoever would change it."""
    account_id = id_in_path(visit.request, "account")
    one = await staff_of(visit.tx, account_id)
    if one is None:
        raise NotFoundError(value=account_id)
    if not _may_set(visit.session, one):
        roles = visit.session.roles if isinstance(visit.session, Session) else frozenset()
        raise PermissionLackingError(permission="administer", roles=", ".join(sorted(roles)))
    return one


def _may_set(visitor: object, one: StaffRow) -> bool:
    return isinstance(visitor, Session) and cover(visitor.roles, frozenset(one.roles))
