"""docs/architecture.md answers "where do I …?" by paths and names that exist."""

import re
from pathlib import Path

import pytest

from tests.house.documents import faults, paths_and_names
from tests.house.tree import ROOT, shown

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
TABLE = re.findall(r"^\| (.+?) \| (.+) \|$", ARCHITECTURE.partition("## Where do I")[2], re.MULTILINE)
QUESTIONS = {question: answer for question, answer in TABLE if question not in ("question", "---")}

ASKED_MOST = (
    "channel",
    "question",
    "escalation",
    "text of an error",
    "by itself",
    "page",
    "table",
    "setting",
    "command",
    "statement",
    "route",
)


def test_what_is_asked_most_is_answered() -> None:
    assert len(QUESTIONS) >= 10
    assert [topic for topic in ASKED_MOST if not any(topic in question for question in QUESTIONS)] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_is_a_path_and_a_name_that_exist(question: str) -> None:
    assert paths_and_names(QUESTIONS[question])[0], "no path"
    assert [fault for part in QUESTIONS[question].split(";") for fault in faults(part)] == []


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=shown)
def test_every_path_that_a_document_names_exists(path: Path) -> None:
    """Links to files, and paths of ours between backticks."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link and not link.startswith("#")]
    ours = [
        one
        for one in paths_and_names(text)[0]
        if re.match(r"(people|incidents|playbooks|notifiers|api|tocsin|migrations|tests|docs)/", one)
    ]
    missing = [link for link in links if not (path.parent / link).exists()]
    missing += [one for one in ours if "<" not in one and not list(ROOT.glob(one.split(":")[0].replace("…", "*")))]
    assert missing == []
