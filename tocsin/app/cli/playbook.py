"""playbook check, playbook show."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from playbooks.checker.explore import explore
from playbooks.language.errors import PlaybookErrors
from playbooks.language.load import load_with_warnings
from tocsin.app.cli.playbook_report import show_report
from tocsin.app.cli.words import tell, tell_json, terminal_language

app = typer.Typer(no_args_is_help=True, help="Playbooks.")


@app.callback()
def group() -> None:
    """Playbooks."""


@app.command("check")
def check_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Name everything wrong with a playbook by line and column, and run it through what may happen. Exit 1 if it may not be used."""
    try:
        playbook, warnings = load_with_warnings(file.read_text("utf-8"), str(file))
    except PlaybookErrors as problems:
        typer.echo(str(problems), err=True)
        raise typer.Exit(1) from problems
    for warning in warnings:
        typer.echo(str(warning), err=True)
    report = explore(playbook)
    if as_json:
        tell_json({**asdict(report), "holds": report.holds})
        raise typer.Exit(0 if report.holds else 1)
    show_report(playbook, report)
    if not report.holds:
        tell("cli.playbook.refused", name=playbook.name, version=playbook.version)
        raise typer.Exit(1)
    tell("cli.playbook.good", name=playbook.name, version=playbook.version, steps=len(playbook.steps))


@app.command("show")
def show_command(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Read a playbook aloud: its steps, in order, in the language of the terminal."""
    playbook, _ = load_with_warnings(file.read_text("utf-8"), str(file))
    language = terminal_language()
    typer.echo(playbook.title[language])
    for step in playbook.steps.values():
        typer.echo(f"  {step.name}: {step.title[language]}")
