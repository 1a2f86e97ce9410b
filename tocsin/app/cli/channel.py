"""channel add, test, list; secret rotate."""

import asyncio
import json
import sys
from dataclasses import asdict, replace
from typing import Annotated

import typer

from incidents.timeline.anchors import anchor_file, mark_anew
from notifiers.channels.shape import Accepted, Outcome
from notifiers.gateways import (
    ChannelRow,
    NewChannel,
    NewGateway,
    add_channel,
    add_gateway,
    get_gateway,
    list_channels,
    reseal_secrets,
    test_channel,
)
from tocsin.app.cli.accounts import AsJson, Community, choose_community
from tocsin.app.cli.words import complain_in_words, tell, tell_json, terminal_language
from tocsin.app.wiring import read_secrets, running_service
from tocsin.base.settings import Settings, load_settings

channel = typer.Typer(no_args_is_help=True, help="Gateways, and a community's use of them.")
secret = typer.Typer(no_args_is_help=True, help="The secret key.")


@channel.callback()
def _channel_group() -> None:
    """Gateways, and a community's use of them."""


@secret.callback()
def _secret_group() -> None:
    """The secret key."""


@channel.command("add")
def add_command(
    kind: Annotated[str, typer.Option(help="http_sms, smtp, http_voice, by_hand")],
    name: Annotated[str, typer.Option(help="the gateway's name within the company")],
    settings: Annotated[str, typer.Option(help="the kind's settings as JSON; see docs/gateways")] = "{}",
    secret_stdin: Annotated[bool, typer.Option("--secret-stdin", help="read the gateway's secret from standard input")] = False,
    rank: Annotated[int, typer.Option(min=0, help="ways are tried from the lowest")] = 1,
    signature: Annotated[str, typer.Option(help="the signature under which texts leave")] = "",
    rate: Annotated[float, typer.Option(help="messages a second that the gateway takes")] = 50.0,
    burst: Annotated[int, typer.Option(min=1, help="how many at once after a pause")] = 50,
    sink: Annotated[bool, typer.Option("--sink", help="it only catches: no handset or mailbox can be reached through it")] = False,
    gateway: Annotated[int | None, typer.Option(help="use this gateway of the company instead of connecting a new one")] = None,
    community: Community = None,
    as_json: AsJson = False,
) -> None:
    """Connect a gateway and let a community use it."""
    service_settings = load_settings()
    given = NewGateway(0, kind, name, _settings(settings), _secret(secret_stdin), sink, rate, burst)
    added, channel_id, hook = asyncio.run(_add(service_settings, given, gateway, NewChannel(0, rank, signature), community))
    if as_json:
        tell_json({"gateway": added, "channel": channel_id, "hook": hook})
        return
    tell("cli.channel.done", channel=channel_id, gateway=name)
    tell("cli.channel.hook", address=hook)


async def _add(settings: Settings, given: NewGateway, existing: int | None, use: NewChannel, community: int | None) -> tuple[int, int, str]:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            community_id, company_id = await choose_community(tx, community)
        async with service.database.community(community_id) as tx:
            new = replace(given, company_id=company_id)
            gateway_id = existing if existing is not None else await add_gateway(tx, new, service.secrets)
            channel_id = await add_channel(tx, replace(use, gateway_id=gateway_id))
            key = (await get_gateway(tx, gateway_id)).hook_key
    return gateway_id, channel_id, f"{settings.public_url}/hooks/{key}/"


@channel.command("list")
def list_command(community: Community = None, as_json: AsJson = False) -> None:
    """List the channels of a community in the order in which ways are tried."""
    rows = asyncio.run(_list(load_settings(), community))
    if as_json:
        tell_json([_shown(row) for row in rows])
        return
    for row in rows:
        sink, off = ("  sink" if row.sink else ""), ("" if row.enabled else "  off")
        typer.echo(f"{row.id}  {row.rank}  {row.kind}  {row.gateway_name} ({row.gateway_kind}){sink}{off}")


async def _list(settings: Settings, community: int | None) -> list[ChannelRow]:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            community_id, _ = await choose_community(tx, community)
        async with service.database.community(community_id) as tx:
            return await list_channels(tx)


def _shown(row: ChannelRow) -> dict[str, object]:
    """Everything but the hook's key, which is as good as a password."""
    return {name: value for name, value in asdict(row).items() if name != "hook_key"}


@channel.command("test")
def try_command(
    channel_id: Annotated[int, typer.Argument(metavar="CHANNEL")],
    address: Annotated[str, typer.Argument(help="where the test message goes")],
    community: Community = None,
    as_json: AsJson = False,
) -> None:
    """Send one message that says it is a test, and say what came of it. Exit 1 when the gateway did not take it."""
    outcome = asyncio.run(_test(load_settings(), channel_id, address, community))
    if as_json:
        tell_json({"outcome": type(outcome).__name__, **asdict(outcome)})
    else:
        said = ", ".join(f"{name} {value}" for name, value in asdict(outcome).items() if value)
        tell("cli.channel.tested", outcome=f"{type(outcome).__name__} {said}".strip())
    if not isinstance(outcome, Accepted):
        raise typer.Exit(1)


async def _test(settings: Settings, channel_id: int, address: str, community: int | None) -> Outcome:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            community_id, _ = await choose_community(tx, community)
        return await test_channel(
            service.database, service.secrets, community_id=community_id, channel_id=channel_id, address=address,
            language=terminal_language(), public_url=settings.public_url,
        )  # fmt: skip


@secret.command("rotate")
def rotate_command() -> None:
    """Seal the gateways' secrets and mark the anchors with the new key.

    First set TOCSIN_SECRET_KEY to it and TOCSIN_SECRET_KEY_PREVIOUS to the old one, and restart everything.
    """
    settings = load_settings()
    if settings.previous_secret_key() is None:
        complain_in_words("cli.secret.previous")
        raise typer.Exit(2)
    tell("cli.secret.done", count=asyncio.run(_rotate(settings)))
    tell("cli.secret.anchors", count=mark_anew(read_secrets(settings), anchor_file(settings.data_dir)))


async def _rotate(settings: Settings) -> int:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        return await reseal_secrets(tx, service.secrets)


def _settings(text: str) -> dict[str, object]:
    try:
        read = json.loads(text)
    except ValueError as problem:
        complain_in_words("cli.channel.settings", reason=problem)
        raise typer.Exit(2) from problem
    if not isinstance(read, dict):
        complain_in_words("cli.channel.settings", reason="{…}")
        raise typer.Exit(2)
    return read


def _secret(from_stdin: bool) -> str:
    """Secrets come by standard input only: an argument would stand in the list of processes."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else ""
