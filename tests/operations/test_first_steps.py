"""From an empty database to the first log-in, with an owner for the schema and a user of its own for the service, as the page says."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from tests.harness.processes import ServiceProcesses
from tests.operations.commands import tocsin
from tocsin.base.embedded import Embedded

MAKE_COMPANY = ("init", "--company", "安居物业", "--community", "云栖花园", "--login", "admin", "--json")


def as_user(url: str, user: str, database: str | None = None) -> str:
    """The same server's address for another user, and another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:@{parts.netloc.rpartition('@')[2]}", path=f"/{database}" if database else parts.path))


class Server:
    """A database with an owner and a service's user, neither of them a superuser."""

    def __init__(self, url: str, folder: Path) -> None:
        number = uuid4().hex[:8]
        self.owner, self.user, self.name = f"owner_{number}", f"app_{number}", f"first_steps_{number}"
        self.superuser_url = url
        self.owner_url = as_user(url, self.owner, self.name)
        self.service = ServiceProcesses(as_user(url, self.user, self.name), folder)
        self.as_owner = ServiceProcesses(self.owner_url, folder)

    async def prepare(self) -> None:
        connection = await asyncpg.connect(self.superuser_url)
        await connection.execute(f"CREATE ROLE {self.owner} LOGIN CREATEROLE")
        await connection.execute(f"CREATE ROLE {self.user} LOGIN NOINHERIT")
        # Roles belong to the whole cluster: here other tests made them, so the owner did not get them by making them.
        for made in await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname ^@ 'tocsin_'"):
            await connection.execute(f"GRANT {made['rolname']} TO {self.owner} WITH ADMIN OPTION")
        await connection.execute(f"CREATE DATABASE {self.name} OWNER {self.owner}")
        await connection.close()

    async def ask_as_owner(self, statement: str) -> object:
        connection = await asyncpg.connect(self.owner_url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def drop(self) -> None:
        connection = await asyncpg.connect(self.superuser_url)
        await connection.execute(f"DROP DATABASE {self.name} WITH (FORCE)")
        await connection.execute(f"DROP OWNED BY {self.owner}, {self.user} CASCADE")
        await connection.execute(f"DROP ROLE {self.user}")
        await connection.execute(f"DROP ROLE {self.owner}")
        await connection.close()


@pytest.fixture
async def server(postgres: Embedded, template: str, tmp_path: Path) -> AsyncIterator[Server]:
    """An empty database; `template` made the roles of the cluster."""
    tmp_path.chmod(0o755)
    server = Server(postgres.url, tmp_path)
    await server.prepare()
    yield server
    await server.drop()


async def test_owner_migrates_and_the_services_user_does_the_rest(server: Server) -> None:
    code, said = await tocsin(server.service, "status")
    assert code == 1, said
    code, said = await tocsin(server.service, "migrate")
    assert code == 1 and "owner" in said, said

    code, said = await tocsin(server.as_owner, "migrate")
    assert code == 0 and "0001_floor" in said, said
    code, said = await tocsin(server.service, "status")
    assert code == 1 and f"GRANT tocsin_service TO {server.user}" in said, said
    await server.ask_as_owner(f"GRANT tocsin_service TO {server.user}")

    assert (await tocsin(server.service, "migrate"))[0] == 0, "where nothing is new the service's user may look"
    code, said = await tocsin(server.service, *MAKE_COMPANY)
    assert code == 0, said
    made = json.loads(said.splitlines()[-1])
    code, said = await tocsin(server.service, *MAKE_COMPANY)
    assert code == 1, said
    assert (await tocsin(server.service, "status"))[0] == 0

    code, said = await tocsin(server.service, "user", "create", "li", "--role", "clerk", "--json")
    assert code == 0 and json.loads(said.splitlines()[-1])["community"] == made["community"]
    owned = await server.ask_as_owner(f"SELECT count(*) FROM pg_class WHERE relowner = '{server.user}'::regrole")
    assert owned == 0, "the service's user owns nothing"


async def test_an_init_that_fails_leaves_nothing(server: Server) -> None:
    await tocsin(server.as_owner, "migrate")
    await server.ask_as_owner(f"GRANT tocsin_service TO {server.user}")
    await server.ask_as_owner("REVOKE INSERT ON place FROM tocsin_service")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tocsin(server.service, *MAKE_COMPANY)
    assert await server.ask_as_owner("SELECT count(*) FROM company") == 0


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("postgresql://tocsin_app@127.0.0.1:1/tocsin", "cannot be reached"),
        ("mysql://tocsin_app@127.0.0.1/tocsin", "TOCSIN_DATABASE_URL"),
    ],
)
async def test_a_database_that_cannot_be_used_is_one_sentence_with_the_way_out(address: str, hint: str, tmp_path: Path) -> None:
    for command in (("serve",), ("worker",), ("migrate",), MAKE_COMPANY, ("user", "link", "admin"), ("channel", "list")):
        code, said = await tocsin(ServiceProcesses(address, tmp_path), *command)
        assert code == 1 and hint in said, said


async def test_a_refusal_is_one_line_on_standard_error_and_exit_code_one(tmp_path: Path) -> None:
    code, said = await ServiceProcesses("postgresql://tocsin_app@127.0.0.1:1/tocsin", tmp_path).command("migrate")
    assert code == 1 and said.startswith("The database at 127.0.0.1:1 cannot be reached") and said.count("\n") == 1, said


async def test_a_user_or_database_that_is_not_there_is_named(server: Server) -> None:
    unknown = ServiceProcesses(as_user(server.superuser_url, "nobody_at_all", server.name), server.service.data_dir)
    code, said = await tocsin(unknown, "user", "link", "admin")
    assert code == 1 and "nobody_at_all" in said, said
    elsewhere = ServiceProcesses(as_user(server.superuser_url, server.owner, "no_such_database"), server.service.data_dir)
    code, said = await tocsin(elsewhere, "migrate")
    assert code == 1 and "no_such_database" in said, said
