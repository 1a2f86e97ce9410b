"""playbook simulate: the engine on a virtual clock, with people who answer by chance or by a script."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import time, timedelta
from pathlib import Path
from random import SystemRandom
from typing import Annotated, TypeVar

import typer

from playbooks.checker.report import Moment
from playbooks.engine.events import FactValue
from playbooks.language.durations import parse_duration
from playbooks.language.errors import PlaybookErrors
from playbooks.language.model import ForEachAction, Playbook, TaskAction
from playbooks.picture import in_words
from playbooks.simulator.figures import Figures, LadderFigures, Percentiles, Wrong, play_run, simulate
from playbooks.simulator.habits import SPREAD, Habits, parse_chance, read_habits
from playbooks.simulator.run import Played, Scene
from playbooks.simulator.script import Script, parse_fact, read_script
from playbooks.simulator.script import Wrong as WrongFact
from tocsin.app.cli.playbook_files import PlaybookFile, load
from tocsin.app.cli.playbook_report import clock
from tocsin.app.cli.words import tell, tell_json, terminal_language
from tocsin.base.texts import has_text, say

SHOWN_WRONGS = 12
Read = TypeVar("Read")


def simulate_command(
    file: PlaybookFile,
    runs: Annotated[int, typer.Option(min=1, max=1_000_000, help="how many incidents; with 1 its story is told")] = 1,
    seed: Annotated[int | None, typer.Option(help="the same seed plays the same stories; by default a new one, which is printed")] = None,
    run: Annotated[int | None, typer.Option(min=1, help="tell the story of this run of the seed")] = None,
    people: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="YAML: how people answer, tier by tier")] = None,
    script: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="YAML: what happens when, instead of chance")] = None,
    answers: Annotated[str, typer.Option(help="the chance that somebody answers an alert, as 80%")] = "",
    after: Annotated[str, typer.Option(help="how soon half of the answers come, as 45s")] = "",
    nobody: Annotated[list[str] | None, typer.Option(help="a tier with nobody on duty, as engineering/duty; again for more")] = None,
    fact: Annotated[list[str] | None, typer.Option(help="what is known, as people_inside=2; again for more")] = None,
    at: Annotated[str, typer.Option(help="the time of day of the declaration, as 02:10")] = "10:00",
    length: Annotated[str, typer.Option("--for", help="how long it is watched, as 3h")] = "3h",
    drill: Annotated[bool, typer.Option(help="as a drill")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Play incidents on a virtual clock; many runs say how long until each tier answered, and where it went wrong."""
    playbook = load(file)
    scene = Scene(playbook, _facts(playbook, fact or []), _time(at), _length(length, "--for"), drill)
    crowd = _crowd(playbook, people, script, answers, after, nobody or [])
    chosen = SystemRandom().randrange(2**31) if seed is None else seed
    if isinstance(crowd, Script) or runs == 1 or run is not None:
        number = run or 1
        played = play_run(scene, crowd, chosen, number)
        _show_story(playbook, crowd, chosen, number, played, as_json=as_json)
        return
    figures = simulate(scene, crowd, seed=chosen, runs=runs)
    _show_figures(playbook, crowd, chosen, figures, as_json=as_json)


def _crowd(playbook: Playbook, people: Path | None, script: Path | None, answers: str, after: str, nobody: list[str]) -> Habits | Script:
    if script is not None:
        if people is not None or answers or after:
            raise typer.BadParameter(say(terminal_language(), "cli.simulate.one_of_two"), param_hint="--script")
        read = _read(lambda text: read_script(text, str(script), playbook), script)
        return replace(read, nobody=read.nobody | frozenset(nobody))
    habits = _read(lambda text: read_habits(text, str(people), playbook), people) if people is not None else Habits()
    default = habits.default
    if answers:
        chance = parse_chance(answers)
        if chance is None:
            raise typer.BadParameter(say(terminal_language(), "cli.simulate.chance", value=answers), param_hint="--answers")
        default = replace(default, answers=chance)
    if after:
        default = replace(default, after=_length(after, "--after"))
    return replace(habits, default=default, nobody=habits.nobody | frozenset(nobody))


def _read(reading: Callable[[str], Read], file: Path) -> Read:
    try:
        return reading(file.read_text("utf-8"))
    except PlaybookErrors as problems:
        typer.echo(str(problems), err=True)
        raise typer.Exit(1) from problems


def _facts(playbook: Playbook, given: list[str]) -> dict[str, FactValue]:
    found: dict[str, FactValue] = {}
    for one in given:
        name, _, word = one.partition("=")
        if name not in playbook.ask:
            known = ", ".join(playbook.ask)
            raise typer.BadParameter(say(terminal_language(), "cli.simulate.fact_unknown", name=name, known=known), param_hint="--fact")
        value = parse_fact(playbook.ask[name], word)
        if isinstance(value, WrongFact):
            words = say(terminal_language(), "cli.simulate.fact_wrong", name=name, value=word, expected=value.expected)
            raise typer.BadParameter(words, param_hint="--fact")
        found[name] = value
    return found


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(say(terminal_language(), "cli.simulate.time", value=text), param_hint="--at") from None


def _length(text: str, option: str) -> timedelta:
    length = parse_duration(text)
    if length is None:
        raise typer.BadParameter(say(terminal_language(), "cli.simulate.length", value=text), param_hint=option)
    return length


