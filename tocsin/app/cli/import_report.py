"""What an import says on a terminal: what was understood, how far it is, what came of it."""

import sys
from dataclasses import asdict
from time import monotonic
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from people.imports.reasons import hint_text, reason_text
from people.imports.records import Sheet, TakenColumn, Understood
from people.imports.run import ImportRequest, ImportResult
from tocsin.app.cli.words import complain_in_words, tell, terminal_language
from tocsin.base.texts import say

_EVERY_SECONDS = 10.0
_ROWS_SHOWN = 20
_SAMPLES_SHOWN = 3


class Watcher:
    """Shows what was understood as soon as it is, and then how far it is: a bar on a terminal, a line each ten seconds elsewhere."""

    def __init__(self, file_name: str, *, quiet: bool) -> None:
        self.file_name, self.quiet = file_name, quiet
        self.total = 0
        self.told_at = monotonic()
        self.bar: Progress | None = None
        self.task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not self.quiet:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task(say(terminal_language(), "cli.import.reading"), total=None)
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if self.bar is not None:
            self.bar.stop()

    def understood(self, understood: Understood) -> None:
        """Say what the file was taken for."""
        self.total = sum(sheet.rows for sheet in understood.sheets)
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, total=self.total)
        if not self.quiet:
            show_understood(self.file_name, understood)

    def progress(self, rows: int) -> None:
        """Say how far it is."""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=rows)
        elif monotonic() - self.told_at > _EVERY_SECONDS:
            self.told_at = monotonic()
            complain_in_words("cli.import.progress", rows=rows, total=self.total)


def show_understood(file_name: str, understood: Understood) -> None:
    """Which column was taken for what, with some of its texts."""
    language = terminal_language()
    kind = say(language, f"import.kind.{understood.kind}")
    tell("cli.import.understood", file=file_name, kind=kind, format=understood.format, rows=sum(sheet.rows for sheet in understood.sheets))
    if understood.encoding:
        tell("cli.import.encoding", encoding=understood.encoding)
    for sheet in understood.sheets:
        _sheet(sheet)
    if understood.other_sheets:
        tell("cli.import.other_sheets", names=", ".join(understood.other_sheets))
    for word, span in understood.shift_words.items():
        tell("cli.import.shift", word=word, span=span)


def _sheet(sheet: Sheet) -> None:
    tell("cli.import.sheet", name=sheet.name or "-", line=sheet.heading_line)
    for column in sheet.columns:
        guess = "" if column.sure else say(terminal_language(), "cli.import.guess")
        samples = " | ".join(sample.replace("\n", " ") for sample in column.samples[:_SAMPLES_SHOWN])
        tell("cli.import.column", letter=column.letter, heading=column.heading, meant=_meant(column), guess=guess, samples=samples)
    if sheet.left_out:
        tell("cli.import.left_out", names=", ".join(sheet.left_out))


def _meant(column: TakenColumn) -> str:
    language = terminal_language()
    field = say(language, f"import.field.{column.field}")
    return f"{field} ({say(language, f'import.group.{column.group}')})" if column.group else field


def show_result(request: ImportRequest, result: ImportResult) -> None:
    """What came of it, the first rows that were refused, and what to do next."""
    counts = result.counts
    tell("cli.import.counts", new=counts.new, changed=counts.changed, unchanged=counts.unchanged, refused=counts.refused)
    if counts.new_places or counts.new_people or counts.new_addresses:
        tell("cli.import.added", places=counts.new_places, people=counts.new_people, addresses=counts.new_addresses)
    if counts.skipped:
        tell("cli.import.skipped", count=counts.skipped)
    if counts.ends:
        tell("cli.import.ends", ends=counts.ends, of=counts.of)
    _rows(result)
    if result.state == "asks":
        complain_in_words("cli.import.asks", ends=counts.ends, of=counts.of)
    elif request.dry:
        tell("cli.import.dry")
    else:
        tell("cli.import.applied")


def _rows(result: ImportResult) -> None:
    language = terminal_language()
    several = len(result.understood.sheets) > 1
    for one in result.looked_at[:_ROWS_SHOWN]:
        texts = [reason_text(language, asdict(fault)) for fault in one.faults] + [hint_text(language, asdict(hint)) for hint in one.hints]
        sheet = result.understood.sheets[one.sheet].name
        for text in texts:
            line = say(language, "cli.import.row_of_sheet" if several else "cli.import.row", sheet=sheet, line=one.line, text=text)
            typer.echo(line, err=bool(one.faults))
    more = result.counts.refused + result.counts.hints - _ROWS_SHOWN
    if more > 0 and len(result.looked_at) > _ROWS_SHOWN:
        tell("cli.import.more", count=more)
