"""Plans of the statements as the service runs them: its role, row-level security, one plan for all values, and tables that have grown."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.house.explained import Explained, as_service, explain_all, of_service
from tests.house.hot import COLD, HOT, OWED
from tests.house.statements import statements
from tocsin.base.embedded import Embedded

BIG = 5000
"""Rows from which reading all of a table, or of an index, is a fault."""

QUEUE = ("delivery", "delivery_range")

_COLUMN = re.compile(r"\b(\w+) (?:=|<|>|<=|>=|\^@|IS NULL)")
_LETS_THROUGH = ("Nested Loop", "Append", "Merge Append", "Subquery Scan", "Result", "LockRows", "Memoize", "Unique", "Incremental Sort")


@pytest.fixture(scope="module")
def grown(postgres: Embedded, house_url: str) -> str:
    """The owner's address of a database with years of use in it (tests/house/seed.sql)."""
    asyncio.run(_seed(postgres))
    return postgres.address_of("grown")


async def _seed(postgres: Embedded) -> None:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE grown TEMPLATE house")
    await connection.close()
    connection = await asyncpg.connect(postgres.address_of("grown"))
    text = (Path(__file__).parent / "seed.sql").read_text("utf-8")
    for statement in filter(str.strip, text.split(";\n")):
        await connection.execute(statement)
    await connection.close()


@pytest.fixture(scope="module")
def big(grown: str) -> frozenset[str]:
    """The tables and indexes that hold BIG rows or more; an index of what is open or waits is small however big its table."""
    return asyncio.run(_big(grown))


async def _big(url: str) -> frozenset[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND reltuples >= $1", BIG
    )
    await connection.close()
    return frozenset(str(row["relname"]).removesuffix("_rest") for row in rows)


@pytest.fixture(scope="module")
def leads(house_url: str) -> dict[str, str]:
    """By index, the column that has to be known for it to help: the first after the community."""
    return asyncio.run(_leads(house_url))


async def _leads(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT i.indexrelid::regclass::text AS index, array_agg(a.attname::text ORDER BY k.place) AS columns"
        " FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number GROUP BY 1"
    )
    await connection.close()
    return {row["index"]: next((name for name in row["columns"] if name != "community_id"), "community_id") for row in rows}


@pytest.fixture(scope="module")
def plans(grown: str) -> dict[str, Explained]:
    """Every statement of the service, explained in its largest community."""
    return asyncio.run(_plans(grown))


async def _plans(url: str) -> dict[str, Explained]:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await as_service(connection, 1)
            return (await explain_all(connection, of_service(statements())))[0]
    finally:
        await connection.close()


def test_the_seed_is_large_enough_to_show_a_wrong_plan(big: frozenset[str]) -> None:
    assert {
        "delivery",
        "delivery_settled",
        "audience_member",
        "incident",
        "incident_event",
        "timer",
        "receipt_bundle",
        "answer",
        "response",
    } <= big
    assert not {"delivery_on_the_wire", "incident_open", "receipt_bundle_waiting", "alert_watched", "task_open"} & big


def test_no_statement_reads_more_of_a_big_table_than_it_needs(
    plans: dict[str, Explained], big: frozenset[str], leads: dict[str, str]
) -> None:
    """A row is found by more than its community, or is the first of an order, or stands in an index of what is open or waits."""
    found = [
        f"{key}: {', '.join(faults)}" for key, one in plans.items() if (faults := wide_reads(one, big, leads)) and key not in COLD | OWED
    ]
    assert not found, "\n".join(["find rows by an index, or say in tests/house/hot.py why so much may be read:", *found])


@pytest.mark.parametrize("key", sorted(COLD | OWED))
def test_what_may_read_much_still_does(key: str, plans: dict[str, Explained], big: frozenset[str], leads: dict[str, str]) -> None:
    assert wide_reads(plans[key], big, leads), "it is found by an index now: its line in tests/house/hot.py can go"


@pytest.mark.parametrize("key", HOT)
def test_a_hot_statement_uses_its_index(key: str, plans: dict[str, Explained]) -> None:
    used = index_uses(plans[key])
    missing = {table: index for table, index in HOT[key].items() if not any(_is_at_least(one, index) for one in used.get(table, ()))}
    assert missing == {}, used


async def test_the_queue_is_read_by_its_indexes_even_when_it_was_just_emptied_and_tidied(postgres: Embedded, grown: str) -> None:
    """A plan that is made at that moment is kept while the next broadcast fills it again."""
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE emptied TEMPLATE grown")
    await connection.close()
    connection = await asyncpg.connect(postgres.address_of("emptied"))
    for table in QUEUE:
        await connection.execute(f"DELETE FROM {table}")
        await connection.execute(f"VACUUM ANALYZE {table}")
    async with connection.transaction():
        await as_service(connection, 1)
        hot = (await explain_all(connection, {key: one for key, one in of_service(statements()).items() if key in HOT}))[0]
    await connection.close()
    assert len(hot) == len(HOT)
    assert not {key for key, one in hot.items() for node in one.nodes if node.kind == "Seq Scan" and node.table in QUEUE}


def _is_at_least(used: str, wanted: str) -> bool:
    """The index of that name, or any where none is named, by these columns and perhaps more."""
    (name, columns), (wanted_name, wanted_columns) = (text.rstrip(")").split("(") for text in (used, wanted))
    return name.endswith(wanted_name) and set(wanted_columns.split(", ")) <= set(columns.split(", "))


def wide_reads(one: Explained, big: frozenset[str], leads: dict[str, str]) -> list[str]:
    """The scans of a plan that read a big table, or a big index by nothing but the community (skipping through it is reading it)."""
    found = []
    for node, is_first_few in _walk(one.plan or {}, is_first_few=False):
        table, index = _table(node), node.get("Index Name")
        if node.get("Node Type") == "Seq Scan" and table in big:
            found.append(f"{table} from end to end")
        elif index in big and leads[index] not in _columns(node) and not (is_first_few and "Filter" not in node):
            found.append(f"all of {index}" + (" of the community" if "community_id" in _columns(node) else ""))
    return found


def _walk(plan: dict[str, Any], *, is_first_few: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    yield plan, is_first_few
    kind = plan.get("Node Type")
    goes_on = kind == "Limit" or (is_first_few and kind in _LETS_THROUGH)
    for below in plan.get("Plans", ()):
        yield from _walk(below, is_first_few=goes_on)


def index_uses(one: Explained) -> dict[str, set[str]]:
    """By table, the indexes that a plan uses, each as name(columns of its condition, sorted)."""
    used: dict[str, set[str]] = {}
    for node, _ in _walk(one.plan or {}, is_first_few=False):
        bitmap = [below for below in node.get("Plans", ()) if below.get("Node Type", "").startswith("Bitmap Index")]
        for scan in [node, *bitmap] if _table(node) else []:
            if "Index Name" in scan:
                used.setdefault(str(_table(node)), set()).add(f"{scan['Index Name']}({', '.join(sorted(_columns(scan)))})")
    return used


def _columns(node: dict[str, Any]) -> set[str]:
    condition = str(node.get("Index Cond", ""))
    in_row = re.findall(r"ROW\(([^)]*)\)", condition)
    return set(_COLUMN.findall(condition)) | {name.rpartition(".")[2] for row in in_row for name in row.split(", ")}


def _table(node: dict[str, Any]) -> str | None:
    return _name(node.get("Relation Name"))


def _name(name: str | None) -> str | None:
    return None if name is None else name.removesuffix("_rest")
