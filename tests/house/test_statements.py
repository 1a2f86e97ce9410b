"""Every named statement fits the schema, is used, says why, writes only its package's tables, and names its community."""

import re

from tests.house.explained import Explained
from tests.house.statements import Use, sql_of, statements, uses, why_of
from tocsin.base.queries import Query

_INSERT = re.compile(
    r"INSERT INTO (\w+)(?: AS \w+)?\s*\((\w+)[^)]*\)\s*(?:OVERRIDING SYSTEM VALUE\s+)?(?:VALUES\s*\(|SELECT\s+(?:DISTINCT ON \([^)]*\)\s*)?)([\w.$:]+)"
)


def test_every_statement_fits_the_schema(understood: tuple[dict[str, Explained], dict[str, str]]) -> None:
    assert understood[1] == {}


def test_the_service_may_run_every_statement_that_is_its_own(refused_to_service: dict[str, str]) -> None:
    assert refused_to_service == {}


def test_every_statement_is_used() -> None:
    assert sorted(set(statements()) - {use.key for use in uses()}) == []


def test_every_reference_is_to_a_statement_that_exists() -> None:
    assert [f"{use.at}: {use.key}" for use in uses() if use.key not in statements()] == []


def test_every_statement_says_why_it_is_there() -> None:
    assert [key for key, query in statements().items() if len(why_of(query)) < 8] == []


def test_rows_are_read_into_the_type_that_their_statement_names() -> None:
    assert [f"{use.at}: {use.key} fills {statements()[use.key].fills}" for use in uses() if _reads_wrongly(use)] == []


def _reads_wrongly(use: Use) -> bool:
    return use.reads and use.fills != statements()[use.key].fills


def test_every_table_has_one_package_that_writes_it(tables: frozenset[str], owners: dict[str, str]) -> None:
    assert sorted(tables ^ set(owners)) == [], "migrations/owners.toml and the migrations differ"


def test_no_statement_writes_another_packages_table(explained: dict[str, Explained], owners: dict[str, str]) -> None:
    wrong = [f"{key} writes {table}" for key, one in explained.items() for table in written(one) if not _own(one.query, table, owners)]
    assert wrong == []


def written(one: Explained) -> set[str]:
    """The tables that the statement inserts into, updates or deletes from."""
    return {node.table for node in one.nodes if node.writes and node.table is not None}


def _own(query: Query, table: str, owners: dict[str, str]) -> bool:
    return query.package.partition(".")[0] == owners.get(table)


def test_above_the_floor_every_statement_names_its_community(explained: dict[str, Explained], walled: frozenset[str]) -> None:
    """Whatever is read: each scan carries a condition on community_id of the statement's own; row-level security comes on top."""
    assert {key: tables for key, one in explained.items() if (tables := read_without_community(one, walled))} == {}


def read_without_community(one: Explained, walled: frozenset[str]) -> set[str]:
    """The tables above the floor that a scan of this plan reads across communities."""
    return {
        node.table
        for node in one.nodes
        if node.table in walled and not node.writes and not re.search(r"\bcommunity_id = ", node.conditions)
    }


def test_above_the_floor_every_row_is_inserted_under_its_community(walled: frozenset[str]) -> None:
    wrong = []
    for key, query in statements().items():
        text = sql_of(query)
        found = _INSERT.findall(text)
        assert len(found) == len(re.findall(r"\bINSERT INTO\b", text)), f"{key}: an INSERT that this test cannot read"
        wrong += [f"{key}: {table}" for table, first, value in found if table in walled and not _is_community(first, value)]
    assert wrong == []


def _is_community(column: str, value: str) -> bool:
    return column == "community_id" and re.fullmatch(r"\$1(::bigint)?|(\w+\.)?community_id", value) is not None
