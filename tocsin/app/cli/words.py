"""How the command line speaks: in the language of the terminal, plain for people, JSON for scripts."""

import json
import os

import typer

from tocsin.base.errors import TocsinError
from tocsin.base.texts import choose_language, has_text, say


def terminal_language() -> str:
    """zh-CN or en, from LC_ALL, LC_MESSAGES or LANG; English where they say nothing."""
    asked = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return choose_language(asked) if asked[:2] in ("zh", "en") else "en"


def tell(key: str, **values: object) -> None:
    """One line for people."""
    typer.echo(say(terminal_language(), key, **values))


def tell_json(value: object) -> None:
    """One JSON value for scripts."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def words_of(refusal: TocsinError) -> str:
    """What is wrong and the way out, in the language of the terminal."""
    key = f"error.{refusal.code}"
    return say(terminal_language(), key, **refusal.values) if has_text(key) else str(refusal)


def complain(refusal: TocsinError) -> None:
    """A refusal on standard error."""
    typer.echo(words_of(refusal), err=True)


def complain_in_words(key: str, **values: object) -> None:
    """One line on standard error."""
    typer.echo(say(terminal_language(), key, **values), err=True)
