"""Every table of docs/playbooks.md lists what the language knows, no more and no less."""

import re
from typing import get_args

import pytest

from playbooks.checker.properties import Property
from playbooks.checker.report import Status
from playbooks.language.durations import SECONDS
from playbooks.language.errors import PlaybookErrors
from playbooks.language.load import load_playbook
from playbooks.language.names import ACTIONS, OUTCOMES
from playbooks.language.read_actions import AREAS, NIGHTS, PHASES
from playbooks.language.read_conditions import COMBINERS, WORLD
from playbooks.language.vocabulary import DIRECTORY_SLOTS, INSTANT_SLOTS, LAST_MILE_SLOTS, RESERVED_NAMES, STANDARD, TIERS
from tests.docs.pages import code, marks, read_page, table
from tests.playbooks.small import LADDER, task, tell, yaml
from tocsin.base.texts import say

PAGE = read_page("docs/playbooks.md")
STRANGE = "strange_key"
EXPECT = "here:\n  title: {zh-CN: 到场, en: There}\n  expect: {from: crew, answer: on_scene, strange_key: 1}\n  within: 5m\n"
NEWS = "news:\n  title: {zh-CN: 进展, en: News}\n  news: {for: front_desk, remind_before: 5m, strange_key: 1}\n  within: 30m\n"
EACH = (
    "lifts:\n  title: {zh-CN: 电梯, en: Lifts}\n  for_each: elevator\n  strange_key: 1\n"
    "  task: {for: security, results: {empty: {zh-CN: 空, en: Empty}}}\n  text: {zh-CN: 去看, en: Look}\n"
)
WITH_A_STRANGE_KEY = {
    "the file": f"{STRANGE}: 1\n" + yaml(LADDER),
    "for": yaml(LADDER).replace("place: building}", f"place: building, {STRANGE}: 1}}"),
    "question": yaml(LADDER).replace("  hurt:\n", f"  hurt:\n    {STRANGE}: 1\n"),
    "not_an_incident": yaml(LADDER).replace("closing_words:", f"not_an_incident: {{{STRANGE}: 1}}\nclosing_words:"),
    "words": yaml(LADDER).replace("words:\n  taken", f"words:\n  {STRANGE}: {{zh-CN: 一, en: one}}\n  taken"),
    "rung": yaml(LADDER.replace("within: 2m}", f"within: 2m, {STRANGE}: 1}}", 1)),
    "task": yaml(LADDER + task("work").replace("{for: front_desk}", f"{{for: front_desk, {STRANGE}: 1}}")),
    "audience": yaml(LADDER + tell("told", audience=f"{{residents_of: place, {STRANGE}: 1}}")),
    "expect": yaml(LADDER + EXPECT),
    "news": yaml(LADDER + NEWS),
    "need": yaml(LADDER).replace("by: supervisor}", f"by: supervisor, {STRANGE}: 1}}"),
    "after": yaml(LADDER).replace("over:\n", f"after: {{{STRANGE}: 1}}\nover:\n"),
}
"""For each table of keys: a playbook with one key that nobody knows where the table's keys belong."""


def known_where_it_is_strange(source: str) -> set[str]:
    """The keys that the loader says are allowed where the strange one stands."""
    with pytest.raises(PlaybookErrors) as refused:
        load_playbook(source, "page.yaml")
    problem = next(one for one in refused.value if one.what == f"unknown key `{STRANGE}`")
    return set(re.findall(r"`([^`]+)`", problem.way_out.partition("Allowed here:")[2]))


def keys(mark: str) -> set[str]:
    """The words in code in the first column of a table."""
    return {word for row in table(PAGE, f"keys of: {mark}") for word in code(row[0])}


def cells(mark: str) -> dict[str, str]:
    """First column to last column."""
    return {row[0]: row[-1] for row in table(PAGE, f"keys of: {mark}")}


