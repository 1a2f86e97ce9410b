"""`tocsin playbook simulate` and `tocsin playbook show`, in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from playbooks.engine.events import AnswerWord
from playbooks.library import SHIPPED, load_library
from playbooks.picture import picture
from tocsin.app.cli.playbook import app
from tocsin.base.texts import LANGUAGES, has_text, say


def invoke(*arguments: str, language: str = "en_GB.UTF-8") -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env={"LC_ALL": language, "COLUMNS": "300"})
    return result.exit_code, result.output


def test_one_run_tells_its_story_and_names_its_seed() -> None:
    code, output = invoke("simulate", "elevator_entrapment", "--seed", "7")
    assert code == 0
    assert "seed 7" in output and "answers 80% of alerts, half of them within 45 s, nine of ten within 2 min 15 s" in output
    assert "0:00  alert engineering/duty (Engineers to the elevator)" in output
    assert invoke("simulate", "elevator_entrapment", "--seed", "7") == (code, output)


def test_without_a_seed_one_is_chosen_and_printed() -> None:
    first, second = (json.loads(invoke("simulate", "power_cut", "--json")[1]) for _ in range(2))
    assert first["seed"] != second["seed"]
    again = json.loads(invoke("simulate", "power_cut", "--json", "--seed", str(first["seed"]))[1])
    assert again == first


def test_it_speaks_chinese() -> None:
    code, output = invoke("simulate", "power_cut", "--seed", "7", "--runs", "20", language="zh_CN.UTF-8")
    assert code == 0
    assert "共20次" in output and "工程查电 (engineers)：20次中" in output


def test_many_runs_give_percentiles_per_tier_and_where_it_went_wrong() -> None:
    code, output = invoke("simulate", "elevator_entrapment", "--runs", "30", "--seed", "1", "--nobody", "engineering/duty", "--json")
    figures = json.loads(output)
    assert code == 0
    ladder = next(one for one in figures["ladders"] if one["step"] == "engineers")
    assert ladder["began"] == 30 and ladder["times"]["half"] <= ladder["times"]["nine_of_ten"] <= ladder["times"]["longest"]
    assert "engineering/duty" not in [tier["who"] for tier in ladder["tiers"]]
    assert ("nobody_on_duty", "engineers", 30) in [(one["what"], one["step"], one["runs"]) for one in figures["wrong"]]
    assert figures["people"]["nobody"] == ["engineering/duty"]


def test_a_run_that_went_wrong_can_be_looked_at() -> None:
    figures = json.loads(invoke("simulate", "elevator_entrapment", "--runs", "30", "--seed", "1", "--json")[1])
    wrong = figures["wrong"][0]
    story = json.loads(invoke("simulate", "elevator_entrapment", "--seed", "1", "--run", str(wrong["example"]), "--json")[1])
    assert story["run"] == wrong["example"]
    assert (wrong["what"], wrong["step"]) in [(one["key"], one["step"]) for one in story["red"]]


def test_a_script_is_played(tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_text("then: [{at: 1m, who: engineering/duty, answer: on_scene}, {at: 5m, cancel: yes}]", "utf-8")
    code, output = invoke("simulate", "elevator_entrapment", "--script", str(file), "--fact", "people_inside=2")
    assert code == 0
    assert "declared people_inside=2" in output and "1:00  engineering/duty: there" in output and "Watched until 5:00: cancelled." in output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("simulate", "nosuch"), 2, "elevator_entrapment"),
        (("simulate", "power_cut", "--fact", "people=2"), 2, "scope"),
        (("simulate", "power_cut", "--fact", "scope=street"), 2, "half_building"),
        (("simulate", "power_cut", "--answers", "often"), 2, "80%"),
        (("simulate", "power_cut", "--after", "soon"), 2, "90s"),
        (("simulate", "power_cut", "--at", "noon"), 2, "02:10"),
        (("simulate", "power_cut", "--runs", "0"), 2, "1"),
        (("show", "nosuch"), 2, "power_cut"),
        (("show", "power_cut", "--language", "fr"), 2, "zh-CN"),
    ],
)
def test_wrong_usage_says_what_is_right(arguments: tuple[str, ...], code: int, words: str) -> None:
    exit_code, output = invoke(*arguments)
    assert (exit_code, words in output) == (code, True), output


def test_a_broken_script_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_text("then:\n  - {at: 1m, who: nobody, answer: received}\n", "utf-8")
    code, output = invoke("simulate", "power_cut", "--script", str(file))
    assert code == 1 and "story.yaml:2:" in output


def test_a_broken_playbook_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("playbook: x\n", "utf-8")
    for command in ("simulate", "show"):
        code, output = invoke(command, str(file))
        assert code == 1 and "broken.yaml:1:" in output


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_playbook_can_be_read_aloud_whole(name: str, language: str) -> None:
    playbook = next(one for one in load_library() if one.name == name)
    lines = [line.words for line in picture(playbook, language, lambda key, /, **values: say(language, key, **values))]
    whole = "\n".join(lines)

    assert all(step.title[language] in whole for step in playbook.steps.values())
    assert all(text.by_language[language] in whole for text in playbook.texts.values())
    assert all(need.title[language] in whole for need in playbook.needs.values())
    assert "cli.show" not in whole


def test_the_picture_shows_the_ladder_on_the_clock() -> None:
    code, output = invoke("show", "elevator_entrapment")
    assert code == 0
    assert "    0:00  engineering on duty, in writing; 2 min to answer" in output
    assert "    6:00  manager, by telephone; again every 2 min until somebody answers" in output
    assert "legal limit 30 min." in output
    code, output = invoke("show", "elevator_entrapment", "--language", "zh-CN")
    assert "0:00  工程当班，发消息；限2分钟应答" in output
    assert json.loads(invoke("show", "elevator_entrapment", "--json")[1])["kind"] == "elevator_entrapment"


def test_there_are_words_for_everything_a_story_can_say() -> None:
    for word in get_args(AnswerWord):
        assert has_text(f"cli.simulate.answer.{word}")
