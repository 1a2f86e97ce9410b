"""sending show, hold, allow: whether this database may send."""

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from incidents.views.backlog import backlog
from people.communities import all_community_ids, get_community
from people.sending.permission import allow_sending, held_communities, hold_sending
from tocsin.app.cli.accounts import AsJson, choose_community
from tocsin.app.cli.words import tell, tell_json, terminal_language
from tocsin.app.wiring import Service, running_service
from tocsin.base.loop import run
from tocsin.base.settings import Settings, load_settings
from tocsin.base.texts import say

app = typer.Typer(no_args_is_help=True, help="Whether messages leave: a restored copy holds them until an operator allows it.")

One = Annotated[int | None, typer.Option(help="only this community's id")]


@dataclass(frozen=True, slots=True)
class Shown:
    """One community: whether it may send, what is not over, and how many deliveries wait."""

    community: int
    name: str
    may_send: bool
    open_incidents: int
    waiting: int


@app.callback()
def group() -> None:
    """Whether messages leave: a restored copy holds them until an operator allows it."""


@app.command("show")
def show_command(community: One = None, as_json: AsJson = False) -> None:
    """Say of each community whether it may send, how many incidents are not over, and how many deliveries wait."""
    _print(run(_show(load_settings(), community)), as_json=as_json)


@app.command("hold")
def hold_command(community: One = None) -> None:
    """Send nothing more; what is on the wire comes back, incidents run on, and messages wait in their queue."""
    tell("cli.sending.now_held", count=len(run(_set(load_settings(), community, may_send=False))))


@app.command("allow")
def allow_command(
    community: One = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Send again, also what has waited and has not expired. Says first what that is, and asks."""
    settings = load_settings()
    held = [one for one in run(_show(settings, community)) if not one.may_send]
    _print(held, as_json=False)
    if held and not yes:
        typer.confirm(say(terminal_language(), "cli.sending.sure"), abort=True)
    tell("cli.sending.now_allowed", count=len(run(_set(settings, community, may_send=True))))


async def _show(settings: Settings, community: int | None) -> list[Shown]:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            ids = [(await choose_community(tx, community))[0]] if community is not None else await all_community_ids(tx)
            held = set(await held_communities(tx))
        return [await _one(service, community_id, may_send=community_id not in held) for community_id in ids]


async def _one(service: Service, community_id: int, *, may_send: bool) -> Shown:
    async with service.database.community(community_id) as tx:
        names = (await get_community(tx, community_id)).names
        found = await backlog(tx)
    name = names.get(terminal_language()) or next(iter(names.values()))
    return Shown(community_id, name, may_send, found.open_incidents, found.waiting)


async def _set(settings: Settings, community: int | None, *, may_send: bool) -> list[int]:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            if community is not None:
                await choose_community(tx, community)
            changed = await (allow_sending if may_send else hold_sending)(tx, community)
        await service.wakeups.hint("alert")
        return changed


def _print(shown: list[Shown], *, as_json: bool) -> None:
    if as_json:
        tell_json([asdict(one) for one in shown])
        return
    for one in shown:
        tell("cli.sending.may" if one.may_send else "cli.sending.held", **asdict(one))
