"""One incident on a virtual clock: the real engine, with people and the directory played.

At the same instant people come before the clock, as in the engine. What the directory says (nobody on duty, so many places) is an
event at once, as in the service. Numbers of persons are those of the tiers, in the playbook's order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush
from random import Random

from playbooks.checker.report import Moment
from playbooks.checker.tell import as_typed, known, moments_of_effects, whom
from playbooks.engine import effects as does
from playbooks.engine import events as happens
from playbooks.engine.decide import Decision, Opening, decide, start, wake_at
from playbooks.engine.events import AnswerWord, Event, FactValue
from playbooks.engine.state import State
from playbooks.language.model import AlertAction, ExpectAction, ForEachAction, NewsAction, Playbook, Step, TaskAction
from playbooks.simulator.habits import Habits, delay, tiers_of
from playbooks.simulator.script import Finishes, Says, Script, SendsNews

DAY = datetime(2026, 11, 24, tzinfo=UTC)
NIGHT = (time(22, 30), time(7, 0))
"""The night that a community has unless it says otherwise."""
NEXT_NEWS = timedelta(minutes=30)
CLOSING = timedelta(minutes=10)
"""From the end of the danger to the attempt to close."""
FIRST_RESULT = 0.9
"""The chance that a task ends with the first of its results, which playbooks give to the good case."""
LIMIT_TO_MEDIAN = 3
MOST_MOVES = 20_000


@dataclass(frozen=True)
class Scene:
    """What is played: `clock` is the time of day of the declaration, `length` how long it is watched, `places` how many a task for each
    place has."""

    playbook: Playbook
    facts: dict[str, FactValue] = field(default_factory=dict)
    clock: time = time(10, 0)
    length: timedelta = timedelta(hours=3)
    drill: bool = False
    places: int = 2


@dataclass(frozen=True)
class Times:
    """One tier on one ladder: when it was first alerted, and when it first answered, since the declaration."""

    step: str
    who: str
    alerted: timedelta
    answered: timedelta | None


@dataclass(frozen=True)
class Played:
    """What came of a run. `first`: when each outcome of each step came first. `reds`: what a human had to see, by (key, step)."""

    story: tuple[Moment, ...]
    first: dict[tuple[str, str], timedelta]
    tiers: tuple[Times, ...]
    reds: dict[tuple[str, str], int]
    status: str
    ended: timedelta


@dataclass
class _Tier:
    alerted: timedelta
    rung: int
    answered: timedelta | None = None
    waits: bool = False


class _Run:
    def __init__(self, scene: Scene, habits: Habits | None, script: Script | None, rng: Random) -> None:
        self.scene, self.habits, self.script, self.rng = scene, habits, script, rng
        self.nobody = (habits or script or Script()).nobody
        self.unreachable = (habits or script or Script()).unreachable
        self.began = datetime.combine(DAY, scene.clock, UTC)
        self.now = self.began
        self.until = self.began + scene.length
        self.numbers = {name: number for number, name in enumerate(tiers_of(scene.playbook), start=1)}
        self.names = {number: name for name, number in self.numbers.items()}
        self.queue: list[tuple[datetime, int, object]] = []
        self.serial = 0
        self.story: list[Moment] = []
        self.first: dict[tuple[str, str], timedelta] = {}
        self.noted: dict[str, tuple[str, ...]] = {}
        self.tiers: dict[tuple[str, str], _Tier] = {}
        self.reds: dict[tuple[str, str], int] = {}
        self.solving = False
        self.state: State

    @property
    def since(self) -> timedelta:
        return self.now - self.began

    def later(self, at: datetime, deed: object) -> None:
        self.serial += 1
        heappush(self.queue, (at, self.serial, deed))

    def play(self) -> Played:
        facts = {**(self.script.facts if self.script else {}), **self.scene.facts}
        opening = Opening(
            facts=facts, severity=self.scene.playbook.severity, place_kind=(self.scene.playbook.place_kinds or ("place",))[0],
            drill=self.scene.drill, night=_is_night(self.scene.clock),
        )  # fmt: skip
        self.story.append(Moment(timedelta(0), "declared", {"facts": known(opening)}))
        for at in _night_changes(self.began, self.until):
            self.later(at, happens.NightChanged(night=_is_night(at.time())))
        for line in self.script.lines if self.script else ():
            self.later(self.began + line.at, line.deed)
        self.take(start(self.scene.playbook, opening, self.now))
        self._go_on()
        tiers = tuple(Times(step, who, one.alerted, one.answered) for (step, who), one in self.tiers.items())
        return Played(tuple(self.story), self.first, tiers, self.reds, self.state.status, self.since)

    def _go_on(self) -> None:
        for _ in range(MOST_MOVES):
            wake = wake_at(self.state)
            deed_at = self.queue[0][0] if self.queue else None
            if wake is None and deed_at is None:
                return
            people_first = deed_at is not None and (wake is None or deed_at <= wake)
            at = deed_at if people_first and deed_at is not None else wake
            if at is None or at > self.until or self.state.status in ("closed", "cancelled"):
                return
            self.now = max(at, self.now)
            if people_first:
                self.do(heappop(self.queue)[2])
            else:
                self.happens(happens.Tick())

    def happens(self, event: Event) -> None:
        self.take(decide(self.scene.playbook, self.state, event, self.now))

    def take(self, decision: Decision) -> None:
        self.state = decision.state
        for name, step in self.state.steps.items():
            if self.noted.get(name) is not step.outcomes:
                self.noted[name] = step.outcomes
                for outcome in step.outcomes:
                    self.first.setdefault((name, outcome), self.since)
        self.story += moments_of_effects(decision.effects, self.since)
        for effect in decision.effects:
            self.react(effect)

    def react(self, effect: does.Effect) -> None:
        match effect:
            case does.Alert():
                self._alerted(effect)
            case does.Taken():
                self._hear_that_it_is_taken(effect)
            case does.Task():
                self._task(effect)
            case does.OpenChildren():
                self._places(effect)
            case does.Red():
                step = str(effect.variables.get("alert") or effect.variables.get("step") or "").partition("#")[0]
                self.reds[effect.key, step] = self.reds.get((effect.key, step), 0) + 1
            case _:
                pass

    def _alerted(self, effect: does.Alert) -> None:
        names = [whom((one,)) for one in effect.who]
        there = [name for name in names if name not in self.nobody]
        reached = [name for name in there if name not in self.unreachable]
        step = effect.alert.partition("#")[0]
        if not reached:
            kind = happens.AllWaysFailed if there else happens.NobodyOnDuty
            event = kind(alert=effect.alert, rung=effect.rung)
            self.story.append(Moment(self.since, f"event.{event.kind}", {"step": step}))
            self.later(self.now, event)
            return
        for name in reached:
            tier = self.tiers.setdefault((step, name), _Tier(self.since, effect.rung))
            tier.rung = effect.rung
            if self.habits is not None and not tier.waits:
                self._perhaps_answers(self.habits, effect, step, name, tier)

    def _perhaps_answers(self, habits: Habits, effect: does.Alert, step: str, name: str, tier: _Tier) -> None:
        habit = habits.of(name)
        if self.rng.random() >= habit.answers:
            return
        tier.waits = True
        at = self.now + delay(self.rng, habit.after)
        if self.rng.random() < habit.cannot:
            self.later(at, Says(name, "cannot", step=step))
            return
        promised = min(habit.there_in, _longest_promise(self.scene.playbook, step))
        self.later(at, Says(name, "on_the_way", max(1, round(promised.total_seconds() / 60)), step))
        keeps = self.rng.random() < habit.keeps_promise
        travel = promised * (self.rng.uniform(0.5, 0.95) if keeps else self.rng.uniform(1.1, 2.0))
        self.later(at + _whole(travel), Says(name, "on_scene", step=step))

    def _hear_that_it_is_taken(self, effect: does.Taken) -> None:
        """Whoever else was about to answer this ladder hears that they need not."""
        step, taker = effect.alert.partition("#")[0], self.names[effect.by_person]
        kept = [one for one in self.queue if not (isinstance(one[2], Says) and one[2].step == step and one[2].who != taker)]
        if self.habits is not None and len(kept) < len(self.queue):
            for (other, name), tier in self.tiers.items():
                if other == step and name != taker:
                    tier.waits = False
            self.queue[:] = sorted(kept)

    def _task(self, effect: does.Task) -> None:
        if self.habits is None or self.rng.random() >= self.habits.task_done:
            return
        step = self.scene.playbook.steps[effect.task.partition("#")[0]]
        at = self.now + delay(self.rng, self._median(self.habits, step))
        if isinstance(step.action, NewsAction):
            self.later(at, SendsNews(NEXT_NEWS))
            return
        self.later(at, happens.TaskDone(task=effect.task, result=self._result(effect.results)))

    def _median(self, habits: Habits, step: Step) -> timedelta:
        """A task with a long limit is long work: a third of its limit, where that is more than people take for any."""
        return max(habits.task_after, step.within / LIMIT_TO_MEDIAN) if step.within is not None else habits.task_after

    def _result(self, results: tuple[str, ...]) -> str | None:
        if not results:
            return None
        return results[0] if len(results) == 1 or self.rng.random() < FIRST_RESULT else self.rng.choice(results[1:])

    def _places(self, effect: does.OpenChildren) -> None:
        self.later(self.now, happens.Expanded(step=effect.task, count=self.scene.places))
        if self.habits is None:
            return
        for number in range(1, self.scene.places + 1):
            if self.rng.random() < self.habits.task_done:
                at = self.now + delay(self.rng, self._median(self.habits, self.scene.playbook.steps[effect.step]))
                self.later(at, happens.TaskDone(task=f"{effect.task}/{number}", result=self._result(effect.results)))

    def do(self, deed: object) -> None:
        """What somebody does now."""
        match deed:
            case Says():
                self._says(deed)
            case Finishes(step=step, result=result, item=item):
                task = f"{step}#{self.state.step(step).occurrence}" + (f"/{item}" if item is not None else "")
                self._tell_and_let_happen(happens.TaskDone(task=task, result=result), {"step": step, "result": result or "-"})
            case SendsNews(next_in=length):
                due = None if length is None else self.now + length
                self._tell_and_let_happen(happens.UpdateSent(next_by=due), {})
            case happens.TaskDone(task=task, result=result):
                self._tell_and_let_happen(deed, {"step": task.partition("#")[0], "result": result or "-"})
            case happens.EventModel():
                self._tell_and_let_happen(deed, _values(deed))  # type: ignore[arg-type]

    def _tell_and_let_happen(self, event: Event, values: dict[str, str]) -> None:
        if event.kind not in ("nobody_on_duty", "all_ways_failed"):
            self.story.append(Moment(self.since, f"event.{event.kind}", values))
        self.happens(event)

    def _says(self, says: Says) -> None:
        for (step, name), tier in list(self.tiers.items()):
            if name != says.who or says.step not in (None, step):
                continue
            tier.waits = False
            if tier.answered is None:
                tier.answered = self.since
            self._answer(step, tier.rung, says)

    def _answer(self, step: str, rung: int, says: Says) -> None:
        key = f"answer.{says.answer}" + (".minutes" if says.minutes is not None else "")
        values = {"step": step, "person": says.who, "minutes": "" if says.minutes is None else str(says.minutes)}
        self.story.append(Moment(self.since, key, values))
        alert = f"{step}#{self.state.step(step).occurrence}"
        word: AnswerWord = says.answer
        self.happens(happens.Answered(alert=alert, rung=rung, person=self.numbers[says.who], answer=word, minutes=says.minutes))
        if word == "on_scene" and step == main_ladder(self.scene.playbook):
            self._solve()

    def _solve(self) -> None:
        """Somebody who can help is there: in time it is over, confirmed, and closed."""
        if self.habits is None or self.solving:
            return
        self.solving = True
        at = self.now + delay(self.rng, self.habits.solved_after)
        for need in self.scene.playbook.needs:
            self.later(at, happens.WasConfirmed(name=need))
        self.later(at, happens.Resolved())
        self.later(at + CLOSING, happens.CloseRequested())


def play(scene: Scene, people: Habits | Script, rng: Random) -> Played:
    """Play one incident; the same `rng` state plays the same story."""
    habits = people if isinstance(people, Habits) else None
    script = people if isinstance(people, Script) else None
    return _Run(scene, habits, script, rng).play()


def main_ladder(playbook: Playbook) -> str | None:
    """The ladder whose people end the emergency: the one whose arrival is expected, else the first."""
    ladders = [name for name, step in playbook.steps.items() if isinstance(step.action, AlertAction)]
    expected = [step.action.step for step in playbook.steps.values() if isinstance(step.action, ExpectAction)]
    return next(iter(expected or ladders), None)


def _longest_promise(playbook: Playbook, step: str) -> timedelta:
    action = playbook.steps[step].action
    return action.promise if isinstance(action, AlertAction) else timedelta.max


def ends_well(step: Step) -> str | None:
    """The outcome by which a step with a time limit has kept it."""
    if isinstance(step.action, ExpectAction):
        return "met"
    return "done" if isinstance(step.action, TaskAction | ForEachAction) else None


def _values(event: Event) -> dict[str, str]:
    facts = getattr(event, "facts", None)
    if facts:
        return {"facts": as_typed(facts)}
    return {name: str(value) for name, value in event.model_dump(exclude={"kind"}).items()}


def _whole(length: timedelta) -> timedelta:
    return timedelta(seconds=max(1, round(length.total_seconds())))


def _is_night(at: time) -> bool:
    return at >= NIGHT[0] or at < NIGHT[1]


def _night_changes(began: datetime, until: datetime) -> list[datetime]:
    days = range((until - began).days + 2)
    instants = [datetime.combine(began.date() + timedelta(days=day), clock, UTC) for day in days for clock in NIGHT]
    return sorted(at for at in instants if began < at <= until)
