"""init, user, token: who may use the service."""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from api.auth.accounts import (
    NewAccount,
    add_membership,
    create_account,
    disable_account,
    find_account,
    remove_membership,
)
from api.auth.login import make_link
from api.auth.pins import clear_pin, give_number, hash_pin, set_pin, staff_of
from api.auth.roles import Role
from api.auth.tokens import NewToken, create_token, revoke_token
from api.errors import StaffNumberMissingError
from incidents.plans import adopt_library
from people.communities import (
    NewCommunity,
    add_community,
    add_company,
    all_community_ids,
    get_community,
)
from people.places import NewPlace, add_place
from tocsin.app.cli.words import complain_in_words, tell, tell_json, terminal_language
from tocsin.app.wiring import Service, owner_url, running_service
from tocsin.base.database import Tx
from tocsin.base.migrations import migrate
from tocsin.base.settings import Settings, load_settings
from tocsin.base.texts import say

user = typer.Typer(no_args_is_help=True, help="Accounts.")
token = typer.Typer(no_args_is_help=True, help="Tokens of other systems.")

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Community = Annotated[int | None, typer.Option(help="the community's id; needed where there are several")]
PasswordFromStdin = Annotated[bool, typer.Option("--password-stdin", help="read a password from standard input; else log-in links only")]


@user.callback()
def _user_group() -> None:
    """Accounts."""


@token.callback()
def _token_group() -> None:
    """Tokens of other systems."""


