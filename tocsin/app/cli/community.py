"""community add, change, list: the sites that the company looks after."""

import asyncio
import re
from dataclasses import asdict
from datetime import time
from secrets import token_hex
from typing import Annotated

import typer

from people.communities import (
    Community as Site,
)
from people.communities import (
    CommunityChange,
    NewCommunity,
    add_community,
    all_community_ids,
    change_community,
    get_community,
)
from tocsin.app.cli.accounts import AsJson, Community, choose_community, furnish
from tocsin.app.cli.words import complain_in_words, tell, tell_json, terminal_language
from tocsin.app.wiring import running_service
from tocsin.base.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="The communities that the company looks after.")

English = Annotated[str | None, typer.Option("--name-en", help="its name in English")]
Phone = Annotated[str | None, typer.Option(help="telephone of the front desk, as it is to be read out")]
Address = Annotated[str | None, typer.Option(help="the address that 119 and 120 need")]
Gate = Annotated[str | None, typer.Option(help="the gate that engines and ambulances use")]
Night = Annotated[str | None, typer.Option(help="when only those who must are woken, such as 22:30-07:00")]
RepairsTogether = Annotated[
    int | None, typer.Option(min=1, max=1440, help="minutes within which three repairs of one kind from a building may be one emergency")
]
SecondPersonAbove = Annotated[
    int | None, typer.Option(min=0, max=10_000_000, help="homes above which a message of the desk's own waits for a second person")
]


@app.callback()
def group() -> None:
    """The communities that the company looks after."""


@app.command("add")
def add_command(
    name: str,
    name_en: English = None,
    zone: Annotated[str, typer.Option(help="IANA time zone")] = "Asia/Shanghai",
    desk_phone: Phone = None,
    civil_address: Address = None,
    gate: Gate = None,
    night: Night = None,
    as_json: AsJson = False,
) -> None:
    """Add a community of the same company, with the shipped playbooks in use."""
    night_from, night_until = _night(night) or (time(22, 30), time(7, 0))
    new = NewCommunity(
        company_id=0, names={"zh-CN": name, "en": name_en or name}, zone=zone, desk_phone=desk_phone or "",
        civil_address=civil_address or "", gate=gate or "", night_from=night_from, night_until=night_until,
    )  # fmt: skip
    made = asyncio.run(_add(load_settings(), new))
    if as_json:
        tell_json({"community": made})
        return
    tell("cli.community.added", community=made, name=name)


async def _add(settings: Settings, new: NewCommunity) -> int:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        _, company_id = await choose_community(tx, None, any_of_company=True)
        community_id = await add_community(tx, NewCommunity(**{**asdict(new), "company_id": company_id}))
        await furnish(await tx.enter(community_id), new)
        return community_id


@app.command("change")
def change_command(
    community: Community = None,
    name: Annotated[str | None, typer.Option(help="its name")] = None,
    name_en: English = None,
    desk_phone: Phone = None,
    civil_address: Address = None,
    gate: Gate = None,
    night: Night = None,
    repairs_together: RepairsTogether = None,
    second_person_above: SecondPersonAbove = None,
    public_status: Annotated[bool | None, typer.Option(help="whether everybody may read what goes on, without a log-in")] = None,
    new_status_address: Annotated[bool, typer.Option("--new-status-address", help="codes in the lobby lead nowhere then")] = False,
) -> None:
    """Change what is known of a community."""
    begins, ends = _night(night) or (None, None)
    changed = asyncio.run(
        _change(
            load_settings(),
            community,
            (name, name_en),
            CommunityChange(
                None,
                civil_address,
                gate,
                desk_phone,
                begins,
                ends,
                repairs_together,
                public_status,
                token_hex(6) if new_status_address else None,
                second_person_above,
            ),
        )
    )
    tell("cli.community.changed", community=changed)


async def _change(settings: Settings, community: int | None, names: tuple[str | None, str | None], change: CommunityChange) -> int:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        community_id, _ = await choose_community(tx, community)
        before = (await get_community(tx, community_id)).names
        given = {language: one for language, one in zip(("zh-CN", "en"), names, strict=True) if one}
        await change_community(tx, community_id, CommunityChange(**{**asdict(change), "names": {**before, **given}}))
        return community_id


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the communities with their ids."""
    sites = asyncio.run(_list(load_settings()))
    if as_json:
        tell_json([asdict(site) for site in sites])
        return
    for site in sites:
        name = site.names.get(terminal_language()) or next(iter(site.names.values()))
        typer.echo(f"{site.id}  {name}  {site.zone}  {site.night_from:%H:%M}-{site.night_until:%H:%M}  {site.desk_phone}".rstrip())


async def _list(settings: Settings) -> list[Site]:
    async with running_service(settings, connections=2) as service, service.database.floor() as tx:
        return [await get_community(tx, community_id) for community_id in await all_community_ids(tx)]


def _night(text: str | None) -> tuple[time, time] | None:
    """Its begin and end on the wall; exits with 2 where they cannot be read."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,2}):(\d{2})\s*[-–~]\s*(\d{1,2}):(\d{2})", text.strip())
    try:
        if found is None:
            raise ValueError(text)
        numbers = [int(part) for part in found.groups()]
        return time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
    except ValueError as problem:
        complain_in_words("cli.community.night", value=text)
        raise typer.Exit(2) from problem