@pytest.mark.parametrize("mark", WITH_A_STRANGE_KEY)
def test_a_table_lists_the_keys_that_the_loader_knows(mark: str) -> None:
    assert keys(mark) == known_where_it_is_strange(WITH_A_STRANGE_KEY[mark])


def test_the_keys_of_steps_are_those_of_all_actions_together() -> None:
    beside = {
        "tell": known_where_it_is_strange(yaml(LADDER + tell("told", f"{STRANGE}: 1"))),
        "for_each": known_where_it_is_strange(yaml(LADDER + EACH)),
        "alert": known_where_it_is_strange(yaml(LADDER + f"  {STRANGE}: 1\n")),
        "task": known_where_it_is_strange(yaml(LADDER + task("work", f"{STRANGE}: 1"))),
    }
    common = set.intersection(*beside.values())
    assert keys("step") == common | set(ACTIONS)
    assert keys("tell") == beside["tell"] - common - {"tell"}
    assert keys("for_each") == beside["for_each"] - common - {"for_each"}
    assert beside["alert"] - common == {"alert", "promise"} and "`promise`" in PAGE


def test_must_and_may_are_what_the_loader_asks_for() -> None:
    with pytest.raises(PlaybookErrors) as refused:
        load_playbook("after: {}\n", "page.yaml")
    missing = {re.findall(r"`([^`]+)`", one.what)[0] for one in refused.value if one.what.endswith("is missing")}
    assert {row[0].strip("`") for row in table(PAGE, "keys of: the file") if row[1] == "must"} == missing


def test_actions_and_their_outcomes() -> None:
    assert {code(first)[0]: set(code(last)) for first, last in cells("outcomes").items()} == {
        name: set(outcomes) for name, outcomes in OUTCOMES.items()
    }


def test_durations() -> None:
    assert keys("durations") == set(SECONDS)


def test_conditions() -> None:
    said = {re.findall(r"[a-z_]+", word)[0] for word in keys("conditions")}
    assert said == {*COMBINERS, *WORLD, "fact", "step", "need"}


def test_slots() -> None:
    said = {word.strip("{}") for word in keys("slots")}
    assert said - {"people_inside"} == {*DIRECTORY_SLOTS, *INSTANT_SLOTS, *LAST_MILE_SLOTS}


def test_the_words_of_the_directory() -> None:
    said = {name: tuple(code(words)) for name, words in cells("vocabulary").items()}
    assert said == {
        "departments": STANDARD.departments,
        "their tiers": TIERS,
        "posts": STANDARD.roles,
        "outside numbers": STANDARD.numbers,
        "kinds of place": STANDARD.place_kinds,
    }


def test_words_that_are_taken() -> None:
    sentence = re.search(r"These words are taken:\s+(.*?)\.", PAGE, re.DOTALL)
    assert sentence is not None and tuple(code(sentence[1])) == RESERVED_NAMES


def test_values_that_are_listed_in_the_text() -> None:
    assert keys("night") == set(NIGHTS)
    assert set(code(cells("tell")["`phase`"])) == set(PHASES)
    assert set(code(cells("audience")["`residents_of`"])) == set(AREAS)


def test_properties_and_statuses_are_those_the_check_prints() -> None:
    properties = [say("en", f"cli.check.property.{name}") for name in get_args(Property)]
    assert [code(row[0])[0] for row in table(PAGE, "keys of: properties")] == properties
    statuses = {say("en", f"cli.check.status.{status}", states="") for status in get_args(Status)}
    assert {re.sub(r" \(.*\)| on .*", "", one) for one in statuses} == keys("statuses")


def test_every_table_of_keys_is_held_by_a_test() -> None:
    others = {"step", "tell", "for_each", "outcomes", "durations", "conditions", "slots", "vocabulary", "night", "properties", "statuses"}
    assert {mark.removeprefix("keys of: ") for mark in marks(PAGE)} == {*WITH_A_STRANGE_KEY, *others}
    assert len(marks(PAGE)) == len([row for row in PAGE.splitlines() if re.fullmatch(r"\|[-|]+", row)]), "a table without a mark"
