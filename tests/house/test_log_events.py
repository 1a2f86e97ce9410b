"""docs/logs.md lists every event that a process may log: its name, level and fields."""

import ast
import re
from collections import defaultdict

from tests.house.tree import ROOT, parsed, python_files

LEVELS = ("debug", "info", "warning", "error", "exception")
NOT_FIELDS = {"exc_info"}
_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|(.*?)\| .{10,} \|$", re.MULTILINE)


def test_the_list_holds_every_event_with_its_level_and_fields() -> None:
    text = (ROOT / "docs" / "logs.md").read_text("utf-8")
    listed = {(name, level): set(re.findall(r"`(\w+)`", fields)) for name, level, fields in _ROW.findall(text)}
    assert listed == _logged()


def _logged() -> dict[tuple[str, str], set[str]]:
    """By name and level, the fields that any place logs with it."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in python_files():
        for node in ast.walk(parsed(path)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level), args=[ast.Constant(value=str(event))]) if (
                    level in LEVELS
                ):
                    shown = "error" if level == "exception" else level
                    found[event, shown] |= {str(one.arg) for one in node.keywords} - NOT_FIELDS
    return dict(found)


def test_events_are_logged_by_one_name_and_no_sentence() -> None:
    """What is logged is an event's name and fields, so that a machine can count it; `log` is what every module calls its logger."""
    odd = [
        f"{path.name}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
        and not (len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and re.fullmatch(r"[a-z_]+", str(node.args[0].value)))
    ]
    assert odd == []
