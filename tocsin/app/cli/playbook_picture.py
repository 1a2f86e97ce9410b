"""playbook show: a playbook as a supervisor reads it."""

from typing import Annotated

import typer

from playbooks.picture import picture
from tocsin.app.cli.playbook_files import PlaybookFile, load
from tocsin.app.cli.words import tell_json, terminal_language
from tocsin.base.texts import say


def show_command(
    file: PlaybookFile,
    language: Annotated[str, typer.Option(help="zh-CN or en; by default the terminal's")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print the whole playbook as JSON")] = False,
) -> None:
    """Read a playbook aloud: what it asks and says, whom it alerts and when, every text, and how it ends."""
    playbook = load(file)
    spoken = language or terminal_language()
    if spoken not in playbook.title:
        raise typer.BadParameter(", ".join(playbook.title), param_hint="--language")
    if as_json:
        tell_json(playbook.model_dump(mode="json"))
        return

    def speak(key: str, /, **values: object) -> str:
        return say(spoken, key, **values)

    for line in picture(playbook, spoken, speak):
        typer.echo("  " * line.depth + line.words)
