"""What the documents say of the tree: paths and names between backticks."""

import re
from collections.abc import Iterable, Mapping

from tests.house.tree import ROOT

_QUOTED = re.compile(r"`([^`]+)`")
_NAME = re.compile(r"^[\w.<>]+$")


def paths_and_names(text: str, filled: Mapping[str, str] | None = None) -> tuple[list[str], list[str]]:
    """The paths (with a slash or an ending) and the other names that a line quotes, with `<placeholders>` filled in."""
    quoted = [_fill(one, filled or {}) for one in _QUOTED.findall(text)]
    paths = [one for one in quoted if _is_path(one)]
    return paths, [one for one in quoted if one not in paths and _NAME.match(one)]


def _fill(text: str, filled: Mapping[str, str]) -> str:
    for name, value in filled.items():
        text = text.replace(f"<{name}>", value)
    return text


def _is_path(quoted: str) -> bool:
    return " " not in quoted and ("/" in quoted or re.search(r"\.(py|md|sql|toml|yaml|po)$", quoted) is not None)


def faults(line: str, filled: Mapping[str, str] | None = None) -> Iterable[str]:
    """What is untrue of a line: paths that match no file ("…" stands for anything), names that stand in none of its files."""
    paths, names = paths_and_names(line, filled)
    found = {path: sorted(ROOT.glob(path.replace("…", "*"))) for path in paths}
    yield from (f"{path} does not exist" for path, matches in found.items() if not matches)
    texts = [match.read_text("utf-8") for matches in found.values() for match in matches if match.is_file()]
    if texts:
        yield from (f"{name} stands in none of {', '.join(paths)}" for name in names if not any(name in text for text in texts))
