"""docs/operations.md says what the program does: its settings, commands, metrics and roles, and SQL that works as it is written."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import typer
from prometheus_client.samples import Sample

from api.auth.roles import ROLES
from api.metrics import Metrics
from tests.docs.pages import blocks, code, read_page, table
from tests.harness.processes import ROOT, ServiceProcesses
from tests.operations.commands import tocsin
from tocsin.app.cli.commands import app
from tocsin.base.embedded import Embedded
from tocsin.base.settings import Settings

PAGE = read_page("docs/operations.md")
SQL = [block.text for block in blocks(PAGE, "sql")]
USERS = ("tocsin_app", "tocsin_backup", "tocsin_owner")


def words(mark: str) -> list[str]:
    """What stands in code in the first column of a table, in order."""
    return [word for row in table(PAGE, f"keys of: {mark}") for word in code(row[0])]


def commands(group: object, before: str = "tocsin") -> list[str]:
    """Every command there is, as it is typed."""
    known = getattr(group, "commands", None)
    return [before] if known is None else [one for name, inner in known.items() for one in commands(inner, f"{before} {name}")]


def test_every_setting_stands_on_the_page_with_its_default() -> None:
    fields = {f"TOCSIN_{name.upper()}": field for name, field in Settings.model_fields.items()}
    assert set(words("settings")) | {"TOCSIN_DEMO", "TOCSIN_DEMO_CATCHER_URL"} == set(fields)
    for row in table(PAGE, "keys of: settings"):
        default = fields[code(row[0])[0]].default
        said = code(row[1])
        if said and said != ["http://"]:
            assert said == [str(default).lower() if isinstance(default, bool) else str(default)], row
        else:
            assert default in (None, ""), row


def test_every_command_stands_on_the_page() -> None:
    assert sorted(words("commands")) == sorted(commands(typer.main.get_command(app)))


def test_every_metric_stands_on_the_page() -> None:
    exposed: list[Sample] = [sample for family in Metrics().registry.collect() for sample in family.samples]
    families = {family.name + ("_total" if family.type == "counter" else "") for family in Metrics().registry.collect()}
    assert set(words("metrics")) == families and exposed


def test_every_role_stands_on_the_page() -> None:
    assert tuple(words("roles")) == ROLES


def test_the_roles_that_migrations_make_are_those_that_a_restore_makes_first() -> None:
    made = set(re.findall(r"CREATE ROLE (\w+)", "".join(path.read_text("utf-8") for path in (ROOT / "migrations").glob("0*.sql"))))
    assert set(re.findall(r"CREATE ROLE (\w+) NOLOGIN", SQL[-1])) == made
    assert all(f"`{role}`" in PAGE for role in made)


def address(postgres: Embedded, user: str, database: str) -> str:
    """The server's address for another user and database."""
    parts = urlsplit(postgres.url)
    return urlunsplit(parts._replace(netloc=f"{user}:@{parts.netloc.rpartition('@')[2]}", path=f"/{database}"))


async def execute(url: str, script: str) -> None:
    """Run a script, one statement after another: databases cannot be made inside a transaction."""
    connection = await asyncpg.connect(url)
    try:
        for statement in re.findall(r"[^;]+;", script):
            await connection.execute(statement)
    finally:
        await connection.close()


async def program(postgres: Embedded, name: str, *arguments: str) -> int:
    process = await asyncio.create_subprocess_exec(postgres.server.bin_path / name, *arguments)
    return await asyncio.wait_for(process.wait(), 60)


@pytest.fixture
async def server(postgres: Embedded, template: str) -> AsyncIterator[Embedded]:
    """The cluster of this test process. Other tests made the roles of the migrations there, so they are granted and not made again."""
    await execute(postgres.url, SQL[0])
    connection = await asyncpg.connect(postgres.url)
    for role in re.findall(r"CREATE ROLE (\w+) NOLOGIN", SQL[-1]):
        await connection.execute(f"GRANT {role} TO tocsin_owner WITH ADMIN OPTION")
    yield postgres
    for database in ("tocsin", "tocsin_copy"):
        await connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    await connection.execute(f"DROP OWNED BY {', '.join(USERS)} CASCADE")
    for user in USERS:
        await connection.execute(f"DROP ROLE {user}")
    await connection.close()


async def test_the_page_can_be_followed_from_the_roles_to_a_restored_copy(server: Embedded, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    owner_url = address(server, "tocsin_owner", "tocsin")
    service = ServiceProcesses(address(server, "tocsin_app", "tocsin"), tmp_path)
    assert (await tocsin(ServiceProcesses(owner_url, tmp_path), "migrate"))[0] == 0
    await execute(owner_url, SQL[1])
    code, said = await tocsin(service, "init", "--company", "安居物业", "--community", "云栖花园", "--login", "admin")
    assert code == 0, said

    dump = tmp_path / "tocsin.dump"
    taken = ("--format=custom", f"--file={dump}")
    assert await program(server, "pg_dump", *taken, owner_url) != 0, "the page says that the owner cannot"
    assert await program(server, "pg_dump", *taken, address(server, "tocsin_backup", "tocsin")) == 0
    await execute(server.url, "".join(line for line in SQL[-1].splitlines(keepends=True) if "NOLOGIN" not in line))
    assert await program(server, "pg_restore", "--exit-on-error", f"--dbname={address(server, 'postgres', 'tocsin_copy')}", str(dump)) == 0

    copy = ServiceProcesses(address(server, "tocsin_app", "tocsin_copy"), tmp_path)
    code, said = await tocsin(copy, "sending", "show")
    assert code == 0 and "HELD" in said, said
    code, said = await tocsin(copy, "sending", "allow", given="y\n")
    assert code == 0, said
    assert (await tocsin(copy, "status"))[0] == 0
