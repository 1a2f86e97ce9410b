"""The examples of docs/playbooks.md, through the real loader, the real checker and the real command."""

from pathlib import Path
from textwrap import indent

import pytest
from typer.testing import CliRunner

from playbooks.checker.explore import explore
from playbooks.language.load import load_with_warnings
from playbooks.language.model import Playbook
from tests.docs.pages import Block, blocks, read_page
from tests.playbooks.small import LADDER, trial, yaml
from tocsin.app.cli.playbook import app

PAGE = read_page("docs/playbooks.md")
EXAMPLES = [block.text for block in blocks(PAGE, "yaml") if block.text.startswith("playbook:")]
FRAGMENTS = [block for block in blocks(PAGE, "yaml") if not block.text.startswith("playbook:")]
CREW = LADDER.replace("crew:", "engineers:")


def check(folder: Path, source: str) -> tuple[int, str]:
    """What `tocsin playbook check falling_object.yaml` prints in English, without its folder, and its exit code."""
    file = folder / "falling_object.yaml"
    file.write_text(source, "utf-8")
    done = CliRunner().invoke(app, ["check", str(file)], env={"LC_ALL": "en_US.UTF-8"})
    return done.exit_code, done.output.replace(f"{folder}/", "")


def test_the_page_grows_one_playbook_in_two_steps() -> None:
    assert [example.splitlines()[1] for example in EXAMPLES] == ["version: 1", "version: 2"]


@pytest.mark.parametrize("source", EXAMPLES, ids=["first", "grown"])
def test_an_example_loads_without_a_warning_and_everything_about_it_is_shown(source: str) -> None:
    playbook, warnings = load_with_warnings(source, "falling_object.yaml")
    report = explore(playbook)
    assert warnings == () and report.holds and report.unfinished == ()


def test_the_check_says_what_the_page_says_of_silence(tmp_path: Path) -> None:
    said = next(block.text for block in blocks(PAGE, "text") if block.text.startswith("If nobody answers"))
    code, output = check(tmp_path, EXAMPLES[0])
    assert code == 0 and said in output


def fragment(mark: str) -> Block:
    return next(block for block in FRAGMENTS if block.mark == f"fragment: {mark}")


def test_every_fragment_is_marked_and_tried() -> None:
    assert sorted(block.mark for block in FRAGMENTS) == ["fragment: condition", "fragment: question", "fragment: script", "fragment: step"]


def test_the_example_of_a_question_loads() -> None:
    source = yaml(CREW).replace("ask:\n", f"ask:\n{indent(fragment('question').text, '  ')}")
    assert load_with_warnings(source, "trial.yaml")[0].ask["people_inside"].maximum == 30


def test_the_example_of_a_step_loads() -> None:
    playbook = trial(CREW, fragment("step").text)
    assert explore(playbook).holds and playbook.steps["elevators"].action.kind == "for_each"


def test_the_example_of_a_condition_loads() -> None:
    told = (
        f"residents:\n  title: {{zh-CN: 告知, en: Tell}}\n  when:\n{indent(fragment('condition').text, '    ')}"
        '  tell: {residents_of: place}\n  night: hold\n  phase: first\n  text: {zh-CN: "{place}", en: "{place}"}\n'
    )
    playbook: Playbook = trial(CREW, told)
    assert playbook.reports_cap == 3 and explore(playbook).holds


def wrong_in_two_places(source: str) -> str:
    return source.replace("{who: supervisor, every: 3m, ring: first}", "{who: supervisor, within: 3m, ring: first}").replace(
        "[yes, unknown]", "[yes, unkown]"
    )


def alerted_only_when_hurt(source: str) -> str:
    question = "ask:\n  hurt:\n    yes_no: {}\n    text: {zh-CN: 有没有人被砸到？, en: Has anybody been hit?}"
    return source.replace("ask: {}", question).replace("    alert:\n", "    when: {hurt: yes}\n    alert:\n", 1)


@pytest.mark.parametrize(
    ("mark", "change", "source"), [("version 2", wrong_in_two_places, EXAMPLES[1]), ("version 1", alerted_only_when_hurt, EXAMPLES[0])]
)
def test_the_check_says_what_the_page_says_of_mistakes(mark: str, change: object, source: str, tmp_path: Path) -> None:
    assert callable(change)
    said = next(block.text for block in blocks(PAGE, "text") if block.mark.startswith(f"output: {mark}"))
    code, output = check(tmp_path, change(source))
    assert code == 1 and said in output, output


def test_the_simulation_tells_what_the_page_tells(tmp_path: Path) -> None:
    said = next(block.text for block in blocks(PAGE, "text") if block.mark == "output: version 2, simulated")
    playbook, script = tmp_path / "falling_object.yaml", tmp_path / "evening.yaml"
    playbook.write_text(EXAMPLES[1], "utf-8")
    script.write_text(fragment("script").text, "utf-8")
    done = CliRunner().invoke(app, ["simulate", str(playbook), "--script", str(script)], env={"LC_ALL": "en_US.UTF-8"})
    assert done.exit_code == 0 and said in done.output, done.output