def _show_story(playbook: Playbook, crowd: Habits | Script, seed: int, number: int, played: Played, *, as_json: bool) -> None:
    if as_json:
        tell_json(
            {
                **_head(playbook, crowd, seed), "run": number, "status": played.status, "ended_seconds": played.ended.total_seconds(),
                "story": [{"at_seconds": one.at.total_seconds(), "what": one.key, **one.values} for one in played.story],
                "red": [{"key": key, "step": step, "times": times} for (key, step), times in played.reds.items()],
            }
        )  # fmt: skip
        return
    _tell_head(playbook, crowd, seed)
    for moment in played.story:
        typer.echo(f"  {clock(moment.at):>8}  {_moment(playbook, moment)}")
    tell("cli.simulate.ended", at=clock(played.ended), status=_word(f"status.{played.status}"))
    for (key, step), times in played.reds.items():
        tell("cli.simulate.red", what=_wrong_word(key), step=_title(playbook, step), times=times)


def _show_figures(playbook: Playbook, crowd: Habits | Script, seed: int, figures: Figures, *, as_json: bool) -> None:
    if as_json:
        ladders = [asdict(one) for one in figures.ladders]
        wrong = [asdict(one) for one in figures.wrong]
        tell_json(
            {
                **_head(playbook, crowd, seed),
                "runs": figures.runs,
                "closed": figures.closed,
                "ladders": _plain(ladders),
                "wrong": _plain(wrong),
            }
        )
        return
    _tell_head(playbook, crowd, seed)
    tell("cli.simulate.runs", runs=figures.runs, closed=figures.closed)
    for ladder in figures.ladders:
        _tell_ladder(playbook, ladder)
    tell("cli.simulate.wrong" if figures.wrong else "cli.simulate.nothing_wrong")
    for one in figures.wrong[:SHOWN_WRONGS]:
        _tell_wrong(playbook, one)
    if len(figures.wrong) > SHOWN_WRONGS:
        tell("cli.simulate.more_wrong", count=len(figures.wrong) - SHOWN_WRONGS)


def _tell_ladder(playbook: Playbook, ladder: LadderFigures) -> None:
    tell(
        "cli.simulate.ladder", title=_title(playbook, ladder.step), acknowledged=ladder.acknowledged, began=ladder.began,
        times=_times(ladder.times), run=ladder.worst_run,
    )  # fmt: skip
    for tier in ladder.tiers:
        tell("cli.simulate.tier", who=tier.who, alerted=tier.alerted, answered=tier.answered, times=_times(tier.times))


def _tell_wrong(playbook: Playbook, wrong: Wrong) -> None:
    limit = "" if wrong.limit is None else f" ({_length_in_words(wrong.limit)})"
    what = f"{_wrong_word(wrong.what)}{limit}"
    tell("cli.simulate.wrong_line", runs=wrong.runs, what=what, step=_title(playbook, wrong.step), run=wrong.example)


def _times(times: Percentiles | None) -> str:
    if times is None:
        return _word("never")
    named = {"half": clock(times.half), "nine": clock(times.nine_of_ten), "ninety_nine": clock(times.ninety_nine)}
    return _word("times", **named, longest=clock(times.longest))


def _head(playbook: Playbook, crowd: Habits | Script, seed: int) -> dict[str, object]:
    assumed = {} if isinstance(crowd, Script) else {"people": _plain(asdict(crowd))}
    return {"playbook": playbook.name, "version": playbook.version, "seed": seed, **assumed}


def _tell_head(playbook: Playbook, crowd: Habits | Script, seed: int) -> None:
    tell("cli.simulate.head", title=playbook.title[terminal_language()], name=playbook.name, version=playbook.version, seed=seed)
    if isinstance(crowd, Script):
        tell("cli.simulate.by_script")
        return
    for who, habit in [(_word("everybody"), crowd.default), *crowd.by_who.items()]:
        tell(
            "cli.simulate.habit", who=who, answers=_percent(habit.answers), half=_length_in_words(habit.after),
            nine=_length_in_words(_seconds(habit.after * SPREAD)), cannot=_percent(habit.cannot), there=_length_in_words(habit.there_in),
            keeps=_percent(habit.keeps_promise),
        )  # fmt: skip
    tell(
        "cli.simulate.tasks",
        done=_percent(crowd.task_done),
        half=_length_in_words(crowd.task_after),
        solved=_length_in_words(crowd.solved_after),
    )
    for key, names in (("cli.simulate.nobody", crowd.nobody), ("cli.simulate.unreachable", crowd.unreachable)):
        if names:
            tell(key, who=", ".join(sorted(names)))


def _length_in_words(length: timedelta) -> str:
    language = terminal_language()
    return in_words(length, lambda key, /, **values: say(language, key, **values))


def _seconds(length: timedelta) -> timedelta:
    return timedelta(seconds=round(length.total_seconds()))


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _plain(value: object) -> object:
    """What JSON can hold: lengths in seconds, sets in order."""
    match value:
        case timedelta():
            return value.total_seconds()
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case frozenset() | set():
            return sorted(str(one) for one in value)
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value


def _moment(playbook: Playbook, moment: Moment) -> str:
    language = terminal_language()
    step = playbook.steps.get(moment.values.get("step", ""))
    values = dict(moment.values)
    if step is not None:
        results = step.action.results if isinstance(step.action, TaskAction | ForEachAction) else {}
        result = results.get(values.get("result", ""))
        values |= {"step": step.title[language]} | ({"result": result[language]} if result is not None else {})
    own = f"cli.simulate.{moment.key}"
    return say(language, own if has_text(own) else f"cli.check.moment.{moment.key}", **values).strip()


def _title(playbook: Playbook, step: str) -> str:
    known = playbook.steps.get(step)
    return f"{known.title[terminal_language()]} ({step})" if known is not None else step


def _wrong_word(key: str) -> str:
    own = f"cli.simulate.fault.{key}"
    return say(terminal_language(), own) if has_text(own) else key


def _word(key: str, **values: object) -> str:
    return say(terminal_language(), f"cli.simulate.{key}", **values)
