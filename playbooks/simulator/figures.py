"""Many runs added up: how long until each ladder was acknowledged, tier by tier, and where it went wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import repeat
from math import ceil
from os import cpu_count
from random import Random

from playbooks.language.model import AlertAction, Playbook
from playbooks.simulator.habits import Habits
from playbooks.simulator.run import Played, Scene, ends_well, play
from playbooks.simulator.script import Script

TOGETHER = 50
"""Runs that one process plays at a time."""


@dataclass(frozen=True)
class Percentiles:
    """Of so many lengths: half were no longer than `half`, and so on."""

    count: int
    half: timedelta
    nine_of_ten: timedelta
    ninety_nine: timedelta
    longest: timedelta


@dataclass(frozen=True)
class TierFigures:
    """One tier on one ladder: alerted in so many runs, answered in so many, how soon after its own first alert."""

    who: str
    alerted: int
    answered: int
    times: Percentiles | None


@dataclass(frozen=True)
class LadderFigures:
    """One ladder: began in so many runs, acknowledged in so many, how long after it began; `worst_run` took longest, or for ever."""

    step: str
    began: int
    acknowledged: int
    times: Percentiles | None
    tiers: tuple[TierFigures, ...]
    worst_run: int


@dataclass(frozen=True)
class Wrong:
    """Something that went wrong: what, at which step, in how many runs, and one of them to look at."""

    what: str
    step: str
    runs: int
    example: int
    limit: timedelta | None = None


@dataclass(frozen=True)
class Figures:
    """All runs. `closed`: how many came to their end."""

    runs: int
    closed: int
    ladders: tuple[LadderFigures, ...]
    wrong: tuple[Wrong, ...]


def rng_of(seed: int, run: int) -> Random:
    """Run `run` of `seed`, whatever was played before it."""
    return Random(f"{seed}/{run}")


def play_run(scene: Scene, people: Habits | Script, seed: int, run: int) -> Played:
    """One run by its number."""
    return play(scene, people, rng_of(seed, run))


def simulate(scene: Scene, people: Habits | Script, *, seed: int, runs: int) -> Figures:
    """Play so many runs and add them up; by all processors where there are many."""
    return add_up(scene.playbook, enumerate(_play_all(scene, people, seed, runs), start=1))


def _play_all(scene: Scene, people: Habits | Script, seed: int, runs: int) -> Iterator[Played]:
    if runs < 4 * TOGETHER:
        yield from (play_run(scene, people, seed, run) for run in range(1, runs + 1))
        return
    with ProcessPoolExecutor(cpu_count()) as pool:
        numbers = range(1, runs + 1)
        yield from pool.map(_play_quietly, repeat(scene), repeat(people), repeat(seed), numbers, chunksize=TOGETHER)


def _play_quietly(scene: Scene, people: Habits | Script, seed: int, run: int) -> Played:
    """Without the story, which would only be carried from process to process."""
    played = play_run(scene, people, seed, run)
    return Played((), played.first, played.tiers, played.reds, played.status, played.ended)


def add_up(playbook: Playbook, runs: Iterable[tuple[int, Played]]) -> Figures:
    """The figures of these numbered runs."""
    every = list(runs)
    ladders = [step.name for step in playbook.steps.values() if isinstance(step.action, AlertAction)]
    return Figures(
        runs=len(every),
        closed=sum(played.status == "closed" for _, played in every),
        ladders=tuple(figures for name in ladders if (figures := _ladder(name, every)) is not None),
        wrong=tuple(sorted(_wrong(playbook, every), key=lambda one: -one.runs)),
    )


def _ladder(name: str, runs: Sequence[tuple[int, Played]]) -> LadderFigures | None:
    began = [(run, played) for run, played in runs if (name, "started") in played.first]
    if not began:
        return None
    waited = {run: _waited(name, played) for run, played in began}
    times = [length for length in waited.values() if length is not None]
    worst = max(waited, key=lambda run: timedelta.max if waited[run] is None else waited[run] or timedelta(0))
    return LadderFigures(name, len(began), len(times), percentiles(times), _tiers(name, [played for _, played in began]), worst)


def _waited(name: str, played: Played) -> timedelta | None:
    acknowledged = played.first.get((name, "acknowledged"))
    return None if acknowledged is None else acknowledged - played.first[name, "started"]


def _tiers(name: str, runs: Sequence[Played]) -> tuple[TierFigures, ...]:
    alerted: Counter[str] = Counter()
    times: dict[str, list[timedelta]] = defaultdict(list)
    for played in runs:
        for one in played.tiers:
            if one.step == name:
                alerted[one.who] += 1
                if one.answered is not None:
                    times[one.who].append(one.answered - one.alerted)
    return tuple(TierFigures(who, count, len(times[who]), percentiles(times[who])) for who, count in alerted.items())


def _wrong(playbook: Playbook, runs: Sequence[tuple[int, Played]]) -> list[Wrong]:
    found: dict[tuple[str, str, timedelta | None], list[int]] = defaultdict(list)
    for run, played in runs:
        for what in _faults(playbook, played):
            found[what].append(run)
    return [Wrong(what, step, len(numbers), numbers[0], limit) for (what, step, limit), numbers in found.items()]


def _faults(playbook: Playbook, played: Played) -> set[tuple[str, str, timedelta | None]]:
    faults: set[tuple[str, str, timedelta | None]] = {(key, step, None) for key, step in played.reds}
    for name, step in playbook.steps.items():
        started = played.first.get((name, "started"))
        if started is None:
            continue
        if isinstance(step.action, AlertAction) and (name, "acknowledged") not in played.first and (name, "stood_down") not in played.first:
            faults.add(("never_acknowledged", name, None))
        outcome = ends_well(step)
        if step.law is not None and outcome is not None:
            kept_at = played.first.get((name, outcome)) or played.first.get((name, "stood_down"))
            if (played.ended if kept_at is None else kept_at) - started > step.law:
                faults.add(("law_missed", name, step.law))
    return faults


def percentiles(lengths: Sequence[timedelta]) -> Percentiles | None:
    """Nearest ranks; None of nothing."""
    if not lengths:
        return None
    ranked = sorted(lengths)

    def rank(share: float) -> timedelta:
        return ranked[max(0, ceil(share * len(ranked)) - 1)]

    return Percentiles(len(ranked), rank(0.5), rank(0.9), rank(0.99), ranked[-1])
