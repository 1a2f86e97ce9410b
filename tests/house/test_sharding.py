"""What lets the tables be spread over machines by community later, and walls communities off from each other today."""

import ast
import re

import pytest

from tests.house.conftest import FLOOR, Ask
from tests.house.explained import Explained
from tests.house.statements import sql_of, statements
from tests.house.test_statements import written
from tests.house.tree import parsed, python_files, shown
from tocsin.base.migrations import read_migrations

TO_THE_FLOOR = {
    "channel": "a channel is a use of a gateway: they are few, and written by administrators only",
}
"""Tables above the floor with a foreign key down to it."""

APPEND_ONLY = {
    "incident_event": "the record",
    "event_detail": "what the record's hashes bind; erased by law through tocsin_eraser alone",
    "message_text": "what was said is not said otherwise later",
    "delivery_attempt": "what a gateway said",
    "earlier_way": "which ways were tried",
    "answer": "what somebody answered; the last one counts",
    "contact_signal": "what was learnt of an address",
    "contact_debt_work": "what the desk did about it",
    "access_log": "who looked at what is not everybody's to see",
    "shift_change": "who took whose shift",
    "desk_log": "who signed on at which desk, and who gave out devices and PINs",
}
"""The service inserts here and reads, and can neither change nor remove: by its privileges."""

DEFINERS = {
    "look_at_reason": "the only way to the reason why somebody needs help, and it leaves its line in the log",
    "oldest_transaction": "whose transaction keeps dead rows: its owner sees sessions and no table",
}
"""Functions that run with their owner's rights."""

_TABLES = (
    " FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    " AND c.relname <> ALL ($1::text[])"
)
_WALL = "(community_id = (NULLIF(current_setting('app.community'::text, true), ''::text))::bigint)"
_AFTER_16 = re.compile(
    r"WITHOUT OVERLAPS|\bPERIOD\b|JSON_TABLE|JSON_EXISTS|JSON_VALUE|uuidv[47]|MERGE INTO .* RETURNING|\bRETURNING\b[^;]*\b(OLD|NEW)\."
    r"|GENERATED ALWAYS AS \([^;]*\) VIRTUAL|array_sort|array_reverse|ON CONFLICT DO SELECT|\bNOT ENFORCED\b", re.DOTALL
)  # fmt: skip


def _names(ask: Ask, condition: str) -> list[str]:
    """The tables above the floor for which the condition (on `c`) holds."""
    return sorted(row["relname"] for row in ask(f"SELECT c.relname {_TABLES} AND {condition}", sorted(FLOOR)))


def test_every_table_above_the_floor_begins_with_its_community(ask: Ask) -> None:
    begins = "SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = 1 AND a.attname = 'community_id'"
    assert _names(ask, f"NOT EXISTS ({begins} AND a.attnotnull AND a.atttypid = 'bigint'::regtype)") == []


def test_every_table_above_the_floor_has_a_primary_key(ask: Ask) -> None:
    assert _names(ask, "NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)") == []


def test_community_leads_every_primary_key_and_everything_unique(ask: Ask) -> None:
    """And every other index too: row-level security asks for the community first whatever else is asked for."""
    rows = ask(
        f"SELECT i.indexrelid::regclass::text AS index {_TABLES.replace('WHERE', 'JOIN pg_index i ON i.indrelid = c.oid WHERE', 1)}"
        " AND i.indkey[0] <> (SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'community_id')"
        " AND NOT i.indisexclusion",
        sorted(FLOOR),
    )
    assert rows == []


def test_no_table_has_a_trigger(ask: Ask) -> None:
    assert ask("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal") == []


def test_every_table_above_the_floor_stands_behind_its_wall(ask: Ask) -> None:
    walls = (
        "SELECT FROM pg_policies p WHERE p.tablename = c.relname AND p.permissive = 'PERMISSIVE' AND p.cmd = 'ALL'"
        f" AND p.roles = '{{public}}' AND p.qual = $wall${_WALL}$wall$ AND p.with_check = $wall${_WALL}$wall$"
    )
    assert _names(ask, "NOT (c.relrowsecurity AND c.relforcerowsecurity)") == []
    assert _names(ask, f"NOT EXISTS ({walls})") == []
    assert _names(ask, "(SELECT count(*) FROM pg_policies p WHERE p.tablename = c.relname) > 1") == [], "a second policy opens the first"


def test_no_view_looks_over_the_wall(ask: Ask) -> None:
    rows = ask("SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')")
    assert [row["relname"] for row in rows if "security_invoker=true" not in (row["reloptions"] or ())] == []


def test_the_service_reaches_no_partition_past_its_table(ask: Ask) -> None:
    rows = ask(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND has_table_privilege('tocsin_service', oid, 'SELECT')"
    )
    assert rows == []


