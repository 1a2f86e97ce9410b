"""A backup that was restored elsewhere must not wake people a second time; nothing leaves until an operator says so."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tests.harness.processes import ServiceProcesses, free_port
from tests.stories.conftest import Line
from tocsin.base.embedded import Embedded


async def run_program(postgres: Embedded, name: str, *arguments: str) -> None:
    """One of this PostgreSQL's own programs, to its end."""
    process = await asyncio.create_subprocess_exec(postgres.server.bin_path / name, *arguments)
    assert await asyncio.wait_for(process.wait(), 60) == 0


@asynccontextmanager
async def restored(line: Line, postgres: Embedded, folder: Path) -> AsyncIterator[ServiceProcesses]:
    """The service on a copy of the line's database, dumped and restored as docs/operations.md says."""
    name = f"{line.service.database_url.partition('?')[0].rpartition('/')[2]}_copy"
    await run_program(postgres, "pg_dump", "--format=custom", f"--file={folder / 'tocsin.dump'}", line.service.database_url)
    await line.owner.execute(f'CREATE DATABASE "{name}"')
    try:
        copy = postgres.address_of(name)
        await run_program(postgres, "pg_restore", "--exit-on-error", f"--dbname={copy}", str(folder / "tocsin.dump"))
        yield replace(line.service, database_url=copy, port=free_port())
    finally:
        await line.owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def test_a_restored_copy_sends_nothing_until_an_operator_allows_it(line: Line, postgres: Embedded, tmp_path: Path) -> None:
    async with line.service.running("serve", "--no-worker"):
        status, declared = await line.post("/incidents", {"kind": "elevator_entrapment", "place": "3-2-L1", "facts": {}})
        assert status == 201, declared
    async with restored(line, postgres, tmp_path) as copy, copy.running("worker"):
        code, said = await copy.command("sending", "show", "--json")
        [shown] = json.loads(said.splitlines()[-1])
        assert code == 0 and not shown["may_send"] and shown["open_incidents"] == 1 and shown["waiting"] > 0
        code, said = await copy.command("status")
        assert code == 1 and "✗ sending" in said, said
        assert (await copy.command("status", "--ready"))[0] == 0, "the pages may be read while nothing is sent"
        assert line.gateway.sent == []

        code, said = await copy.command("sending", "allow", "--yes")
        assert code == 0 and "HELD" in said, said
        await line.phone("zhang").receives("困人")
        assert (await copy.command("status"))[0] == 0

    code, said = await line.service.command("sending", "show")
    assert code == 0 and "HELD" not in said, "the original is no copy"


async def test_an_operator_holds_a_copy_of_the_files_before_it_starts(line: Line) -> None:
    async with line.service.running("serve", "--no-worker"):
        assert (await line.service.command("sending", "hold"))[0] == 0
        status, _ = await line.post("/incidents", {"kind": "elevator_entrapment", "place": "3-2-L1", "facts": {}})
        assert status == 201
        async with line.service.running("worker"):
            assert (await line.service.command("status"))[0] == 1
            assert line.gateway.sent == []
            assert (await line.service.command("sending", "allow", "--yes"))[0] == 0
            await line.phone("zhang").receives("困人")