def init_command(
    company: Annotated[str, typer.Option(prompt=True, help="the company's name")],
    community: Annotated[str, typer.Option(prompt=True, help="the community's name")],
    login: Annotated[str, typer.Option(prompt=True, help="the first administrator's login")],
    name: Annotated[str, typer.Option(help="the administrator's name; by default the login")] = "",
    community_en: Annotated[str, typer.Option("--community-en", help="the community's name in English")] = "",
    zone: Annotated[str, typer.Option(help="IANA time zone")] = "Asia/Shanghai",
    desk_phone: Annotated[str, typer.Option(help="telephone of the front desk")] = "",
    password_stdin: PasswordFromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Migrate, then make the company, its first community and its first administrator. Refused where there is a company already."""
    settings = load_settings()
    settings.require_secret_key()
    names = {"zh-CN": community, "en": community_en or community}
    new = NewCommunity(company_id=0, names=names, zone=zone, desk_phone=desk_phone)
    account = NewAccount(0, login, name or login, _password(password_stdin), terminal_language())
    made = asyncio.run(_init(settings, company, new, account))
    if made is None:
        complain_in_words("cli.init.exists")
        raise typer.Exit(1)
    if as_json:
        tell_json({**made, "login": login})
        return
    tell("cli.init.done", community=made["community"], login=login)
    tell("cli.init.link", link=made["link"])


async def _init(settings: Settings, company: str, new: NewCommunity, account: NewAccount) -> dict[str, object] | None:
    async with owner_url(settings) as url:
        await migrate(url)
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        if await all_community_ids(tx):
            return None
        company_id = await add_company(tx, company)
        community_id = await add_community(tx, replace(new, company_id=company_id))
        account_id = await create_account(tx, replace(account, company_id=company_id))
        await add_membership(tx, account_id=account_id, community_id=community_id, role="administrator")
        link = await make_link(tx, account_id)
        await furnish(await tx.enter(community_id), new)
        return {"company": company_id, "community": community_id, "link": _address(service, link)}


async def furnish(tx: Tx, new: NewCommunity) -> None:
    """What every community begins with: itself as the widest place, and the shipped playbooks."""
    await add_place(tx, NewPlace("community", None, "0", new.names, new.names["zh-CN"], 0))
    await adopt_library(tx)


@user.command("create")
def create_user(
    login: str,
    role: Annotated[Role, typer.Option(help="what they may do")],
    name: Annotated[str, typer.Option(help="as the record names them; by default the login")] = "",
    community: Community = None,
    person: Annotated[int | None, typer.Option(help="the id of the person they are in the community's directory")] = None,
    password_stdin: PasswordFromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Make an account and print a log-in link that works once."""
    settings = load_settings()
    account = NewAccount(0, login, name or login, _password(password_stdin), terminal_language())
    link, community_id = asyncio.run(_create_user(settings, account, community, role, person))
    if as_json:
        tell_json({"login": login, "role": role, "community": community_id, "link": link})
        return
    tell("cli.user.done", login=login, role=role)
    tell("cli.user.link", login=login, link=link)


async def _create_user(settings: Settings, account: NewAccount, community: int | None, role: Role, person: int | None) -> tuple[str, int]:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        community_id, company_id = await choose_community(tx, community)
        account_id = await create_account(tx, replace(account, company_id=company_id))
        await add_membership(tx, account_id=account_id, community_id=community_id, role=role, person_id=person)
        return _address(service, await make_link(tx, account_id)), community_id


@user.command("grant")
def grant_role(
    login: str,
    role: Annotated[Role, typer.Option(help="what they may do as well")],
    community: Community = None,
    person: Annotated[int | None, typer.Option(help="the id of the person they are in that community's directory")] = None,
) -> None:
    """Give an account one more role, also in another community."""
    community_id = asyncio.run(_grant(load_settings(), login, role, community, person))
    tell("cli.user.granted", login=login, role=role, community=community_id)


async def _grant(settings: Settings, login: str, role: Role, community: int | None, person: int | None) -> int:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        community_id, company_id = await choose_community(tx, community)
        account_id = await find_account(tx, company_id=company_id, login=login)
        await add_membership(tx, account_id=account_id, community_id=community_id, role=role, person_id=person)
        return community_id


@user.command("withdraw")
def withdraw_role(
    login: str,
    role: Annotated[Role, typer.Option(help="what they may not do any more")],
    community: Community = None,
) -> None:
    """Take a role from an account, at once. Exit 1 where it did not have it."""
    taken = asyncio.run(_withdraw(load_settings(), login, role, community))
    tell("cli.user.withdrawn" if taken else "cli.user.had_no_role", login=login, role=role)
    if not taken:
        raise typer.Exit(1)


async def _withdraw(settings: Settings, login: str, role: Role, community: int | None) -> bool:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        community_id, company_id = await choose_community(tx, community)
        account_id = await find_account(tx, company_id=company_id, login=login)
        return await remove_membership(tx, account_id=account_id, community_id=community_id, role=role)


@user.command("link")
def link_user(login: str, community: Community = None, as_json: AsJson = False) -> None:
    """Print a new log-in link that works once."""
    link = asyncio.run(_link_user(load_settings(), login, community))
    if as_json:
        tell_json({"login": login, "link": link})
        return
    tell("cli.user.link", login=login, link=link)


async def _link_user(settings: Settings, login: str, community: int | None) -> str:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        _, company_id = await choose_community(tx, community)
        account_id = await find_account(tx, company_id=company_id, login=login)
        return _address(service, await make_link(tx, account_id))


@user.command("disable")
def disable_user(login: str, community: Community = None) -> None:
    """Disable an account and end its sessions at once."""
    asyncio.run(_disable_user(load_settings(), login, community))
    tell("cli.user.disabled", login=login)


async def _disable_user(settings: Settings, login: str, community: int | None) -> None:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        _, company_id = await choose_community(tx, community)
        await disable_account(tx, company_id=company_id, login=login)


@user.command("pin")
def pin_user(
    login: str,
    number: Annotated[str, typer.Option(help="the staff number to sign on by at enrolled desks")] = "",
    pin_stdin: Annotated[bool, typer.Option("--pin-stdin", help="read a new PIN of 4 to 8 digits from standard input")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="take the PIN away")] = False,
    community: Community = None,
) -> None:
    """Give an account a staff number and a PIN for the desks of a community, or take the PIN away."""
    if not (number or pin_stdin or clear) or (pin_stdin and clear):
        complain_in_words("cli.user.pin_what")
        raise typer.Exit(2)
    pin = sys.stdin.readline().strip() if pin_stdin else None
    given = asyncio.run(_pin_user(load_settings(), login, community, number, pin, clear=clear))
    tell("cli.user.pin_cleared" if clear else "cli.user.pin_set" if pin_stdin else "cli.user.numbered", login=login, number=given)


