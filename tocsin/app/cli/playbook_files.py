"""The playbook that a command is about: a file, or the name of one that ships with the service."""

from pathlib import Path
from typing import Annotated

import typer

from playbooks.language.errors import PlaybookErrors
from playbooks.language.load import load_with_warnings
from playbooks.language.model import Playbook
from playbooks.library import SHIPPED, source
from tocsin.app.cli.words import complain_in_words

PlaybookFile = Annotated[str, typer.Argument(help="a file, or the name of a playbook that ships with the service")]


def read(file: str) -> str:
    """The text; where there is no such file and no such playbook, that is said, and the exit is 2."""
    path = Path(file)
    if path.is_file():
        return path.read_text("utf-8")
    if file in SHIPPED:
        return source(file)
    complain_in_words("cli.playbook.no_file", file=file, known=", ".join(SHIPPED))
    raise typer.Exit(2)


def load(file: str) -> Playbook:
    """The playbook, its warnings told; where it has problems all of them are told, and the exit is 1."""
    try:
        playbook, warnings = load_with_warnings(read(file), file)
    except PlaybookErrors as problems:
        typer.echo(str(problems), err=True)
        raise typer.Exit(1) from problems
    for warning in warnings:
        typer.echo(str(warning), err=True)
    return playbook
