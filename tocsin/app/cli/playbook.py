"""playbook check, show, simulate, use, list."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from incidents.own_plans import Missing, VersionName, missing_in_directory, put_to_use
from incidents.plans import kinds
from playbooks.checker.explore import explore
from playbooks.language.model import Playbook
from tocsin.app.cli.accounts import AsJson, Community, choose_community
from tocsin.app.cli.playbook_files import PlaybookFile, load
from tocsin.app.cli.playbook_picture import show_command
from tocsin.app.cli.playbook_report import show_report
from tocsin.app.cli.playbook_simulation import simulate_command
from tocsin.app.cli.words import tell, tell_json, terminal_language
from tocsin.app.wiring import running_service
from tocsin.base.loop import run
from tocsin.base.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Playbooks.")


@app.callback()
def group() -> None:
    """Playbooks."""


@app.command("check")
def check_command(
    file: PlaybookFile,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Name everything wrong with a playbook by line and column, and run it through what may happen. Exit 1 if it may not be used."""
    playbook = load(file)
    report = explore(playbook)
    if as_json:
        tell_json({**asdict(report), "holds": report.holds})
        raise typer.Exit(0 if report.holds else 1)
    show_report(playbook, report)
    if not report.holds:
        tell("cli.playbook.refused", name=playbook.name, version=playbook.version)
        raise typer.Exit(1)
    tell("cli.playbook.good", name=playbook.name, version=playbook.version, steps=len(playbook.steps))


app.command("show")(show_command)
app.command("simulate")(simulate_command)


@app.command("use")
def use_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    community: Community = None,
) -> None:
    """Check a playbook and use it for its kind from the next incident on. Exit 1, and nothing changes, if it may not be used."""
    playbook = load(str(file))
    report = explore(playbook)
    if not report.holds:
        show_report(playbook, report)
        tell("cli.playbook.refused", name=playbook.name, version=playbook.version)
        raise typer.Exit(1)
    community_id, replaced, missing = run(_use(load_settings(), file, playbook, community))
    title = playbook.title[terminal_language()]
    tell("cli.playbook.in_use", title=title, kind=playbook.kind, name=playbook.name, version=playbook.version, community=community_id)
    if replaced is not None:
        tell("cli.playbook.replaced", name=replaced.name, version=replaced.version)
    for key, names in (("no_department", missing.departments), ("no_post", missing.posts), ("no_number", missing.numbers)):
        for name in names:
            tell(f"cli.playbook.{key}", name=name)


async def _use(settings: Settings, file: Path, playbook: Playbook, community: int | None) -> tuple[int, VersionName | None, Missing]:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            community_id, _ = await choose_community(tx, community)
        async with service.database.community(community_id) as tx:
            return community_id, await put_to_use(tx, file.read_text("utf-8"), str(file)), await missing_in_directory(tx, playbook)


@app.command("list")
def list_command(community: Community = None, as_json: AsJson = False) -> None:
    """List the playbooks that a community uses, gravest first."""
    found = run(_list(load_settings(), community))
    language = terminal_language()
    if as_json:
        tell_json([{"kind": one.kind, "name": one.name, "version": one.version, "title": one.title} for one in found])
        return
    for one in found:
        typer.echo(f"{one.kind}  {one.name} {one.version}  {one.title[language]}")


async def _list(settings: Settings, community: int | None) -> list[Playbook]:
    async with running_service(settings, connections=2) as service:
        async with service.database.floor() as tx:
            community_id, _ = await choose_community(tx, community)
        async with service.database.community(community_id) as tx:
            return await kinds(tx)
