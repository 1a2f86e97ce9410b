"""Broken playbooks: each is refused with its line, its column and the way out."""

from __future__ import annotations

import pytest

from playbooks.language.errors import PlaybookErrors, Problem
from playbooks.language.load import load_playbook, load_with_warnings
from playbooks.library import source
from tests.playbooks.small import LADDER, task, tell, yaml


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(PlaybookErrors) as refused:
        load_playbook(text, "trial.yaml")
    return refused.value.problems


def where(text: str, marker: str, nth: int = 0) -> tuple[int, int]:
    """Line and column (from 1) of the nth place where `marker` stands."""
    hits = [(number, line.index(marker) + 1) for number, line in enumerate(text.splitlines(), 1) if marker in line]
    return hits[nth]


BROKEN = [
    (
        "a step that does not exist",
        task("calm", "when: {engineer: done}") + task("engineers"),
        "engineer: done",
        "Did you mean `engineers`?",
    ),
    ("a fact that does not exist", task("calm", "when: {hurrt: yes}"), "hurrt", "Did you mean `hurt`?"),
    ("an answer the fact cannot have", task("calm", "when: {hurt: maybe}"), "maybe", "Allowed here: `known`, `no`, `unknown`, `yes`."),
    ("an outcome the step cannot have", LADDER + task("calm", "when: {crew: acknowleged}"), "acknowleged", "Did you mean `acknowledged`?"),
    ("a fact told again that does not exist", tell("news", "again_when: hurrt"), "hurrt", "Did you mean `hurt`?"),
    (
        "news by the clock and by a fact",
        tell("news", "again_when: hurt", "every: 5m", "until: {hurt: yes}"),
        "news:",
        "Keep one of `every` and `again_when`.",
    ),
    ("an unknown key", task("calm", "wihtin: 3m"), "wihtin", "Did you mean `within`?"),
    ("a bad duration", task("calm", "within: soon"), "soon", "as `90s`, `2m`"),
    ("a duration of nothing", task("calm", "within: 0m"), "0m", "as `90s`, `2m`"),
    ("a ladder that ends", LADDER.replace("every: 3m", "within: 3m"), "{who: manager", "Give it `every: 2m` instead of `within`"),
    (
        "a rung that says nothing of silence",
        LADDER.replace("backup, within: 2m", "backup"),
        "{who: engineering/backup",
        "Add `within: 2m`.",
    ),
    ("a rung that is never left", LADDER.replace("duty, within: 2m", "duty, every: 2m"), "2m}", "Use `within` here."),
    ("an unknown department", LADDER.replace("engineering/duty", "enginering/duty"), "enginering", "Did you mean `engineering`?"),
    ("an unknown tier", LADDER.replace("engineering/duty", "engineering/dutty"), "engineering/dutty", "Did you mean `duty`?"),
    ("an unknown role", LADDER.replace("manager", "manger"), "manger", "Did you mean `manager`?"),
    ("a ladder without a promise", LADDER.replace("  promise: 10m\n", ""), "- {who: engineering/duty", "Add `promise: 10m`"),
    ("a slot that is no fact", LADDER.replace("{place}出事", "{plase}出事"), '"{plase}', "Did you mean `place`?"),
    ("an alert that cannot be answered", LADDER.replace(", {code}", ""), '{zh-CN: "{place}出事', "Use `{code}` or `{link}`"),
    (
        "a text missing in a language",
        task("calm", "until: {hurt: yes}", "every: 2m").replace(", en: Do it", ""),
        "{zh-CN: 去做}",
        "Add `en: …`",
    ),
    ("an empty text", task("calm").replace("en: Do it", "en:"), "{zh-CN: 去做", "Add `en: …`"),
    ("a text that does not name the place", tell("news").replace("{place}有事", "有事"), '{zh-CN: "有事', "Use `{place}` in it."),
    ("a text that claims what nobody said", LADDER + tell("news").replace("有事", "工程已到场"), '{zh-CN: "{place}工程', "Add `claims:"),
    ("two actions in one step", LADDER + "  task: {for: front_desk}\n", "title", "A step does exactly one of"),
    ("a step that does nothing", "calm:\n  title: {zh-CN: 静, en: Calm}\n", "title: {zh-CN: 静", "A step does exactly one of"),
    ("a repeat without an end", task("calm", "every: 5m"), "calm", "Add `until:"),
    ("an end of nothing that repeats", task("calm", "until: {hurt: yes}"), "calm", "Add `every: 5m`"),
    (
        "an expectation without a limit",
        LADDER + "wait:\n  title: {zh-CN: 等, en: Wait}\n  expect: {from: crew, answer: on_scene}\n",
        "wait",
        "Add `within: 25m`.",
    ),
    (
        "an unknown number",
        task("calm").replace("{for: front_desk}", "{for: front_desk, call: fire_119}"),
        "fire_119",
        "Did you mean `fire_rescue_119`?",
    ),
    (
        "not over a fact that may be unknown",
        task("calm", "when: {not: {hurt: yes}}"),
        "yes}}",
        "list it inside, as `not: {hurt: [yes, unknown]}`",
    ),
    (
        "a law without an action before it",
        task("calm", "within: 30m", "law: 30m", "law_source: {zh-CN: 条例, en: Rule}"),
        "calm",
        "Make `within` shorter than `law`",
    ),
    (
        "a law that nothing acts on",
        task("calm", "within: 20m", "law: 30m", "law_source: {zh-CN: 条例, en: Rule}"),
        "calm",
        "Add a step with `when: {calm: late}`",
    ),
    ("a law without a source", task("calm", "within: 20m", "law: 30m") + task("act", "when: {calm: late}"), "calm", "Add `law_source:"),
    ("something that goes on after closing", task("calm", "during: closed", "after: 5m"), "calm", "nothing may go out after closing"),
    ("a name of the language", task("reports"), "reports", "Choose another name."),
    ("one name for two things", task("hurt"), "hurt:\n", "rename one"),
    ("a name with a hyphen", task("calm-down"), "calm-down", "small letters, digits and underscores"),
    ("a list where a mapping belongs", "calm: [1, 2]\n", "[1, 2]", "A step does exactly one of"),
]


