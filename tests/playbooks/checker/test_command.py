"""`tocsin playbook check`: the table, the stories, the exit code, in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from playbooks.checker.properties import WAYS, Property
from playbooks.checker.report import Status
from playbooks.engine.effects import EFFECT
from playbooks.engine.events import EVENT, AnswerWord
from tests.playbooks.small import LADDER, task, yaml
from tocsin.app.cli.playbook import app
from tocsin.base.texts import LANGUAGES, catalogue

SMALL_LADDER = LADDER.replace("promise: 10m", "promise: 3m")


def check(tmp_path: Path, steps: str, *options: str, language: str = "en_GB.UTF-8") -> tuple[int, str]:
    file = tmp_path / "trial.yaml"
    file.write_text(yaml(steps), "utf-8")
    result = CliRunner().invoke(app, ["check", str(file), *options], env={"LC_ALL": language})
    return result.exit_code, result.output


def test_a_good_playbook_is_shown_with_what_was_proved_and_when_each_tier_is_alerted(tmp_path: Path) -> None:
    code, output = check(tmp_path, SMALL_LADDER)
    assert code == 0
    assert "proved under contracts" in output
    assert "  4:00 manager (crew)" in output
    assert "can be used" in output
    assert "FAILED" not in output


def test_a_bad_one_is_refused_with_its_story(tmp_path: Path) -> None:
    steps = task("look") + SMALL_LADDER.replace("  alert:", "  when: {not: {look: done}}\n  alert:")
    code, output = check(tmp_path, steps)
    assert code == 1
    assert "  0:00 alert engineering/duty (crew)" in output
    assert "  0:00 stood down: need not come (crew)" in output
    assert "nobody is being alerted, and nobody will be" in output
    assert "can be used" not in output


def test_it_speaks_chinese(tmp_path: Path) -> None:
    code, output = check(tmp_path, SMALL_LADDER, language="zh_CN.UTF-8")
    assert code == 0
    assert "按约定证明" in output


def test_scripts_get_json(tmp_path: Path) -> None:
    code, output = check(tmp_path, SMALL_LADDER, "--json")
    report = json.loads(output)
    assert (code, report["holds"], report["guards"]) == (0, True, ["crew"])


def kinds(adapter: TypeAdapter[Any]) -> set[str]:
    schema = adapter.json_schema()
    return {name["properties"]["kind"]["const"] for name in schema["$defs"].values() if "kind" in name.get("properties", {})}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_everything_a_report_can_say(language: str) -> None:
    by_answer = {"answered", "tick"}
    wanted = {f"property.{name}" for name in get_args(Property)} | {f"status.{name}" for name in get_args(Status)}
    wanted |= {f"moment.then.{name}.{way}" for name, ways in WAYS.items() for way in ways}
    wanted |= {f"moment.answer.{word}" for word in get_args(AnswerWord)} | {"moment.answer.on_the_way.minutes", "moment.alert.ring"}
    wanted |= {f"moment.event.{kind}" for kind in kinds(EVENT) - by_answer - {"child_opened", "child_closed"}}
    wanted |= {f"moment.{kind}" for kind in kinds(EFFECT) - {"note", "red"}} | {"moment.declared"}
    assert {f"cli.check.{key}" for key in wanted} - set(catalogue(language)) == set()
    assert set(get_args(Property)) == set(WAYS)
