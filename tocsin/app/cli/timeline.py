"""timeline verify."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from incidents.timeline.anchors import anchor_file, read_anchors
from incidents.timeline.verify import Verdict, verify
from people.communities import all_community_ids
from tocsin.app.cli.words import tell, tell_json
from tocsin.app.wiring import running_service
from tocsin.base.loop import run
from tocsin.base.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="The record of incidents.")


@app.callback()
def group() -> None:
    """The record of incidents."""


@app.command("verify")
def verify_command(
    community: Annotated[int | None, typer.Option(help="only this community's id")] = None,
    incident: Annotated[int | None, typer.Option(help="only this incident's id")] = None,
    anchors: Annotated[Path | None, typer.Option(help="file of anchored heads; by default the one this service writes")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Recompute every hash, and compare with the heads that were written outside the database. Exit 1 when anything is wrong."""
    settings = load_settings()
    verdicts, refused = run(_verify(settings, community, incident, anchors or anchor_file(settings.data_dir)))
    if as_json:
        tell_json({"holds": all(one.holds for one in verdicts) and not refused, "anchors_refused": refused,
                   "incidents": [{**asdict(one), "holds": one.holds} for one in verdicts]})  # fmt: skip
    else:
        _print(verdicts, refused)
    if refused or not all(one.holds for one in verdicts):
        raise typer.Exit(1)


async def _verify(settings: Settings, community: int | None, incident: int | None, path: Path) -> tuple[list[Verdict], int]:
    async with running_service(settings, connections=2) as service:
        anchors, refused = read_anchors(service.secrets, path)
        async with service.database.floor() as tx:
            ids = [community] if community is not None else await all_community_ids(tx)
        verdicts: list[Verdict] = []
        for community_id in ids:
            async with service.database.community(community_id) as tx:
                verdicts.extend(await verify(tx, incident, anchors))
        return verdicts, refused


def _print(verdicts: list[Verdict], refused: int) -> None:
    for verdict in verdicts:
        where = {"community": verdict.community_id, "incident": verdict.incident_id, "number": verdict.number}
        if verdict.holds:
            tell("cli.timeline.holds", events=verdict.events, erased=verdict.erased, **where)
        for fault in verdict.faults:
            tell(f"cli.timeline.{fault.what}", no=fault.no, **where)
    if refused:
        tell("cli.timeline.anchors_refused", count=refused)
    if not verdicts:
        tell("cli.timeline.none")
