"""channel templates: what is missing or too long in the registered texts of a community's channels."""

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from incidents.registered_texts import texts_that_may_be_sent
from notifiers.channels.shape import TemplateRules
from notifiers.gateways import ChannelRow, get_gateway, list_channels, open_channel
from notifiers.registered_texts import Finding, Needed, check_templates
from tocsin.app.cli.accounts import AsJson, Community, choose_community
from tocsin.app.cli.words import tell, tell_json
from tocsin.app.wiring import Service, running_service
from tocsin.base.database import Tx
from tocsin.base.loop import run
from tocsin.base.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Checked:
    """A channel that carries registered texts only, and what was found of them."""

    row: ChannelRow
    needed: int
    findings: list[Finding]


def templates_command(
    channel_id: Annotated[int | None, typer.Argument(metavar="[CHANNEL]", help="this channel only")] = None,
    community: Community = None,
    as_json: AsJson = False,
) -> None:
    """Say which texts of the playbooks in use have no registered template, and which values may be too long.

    Exit 1 while a text that somebody's answer or safety depends on cannot be sent.
    """
    checked = run(_check(load_settings(), channel_id, community))
    stops = any(finding.stops for one in checked for finding in one.findings)
    if as_json:
        tell_json([_shown(one) for one in checked])
    else:
        _tell(checked)
    if stops:
        raise typer.Exit(1)


async def _check(settings: Settings, channel_id: int | None, community: int | None) -> list[Checked]:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            community_id, _ = await choose_community(tx, community)
        async with service.database.community(community_id) as tx:
            rows = [row for row in await list_channels(tx) if channel_id in (None, row.id)]
            needed = await texts_that_may_be_sent(tx)
            rules = [(row, await _rules_of(tx, service, row)) for row in rows]
    return [_checked(row, needed, found) for row, found in rules if found is not None]


async def _rules_of(tx: Tx, service: Service, row: ChannelRow) -> TemplateRules | None:
    """What the channel's gateway demands; None where it carries free text."""
    opened = open_channel(await get_gateway(tx, row.gateway_id), service.secrets)
    try:
        return opened.abilities.templates
    finally:
        await opened.close()


def _checked(row: ChannelRow, needed: list[Needed], rules: TemplateRules) -> Checked:
    wanted = [text for text in needed if row.kind != "voice" or text.rings]
    return Checked(row, len(wanted), check_templates(wanted, row.templates, rules, signature=row.signature))


def _shown(one: Checked) -> dict[str, object]:
    findings = [{**asdict(finding), "stops": finding.stops} for finding in one.findings]
    return {"channel": one.row.id, "gateway": one.row.gateway_name, "texts": one.needed, "findings": findings}


def _tell(checked: list[Checked]) -> None:
    if not checked:
        tell("cli.templates.none")
    for one in checked:
        wrong = sum(finding.stops for finding in one.findings)
        tell("cli.templates.channel", channel=one.row.id, gateway=one.row.gateway_name, texts=one.needed, wrong=wrong)
        for finding in sorted(one.findings, key=lambda found: (not found.stops, found.key, found.language)):
            mark = "!" if finding.stops else "-"
            tell(
                f"cli.templates.finding.{finding.what}", mark=mark, text=finding.key, spoken=finding.language, slot=finding.slot,
                longest=finding.longest, limit=finding.limit,
            )  # fmt: skip