@pytest.mark.parametrize(("steps", "marker", "way_out"), [broken[1:] for broken in BROKEN], ids=[broken[0] for broken in BROKEN])
def test_it_names_the_place_and_the_way_out(steps: str, marker: str, way_out: str) -> None:
    text = yaml(steps)
    found = problems(text)
    fitting = [problem for problem in found if way_out in problem.way_out]
    assert fitting, "\n".join(str(problem) for problem in found)
    nth = -1 if marker.endswith("\n") or marker in ("reports", "title") else 0
    line, column = where(text, marker.strip("\n"), nth)
    assert line in {problem.line for problem in fitting}
    assert str(fitting[0]).startswith(f"trial.yaml:{fitting[0].line}:{fitting[0].column}: ")
    if marker in steps.splitlines()[0] or "{" not in marker:
        assert column in {problem.column for problem in fitting} or marker == "title"


def test_every_problem_is_told_at_once_in_the_order_of_the_file() -> None:
    found = problems(yaml(task("one", "within: soon") + task("two", "whn: {hurt: yes}") + task("three", "after: -1m")))
    assert len(found) == 3
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def test_a_problem_carries_its_key_path() -> None:
    found = problems(yaml(LADDER.replace("manager", "manger")))
    assert found[0].path == "steps.crew.alert[2].who"


def test_a_key_that_stands_twice_is_refused_with_the_line_of_the_first() -> None:
    text = yaml(task("calm", "within: 2m", "within: 3m"))
    found = problems(text)
    assert "stands twice" in found[0].what
    assert str(where(text, "within: 2m")[0]) in found[0].way_out


@pytest.mark.parametrize("text", ["", "a: [", "- just\n- a list\n", "a: &x 1\nb: *x\n", "a: \t1\n\tb: 2", "!!python/object:os.system {}"])
def test_what_is_no_playbook_at_all_is_refused_with_a_place(text: str) -> None:
    found = problems(text)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found)


def test_conditions_that_say_not_of_each_other_have_no_single_answer() -> None:
    steps = task("one", "when: {not: {two: started}}") + task("two", "when: {not: {one: started}}")
    found = problems(yaml(steps))
    assert any("`one` says `not` of `two`" in problem.what for problem in found)


def test_words_that_other_yaml_takes_for_booleans_or_numbers_stay_words() -> None:
    text = yaml(task("calm", "when: {hurt: no}").replace("title: {zh-CN: 任务, en: Task}", "title: {zh-CN: 12:30, en: on}"))
    step = load_playbook(text, "trial.yaml").steps["calm"]
    assert step.title == {"zh-CN": "12:30", "en": "on"}


def test_durations_read_the_same_in_both_languages() -> None:
    english = load_playbook(yaml(task("calm", "within: 1h30m")), "trial.yaml")
    chinese = load_playbook(yaml(task("calm", "within: 1小时30分钟")), "trial.yaml")
    assert english.steps["calm"].within == chinese.steps["calm"].within


def test_a_fact_in_a_text_needs_words_for_unknown() -> None:
    found = problems(yaml(LADDER.replace("{place}出事", "{place}出事{hurt}").replace("at {place},", "at {place}{hurt},")))
    assert "has no words for unknown" in found[0].what


def test_a_claim_is_refused_where_the_text_may_go_out_without_it() -> None:
    claim = '{claims: {crew: on_scene}, zh-CN: "{place}工程已到场", en: "Crew on site at {place}"}'
    untrue = LADDER + tell("news").replace('{zh-CN: "{place}有事", en: "Trouble at {place}"}', claim)
    assert "claims what need not have happened" in problems(yaml(untrue))[0].what
    load_playbook(yaml(untrue.replace("  night: send", "  night: send\n  when: {crew: on_scene}")), "trial.yaml")


def test_a_text_longer_than_one_message_is_a_warning_and_no_refusal() -> None:
    long = tell("news").replace("有事", "有事" + "，请大家注意安全" * 8)
    playbook, warnings = load_with_warnings(yaml(long), "trial.yaml")
    assert playbook.name == "trial"
    assert "2 SMS segments" in warnings[0].what


@pytest.mark.parametrize("name", ["elevator_entrapment", "power_cut"])
def test_the_shipped_playbooks_load_without_a_warning(name: str) -> None:
    assert load_with_warnings(source(name), f"{name}.yaml")[1] == ()
