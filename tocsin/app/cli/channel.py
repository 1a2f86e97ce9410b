"""channel add, change, test, list, templates; secret rotate."""

import asyncio
import json
import sys
from dataclasses import asdict, replace
from typing import Annotated

import typer

from incidents.timeline.anchors import anchor_file, mark_anew
from notifiers.channels.registry import KINDS
from notifiers.channels.shape import Accepted, Outcome
from notifiers.gateway_changes import ChannelChange, GatewayChange, change_channel, change_gateway
from notifiers.gateways import (
    ChannelRow,
    NewChannel,
    NewGateway,
    add_channel,
    add_gateway,
    get_channel,
    get_gateway,
    list_channels,
    reseal_secrets,
    test_channel,
)
from tocsin.app.cli.accounts import AsJson, Community, choose_community
from tocsin.app.cli.channel_templates import templates_command
from tocsin.app.cli.words import complain_in_words, tell, tell_json, terminal_language
from tocsin.app.wiring import read_secrets, running_service
from tocsin.base.settings import Settings, load_settings

channel = typer.Typer(no_args_is_help=True, help="Gateways, and a community's use of them.")
secret = typer.Typer(no_args_is_help=True, help="The secret key.")


channel.command("templates")(templates_command)


@channel.callback()
def _channel_group() -> None:
    """Gateways, and a community's use of them."""


@secret.callback()
def _secret_group() -> None:
    """The secret key."""


@channel.command("add")
def add_command(
    kind: Annotated[str, typer.Option(help=", ".join(KINDS))],
    name: Annotated[str, typer.Option(help="the gateway's name within the company")],
    settings: Annotated[str, typer.Option(help="the kind's settings as JSON; see docs/gateways")] = "{}",
    secret_stdin: Annotated[bool, typer.Option("--secret-stdin", help="read the gateway's secret from standard input")] = False,
    rank: Annotated[int, typer.Option(min=0, help="ways are tried from the lowest")] = 1,
    signature: Annotated[str, typer.Option(help="the signature under which texts leave")] = "",
    templates: Annotated[str, typer.Option(help="registered templates by text key as JSON; see docs/gateways")] = "{}",
    rate: Annotated[
        float | None, typer.Option(help="messages a second that the gateway takes; else what its kind is known to take")
    ] = None,
    burst: Annotated[int | None, typer.Option(min=1, help="how many at once after a pause; else what its kind is known to take")] = None,
    sink: Annotated[bool, typer.Option("--sink", help="it only catches: no handset or mailbox can be reached through it")] = False,
    gateway: Annotated[int | None, typer.Option(help="use this gateway of the company instead of connecting a new one")] = None,
    community: Community = None,
    as_json: AsJson = False,
) -> None:
    """Connect a gateway and let a community use it."""
    service_settings = load_settings()
    given = NewGateway(0, kind, name, _object("--settings", settings), _secret(secret_stdin), sink)
    known = KINDS.get(kind)
    if known is not None:
        usual = replace(given, rate_per_second=known.rate_per_second, burst=known.burst)
        given = replace(usual, rate_per_second=usual.rate_per_second if rate is None else rate, burst=burst or usual.burst)
    use = NewChannel(0, rank, signature, _object("--templates", templates))
    added, channel_id, hook = asyncio.run(_add(service_settings, given, gateway, use, community))
    if as_json:
        tell_json({"gateway": added, "channel": channel_id, "hook": hook})
        return
    tell("cli.channel.done", channel=channel_id, gateway=name)
    if KINDS[kind].medium not in ("email", "by_hand"):
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
    return gateway_id, channel_id, _hook(settings.public_url, key)


@channel.command("change")
def change_command(
    channel_id: Annotated[int, typer.Argument(metavar="CHANNEL")],
    settings: Annotated[str | None, typer.Option(help="the kind's settings as JSON, all of them; see docs/gateways")] = None,
    secret_stdin: Annotated[bool, typer.Option("--secret-stdin", help="read the gateway's new secret from standard input")] = False,
    rate: Annotated[float | None, typer.Option(help="messages a second that the gateway takes")] = None,
    burst: Annotated[int | None, typer.Option(min=1, help="how many at once after a pause")] = None,
    rank: Annotated[int | None, typer.Option(min=0, help="ways are tried from the lowest")] = None,
    signature: Annotated[str | None, typer.Option(help="the signature under which texts leave")] = None,
    templates: Annotated[str | None, typer.Option(help="registered templates by text key as JSON, all of them; see docs/gateways")] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="whether this way is used at all")] = None,
    community: Community = None,
) -> None:
    """Change a channel; settings, secret, rate and burst are its gateway's, for every community that uses it."""
    service_settings = load_settings()
    gateway = GatewayChange(
        None if settings is None else _object("--settings", settings), _secret(True) if secret_stdin else None, rate, burst
    )
    use = ChannelChange(rank, signature, None if templates is None else _object("--templates", templates), on)
    asyncio.run(_change(service_settings, channel_id, gateway, use, community))
    tell("cli.channel.changed", channel=channel_id)


async def _change(settings: Settings, channel_id: int, gateway: GatewayChange, use: ChannelChange, community: int | None) -> None:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            community_id, _ = await choose_community(tx, community)
        async with service.database.community(community_id) as tx:
            row = await get_channel(tx, channel_id)
            await change_channel(tx, channel_id, use)
            if gateway != GatewayChange():
                await change_gateway(tx, row.gateway_id, gateway, service.secrets)


@channel.command("list")
def list_command(
    community: Community = None,
    hooks: Annotated[bool, typer.Option("--hooks", help="with the gateways' callback addresses, which are as good as passwords")] = False,
    as_json: AsJson = False,
) -> None:
    """List the channels of a community in the order in which ways are tried."""
    settings = load_settings()
    rows = asyncio.run(_list(settings, community))
    if as_json:
        tell_json([_shown(row, settings.public_url if hooks else None) for row in rows])
        return
    for row in rows:
        sink, off = ("  sink" if row.sink else ""), ("" if row.enabled else "  off")
        aside = f"  set aside since {row.set_aside_at:%Y-%m-%d %H:%M:%SZ}: {row.set_aside_why}" if row.set_aside_at else ""
        hook = f"  {_hook(settings.public_url, row.hook_key)}" if hooks else ""
        typer.echo(f"{row.id}  {row.rank}  {row.kind}  {row.gateway_name} ({row.gateway_kind}){sink}{off}{aside}{hook}")


async def _list(settings: Settings, community: int | None) -> list[ChannelRow]:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            community_id, _ = await choose_community(tx, community)
        async with service.database.community(community_id) as tx:
            return await list_channels(tx)


def _shown(row: ChannelRow, public_url: str | None) -> dict[str, object]:
    """Everything but the hook's key, unless it was asked for."""
    shown = {name: value for name, value in asdict(row).items() if name != "hook_key"}
    return shown if public_url is None else {**shown, "hook": _hook(public_url, row.hook_key)}


def _hook(public_url: str, key: str) -> str:
    """Where the gateway posts: receipts and replies lie below it."""
    return f"{public_url}/hooks/{key}/"


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


def _object(option: str, text: str) -> dict[str, object]:
    try:
        read = json.loads(text)
    except ValueError as problem:
        complain_in_words("cli.channel.settings", option=option, reason=problem)
        raise typer.Exit(2) from problem
    if not isinstance(read, dict):
        complain_in_words("cli.channel.settings", option=option, reason="{…}")
        raise typer.Exit(2)
    return read


def _secret(from_stdin: bool) -> str:
    """Secrets come by standard input only: an argument would stand in the list of processes."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else ""
