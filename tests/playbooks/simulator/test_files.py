"""Scripts and habits in YAML: what is understood, and what is refused with file, line, column and the way out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from playbooks.engine import events as happens
from playbooks.language.errors import PlaybookErrors
from playbooks.library import load_library
from playbooks.simulator.habits import read_habits
from playbooks.simulator.script import Finishes, Says, SendsNews, read_script

ENTRAPMENT = next(one for one in load_library() if one.name == "elevator_entrapment")


def test_a_script_says_everything_that_can_happen() -> None:
    script = read_script(
        """
facts: {people_inside: 2, medical_need: unknown, injured: no}
nobody: [engineering/backup]
unreachable: security/lead
then:
  - {at: 31m, resolve: yes}
  - {at: 0, reports: 2}
  - {at: 1m20s, who: engineering/duty, answer: on_the_way, minutes: 8, step: engineers}
  - {at: 2分钟, task: cctv, result: seen}
  - {at: 3m, facts: {injured: yes}}
  - {at: 4m, severity: urgent}
  - {at: 5m, tell: yes}
  - {at: 6m, news: 30m}
  - {at: 30m, confirm: everyone_out}
  - {at: 30m30s, withdraw: everyone_out}
  - {at: 40m, close: yes}
""",
        "x.yaml",
        ENTRAPMENT,
    )
    assert script.facts == {"people_inside": 2, "medical_need": None, "injured": False}
    assert (script.nobody, script.unreachable) == (frozenset({"engineering/backup"}), frozenset({"security/lead"}))
    assert [line.deed for line in script.lines] == [
        happens.Reported(homes=2),
        Says("engineering/duty", "on_the_way", 8, "engineers"),
        Finishes("cctv", "seen"),
        happens.FactsChanged(facts={"injured": True}),
        happens.SeverityChanged(severity="urgent"),
        happens.BroadcastNow(),
        SendsNews(timedelta(minutes=30)),
        happens.WasConfirmed(name="everyone_out"),
        happens.ConfirmationWithdrawn(name="everyone_out"),
        happens.Resolved(),
        happens.CloseRequested(),
    ]
    assert [line.at for line in script.lines] == sorted(line.at for line in script.lines)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{at: 1m, who: engineering/dutty, answer: received}", ("unknown tier", "engineering/duty")),
        ("{at: 1m, who: manager}", ("`answer` is missing", "on_the_way")),
        ("{at: 1m, who: manager, answer: comming}", ("unknown answer", "cannot")),
        ("{at: soon, resolve: yes}", ("not a duration", "1h30m")),
        ("{at: 1m}", ("says nothing", "`task`")),
        ("{at: 1m, resolve: yes, close: yes}", ("says one thing", "`close`")),
        ("{at: 1m, task: cctvv, result: seen}", ("unknown task", "cctv")),
        ("{at: 1m, task: cctv}", ("ends with a result", "seen")),
        ("{at: 1m, task: cctv, result: maybe}", ("unknown result", "not_seen")),
        ("{at: 1m, facts: {people: 2}}", ("unknown key `people`", "people_inside")),
        ("{at: 1m, facts: {people_inside: many}}", ("no answer to `people_inside`", "from 1 to 30")),
        ("{at: 1m, confirm: everybody}", ("unknown confirmation", "everyone_out")),
        ("{at: 1m, dance: yes}", ("unknown key `dance`", "then")),
    ],
)
def test_what_is_wrong_in_a_script_is_named_by_line_and_column(line: str, words: tuple[str, ...]) -> None:
    with pytest.raises(PlaybookErrors) as refusal:
        read_script(f"then:\n  - {line}\n", "story.yaml", ENTRAPMENT)

    assert "story.yaml:2:" in str(refusal.value)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)


def test_habits_are_those_of_the_tier_else_of_everybody() -> None:
    habits = read_habits(
        """
people:
  default: {answers: 70%, after: 30s}
  manager: {answers: 0.95, cannot: 0%}
nobody: [security/duty]
tasks: {done: 50%}
solved_after: 1h
""",
        "people.yaml",
        ENTRAPMENT,
    )
    assert (habits.of("manager").answers, habits.of("manager").after, habits.of("manager").cannot) == (0.95, timedelta(seconds=30), 0)
    assert habits.of("engineering/duty").answers == 0.7
    assert (habits.nobody, habits.task_done, habits.solved_after) == (frozenset({"security/duty"}), 0.5, timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("people: {managr: {answers: 1}}", ("alerts no `managr`", "manager")),
        ("people: {manager: {answers: 120%}}", ("not a chance", "100%")),
        ("people: {manager: {anwers: 1}}", ("unknown key `anwers`", "answers")),
        ("people: [manager]", ("a list stands where people belong",)),
        ("nobody: [engineers]", ("unknown tier",)),
        ("tasks: {after: never}", ("not a duration",)),
        ("", ("empty",)),
        ("people: {", ("not YAML",)),
    ],
)
def test_what_is_wrong_in_habits_is_named(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(PlaybookErrors) as refusal:
        read_habits(text, "people.yaml", ENTRAPMENT)

    assert "people.yaml:1:" in str(refusal.value)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)