@pytest.mark.parametrize("role", ["tocsin_service", "tocsin_eraser", "tocsin_care", "tocsin_watch"])
def test_our_roles_have_no_power_over_the_database(role: str, ask: Ask) -> None:
    [found] = ask("SELECT * FROM pg_roles WHERE rolname = $1", role)
    powers = ("rolsuper", "rolbypassrls", "rolcreatedb", "rolcreaterole", "rolreplication", "rolcanlogin")
    assert [power for power in powers if found[power]] == []
    rights = [row["role"] for row in ask("SELECT roleid::regrole::text AS role FROM pg_auth_members WHERE member = $1::regrole", role)]
    assert rights == (["pg_read_all_stats"] if role == "tocsin_watch" else [])
    assert ask("SELECT 1 WHERE has_schema_privilege($1, 'public', 'CREATE')", role) == []


def test_the_service_owns_nothing(ask: Ask) -> None:
    rows = ask("SELECT classid::regclass::text, objid FROM pg_shdepend WHERE refobjid = 'tocsin_service'::regrole AND deptype = 'o'")
    assert rows == []


def test_functions_that_run_with_their_owners_rights_are_few_and_known(ask: Ask) -> None:
    rows = ask("SELECT proname, proowner, proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef")
    assert {row["proname"] for row in rows} == set(DEFINERS)
    assert [row["proname"] for row in rows if not any(one.startswith("search_path=") for one in row["proconfig"] or ())] == []
    owners = ask(
        "SELECT proname FROM pg_proc JOIN pg_roles r ON r.oid = proowner"
        " WHERE pronamespace = 'public'::regnamespace AND prosecdef AND (rolsuper OR rolbypassrls)"
    )
    assert owners == []


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_service_can_only_add_to(table: str, ask: Ask) -> None:
    may = [row["privilege_type"] for row in ask(_PRIVILEGES, "tocsin_service", table)]
    assert sorted(set(may)) == ["INSERT", "SELECT"]


_PRIVILEGES = (
    "SELECT privilege_type FROM information_schema.table_privileges WHERE grantee = $1 AND table_name = $2"
    " UNION ALL SELECT privilege_type FROM information_schema.column_privileges WHERE grantee = $1 AND table_name = $2"
)


def test_the_eraser_can_only_take_details_away(ask: Ask) -> None:
    rows = ask(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = 'tocsin_eraser'"
        " AND privilege_type <> 'SELECT'"
    )
    assert [(row["table_name"], row["privilege_type"]) for row in rows] == [("event_detail", "DELETE")]


def test_nobody_may_empty_a_table_or_hang_something_on_it(ask: Ask) -> None:
    rows = ask(
        "SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges WHERE table_schema = 'public'"
        " AND grantee LIKE 'tocsin%' AND privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')"
    )
    assert rows == []


def test_foreign_keys_stay_within_a_community(ask: Ask) -> None:
    """Above the floor a key and what it points to begin with the same community; few point down to the floor."""
    rows = ask(
        "SELECT k.conrelid::regclass::text AS table, k.confrelid::regclass::text AS target, a.attname AS first, b.attname AS first_of_target"
        " FROM pg_constraint k"
        " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
        " JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]"
        " WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND k.conrelid::regclass::text <> ALL ($1::text[])",
        sorted(FLOOR),
    )
    down = {row["table"] for row in rows if row["target"] in FLOOR}
    across = [row for row in rows if row["target"] not in FLOOR and (row["first"], row["first_of_target"]) != ("community_id",) * 2]
    assert down == set(TO_THE_FLOOR)
    assert across == []


def test_no_type_of_our_own_is_an_enumeration(ask: Ask) -> None:
    assert ask("SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'") == []


def test_times_and_random_values_come_in_as_parameters(explained: dict[str, Explained], walled: frozenset[str]) -> None:
    """Each machine that holds a piece of a table would compute its own."""
    own = re.compile(r"\b(now|clock_timestamp|story_now|statement_timestamp|random|gen_random_uuid|gen_random_bytes)\(|CURRENT_TIMESTAMP")
    assert [key for key, one in explained.items() if written(one) & walled and own.search(sql_of(one.query))] == []


def test_nothing_needs_a_newer_postgresql_than_16() -> None:
    texts = {key: sql_of(query) for key, query in statements().items()} | {one.name: one.sql for one in read_migrations()}
    assert [name for name, text in texts.items() if _AFTER_16.search(text)] == []


def test_no_generated_column_is_computed_when_it_is_read(ask: Ask) -> None:
    assert ask("SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attgenerated = 'v'") == []


def test_nothing_depends_on_the_name_of_a_violated_constraint() -> None:
    """A sharded table's constraints have other names on each machine."""
    named = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in ("constraint_name", "index_name")
    ]
    assert named == []
    assert [key for key, query in statements().items() if "ON CONSTRAINT" in sql_of(query).upper()] == []
