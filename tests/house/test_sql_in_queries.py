"""SQL stands in queries.sql beside the code that runs it, and nowhere in Python."""

import ast
import re
from typing import TypeGuard

from tests.house.tree import parsed, python_files, shown, strings

ALLOWED = {
    ("tocsin/base/database.py", "BEGIN"): "opens the transaction, with its community as a literal",
    ("tocsin/base/database.py", "ROLLBACK"): "ends it",
    ("tocsin/base/commit.py", "COMMIT"): "ends it",
    ("tocsin/base/database.py", "SET LOCAL"): "a literal by design: a parameter would not reach the workers of a sharded database",
    ("tocsin/base/migrations.py", "SELECT pg_advisory_lock"): "before there is a table to have statements for",
    ("tocsin/base/migrations.py", "CREATE TABLE"): "the table that notes which migrations are applied",
}
"""Where SQL is written in code all the same: the file and how the text begins, with the reason."""

_SQL = re.compile(
    r"^[\s;(]*(SELECT |INSERT INTO |UPDATE \w+ (AS \w+ )?SET|DELETE FROM |WITH \w+ AS( MATERIALIZED)? \(|MERGE INTO |TRUNCATE|COPY "
    r"|CREATE (TABLE|INDEX|ROLE|DATABASE|FUNCTION|VIEW|POLICY|UNIQUE)|ALTER (TABLE|ROLE|SYSTEM|DATABASE)|DROP (TABLE|INDEX|DATABASE|ROLE)"
    r"|GRANT |REVOKE |SET (LOCAL|ROLE|SESSION) |BEGIN\b|COMMIT$|ROLLBACK$|LISTEN |NOTIFY |LOCK TABLE|VACUUM|ANALYZE|EXPLAIN )"
)
_RUNNING = frozenset({"fetch", "fetchval", "fetchrow", "execute", "executemany", "cursor"})


def test_no_sql_is_written_in_python() -> None:
    found = [
        f"{shown(path)}:{line}: {text.strip()[:60]}"
        for path in python_files()
        for line, text in strings(path)
        if _SQL.match(text) and not _is_allowed(shown(path), text)
    ]
    assert found == [], "give it a name in the queries.sql beside it"


def _is_allowed(path: str, text: str) -> bool:
    return any(path == allowed and text.strip("; ").startswith(beginning) for allowed, beginning in ALLOWED)


def test_every_exception_is_still_needed() -> None:
    texts = {(shown(path), text.strip("; ")) for path in python_files() for _, text in strings(path)}
    assert [one for one in ALLOWED if not any(path == one[0] and text.startswith(one[1]) for path, text in texts)] == []


def test_connections_run_named_statements_only() -> None:
    """Outside of the base, which is the edge to the driver, what a connection runs is the text of a named statement."""
    found = [
        f"{shown(path)}:{call.lineno}: {ast.unparse(call)[:80]}"
        for path in python_files()
        for call in ast.walk(parsed(path))
        if _runs_on_a_connection(call) and not _runs_a_named_statement(call) and not shown(path).startswith("tocsin/base/")
    ]
    assert found == []


def _runs_on_a_connection(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _RUNNING
        and ast.unparse(node.func.value).endswith(("connection", "pool"))
    )


def _runs_a_named_statement(call: ast.Call) -> bool:
    return bool(call.args) and ast.unparse(call.args[0]).endswith(".text")
