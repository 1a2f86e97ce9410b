"""Story time is one function of the database, machine time is the database's or a stopwatch; nothing else asks what time it is."""

import ast
import re
from pathlib import Path

from tests.house.statements import meant, sql_of, statements
from tests.house.tree import files, parsed, python_files, shown
from tocsin.base.migrations import read_migrations

CLOCKS = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"}
    | {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime", "time.ctime"}
)
"""What tells the time of this machine. monotonic() and perf_counter() only measure, and are free."""

ALLOWED = {
    "notifiers/channels/": "providers judge a signature's age by the clocks of both machines, and a letter has a Date line",
    "tocsin/app/demo/caught.py": "the demo's handsets show when they caught something; they stand outside the story",
}
"""Files and folders where the machine's own clock is right, with the reason."""

ALLOWED_IN_SQL = {
    "0001_floor": "story_now() itself, the one place that tests replace",
    "0007_people_in_full": "from when a new chore may look, by machine time: once, as the migration runs",
}

_SQL_CLOCK = re.compile(
    r"\bnow\s*\(\)|\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\bLOCALTIME(STAMP)?\b|\b(statement_timestamp|transaction_timestamp|timeofday)\s*\("
    r"|'(now|today|tomorrow|yesterday)'(::|\s*,)",
    re.IGNORECASE,
)
_STORY_CLOCK = re.compile(r"\bstory_now\s*\(\)")


def test_no_code_asks_the_machine_what_time_it_is() -> None:
    found = {(shown(path), line) for path in python_files() for line in _asks_in(path)}
    assert sorted(f"{path}:{line}" for path, line in found if not path.startswith(tuple(ALLOWED))) == []
    assert [allowed for allowed in ALLOWED if not any(path.startswith(allowed) for path, _ in found)] == [], (
        "these need no exception any more"
    )


def _asks_in(path: Path) -> list[int]:
    return [node.lineno for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute | ast.Name) and meant(path, node) in CLOCKS]


def test_no_statement_asks_what_time_it_is() -> None:
    """Story time comes in as a parameter; what is machine time says clock_timestamp()."""
    assert [key for key, query in statements().items() if _SQL_CLOCK.search(sql_of(query))] == []


def test_story_time_is_read_by_one_statement() -> None:
    assert [key for key, query in statements().items() if _STORY_CLOCK.search(sql_of(query))] == ["tocsin.base.clocks"]


def test_no_migration_puts_the_time_into_a_row_by_itself() -> None:
    found = {one.name for one in read_migrations() if _SQL_CLOCK.search(_without_comments(one.sql))}
    assert found == set(ALLOWED_IN_SQL)
    assert [one.name for one in read_migrations() if re.search(r"DEFAULT\s+\(?\s*(story_now|clock_timestamp|now)\s*\(", one.sql)] == []


def _without_comments(sql: str) -> str:
    return re.sub(r"--.*", "", sql)


def test_pages_ask_only_in_the_file_of_the_clock() -> None:
    """What a page counts down to comes from the server, and one file holds how far the visitor's clock is off."""
    asking = [shown(path) for path in files("*.js") if re.search(r"\bDate\.now\(|\bnew Date\(\)", path.read_text("utf-8"))]
    assert set(asking) <= {"api/console/static/clock.js"}
