"""What a check of a playbook found, as a table that a supervisor can read, and each counter-example as a story."""

from datetime import timedelta

import typer

from playbooks.checker.report import Finding, Moment, Report, Result, Row, Silence, table
from playbooks.language.model import Playbook
from tocsin.app.cli.words import tell, terminal_language
from tocsin.base.texts import say


def show_report(playbook: Playbook, report: Report) -> None:
    """Print the table, the times in silence, what was not finished, and every story."""
    for row in table(report):
        _row(row)
    _silence(report.silence)
    if report.guards:
        tell("cli.check.guards", steps=_titles(playbook, report.guards))
    for result in report.results:
        if result.status == "not_finished":
            tell("cli.check.unfinished", step=result.step or playbook.name, what=_word(f"property.{result.property}"), states=result.states)
        if result.finding is not None:
            _story(result, result.finding)
    tell("cli.check.took", seconds=f"{report.seconds:.1f}")


def _row(row: Row) -> None:
    status = _word(f"status.{row.status}", states=row.states)
    tell("cli.check.row", status=status, what=_word(f"property.{row.property}"), steps=row.steps)
    if row.worst:
        tell("cli.check.row_steps", steps=", ".join(row.worst))


def _silence(silence: Silence) -> None:
    tell("cli.check.silence", openings=silence.openings, gap=clock(silence.gap), pause=clock(silence.longest_pause))
    for first in silence.first_alerts:
        key = "cli.check.first_alert" if first.never_in == 0 else "cli.check.first_alert_not_always"
        tell(key, at=clock(first.after), who=first.who, step=first.step, never_in=first.never_in, openings=first.openings)


def _story(result: Result, finding: Finding) -> None:
    key = "cli.check.story" if finding.happens else "cli.check.story_not_reproduced"
    tell(key, step=result.step or "", what=_word(f"property.{result.property}"))
    for moment in finding.story:
        typer.echo(f"  {clock(moment.at)} {_moment(moment)}")


def _moment(moment: Moment) -> str:
    return _word(f"moment.{moment.key}", **moment.values).strip()


def _word(key: str, **values: object) -> str:
    return say(terminal_language(), f"cli.check.{key}", **values)


def _titles(playbook: Playbook, names: tuple[str, ...]) -> str:
    language = terminal_language()
    return ", ".join(f"{playbook.steps[name].title[language]} ({name})" for name in names)


def clock(length: timedelta) -> str:
    """`2:00`, `1:15:00`; a length without end is a dash."""
    if length == timedelta.max:
        return "—"
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