async def _pin_user(settings: Settings, login: str, community: int | None, number: str, pin: str | None, *, clear: bool) -> str:
    by = "tocsin user pin"
    async with running_service(settings, connections=2) as service, service.database.floor() as floor:
        community_id, company_id = await choose_community(floor, community)
        account_id = await find_account(floor, company_id=company_id, login=login)
        tx = await floor.enter(community_id)
        if number:
            await give_number(tx, account_id, number, by)
        one = await staff_of(tx, account_id)
        if one is None or one.number is None:
            raise StaffNumberMissingError()
        if pin is not None:
            await set_pin(tx, account_id, await hash_pin(pin, one.number), by)
        if clear:
            await clear_pin(tx, account_id, by)
        return one.number


@token.command("create")
def create_token_command(
    name: str,
    role: Annotated[Role, typer.Option(help="what it may do")],
    community: Community = None,
    company_wide: Annotated[bool, typer.Option("--company-wide", help="for all; the header Tocsin-Community says which")] = False,
    days: Annotated[int | None, typer.Option(min=1, help="how long it holds; for ever by default")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it; it is not shown again."""
    made = asyncio.run(_create_token(load_settings(), name, role, None if company_wide else community, days, company_wide))
    if as_json:
        tell_json({"name": name, "role": role, "token": made})
        return
    tell("cli.token.done")
    typer.echo(made)


async def _create_token(settings: Settings, name: str, role: Role, community: int | None, days: int | None, company_wide: bool) -> str:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        community_id, company_id = await choose_community(tx, community, any_of_company=company_wide)
        expires_at = tx.now + timedelta(days=days) if days is not None else None
        return await create_token(tx, NewToken(company_id, None if company_wide else community_id, name, role, expires_at))


@token.command("revoke")
def revoke_token_command(name: str, community: Community = None) -> None:
    """End every token of this name at once."""
    count = asyncio.run(_revoke(load_settings(), name, community))
    tell("cli.token.revoked", count=count)
    if not count:
        raise typer.Exit(1)


async def _revoke(settings: Settings, name: str, community: int | None) -> int:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        _, company_id = await choose_community(tx, community, any_of_company=True)
        return await revoke_token(tx, company_id=company_id, name=name)


async def choose_community(tx: Tx, community: int | None, *, any_of_company: bool = False) -> tuple[int, int]:
    """The community that is meant and its company; exits with 2 where it is not clear which. `any_of_company`: the first will do."""
    known = await all_community_ids(tx)
    chosen = community if community is not None else (known[0] if known and (len(known) == 1 or any_of_company) else None)
    if chosen not in known:
        complain_in_words("cli.community.unknown", value=chosen or "-", known=", ".join(map(str, known)) or "-")
        raise typer.Exit(2)
    return chosen, (await get_community(tx, chosen)).company_id


def _password(from_stdin: bool) -> str | None:
    """A password from standard input, or asked for at a terminal; None where neither is wanted."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            complain_in_words("cli.user.no_password")
            raise typer.Exit(2)
        return password
    if sys.stdin.isatty():
        asked: str = typer.prompt(
            say(terminal_language(), "cli.user.password"), hide_input=True, confirmation_prompt=True, default="", show_default=False
        )
        return asked or None
    return None


def _address(service: Service, link: str) -> str:
    return f"{service.settings.public_url}/login/{link}"
