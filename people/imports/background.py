"""A process that works on a kept file for another one: `python -m people.imports.background < ORDER`.

The order is one JSON object: {"url", "community", "run", "language"}; it comes by standard input, since an address of a database may hold a
password. With a language it writes the workbook of reasons to standard output; without one it brings the file in. Understanding and
comparing a long file is work for a processor for up to a minute, and a process that also alerts has none to spare.
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import orjson

from people.imports.errors import ImportRefusedError, ImportUnknownError
from people.imports.reasons import write_reasons
from people.imports.run import ImportRequest, run_import
from people.imports.runs import Kept, kept_file, rows_of_run
from tocsin.base.database import Database, connect

_ALL_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done; `language` asks for the workbook of reasons in it."""

    url: str
    community: int
    run: int
    language: str | None = None


async def carry_out(order: Order, target: BinaryIO) -> None:
    """Do what was ordered. A file that is refused is no failure: its run says why."""
    database = await connect(order.url, size=3)
    try:
        async with database.community(order.community) as tx:
            kept = await kept_file(tx, order.run)
        if kept.file is None:
            raise ImportUnknownError(value=order.run)
        with tempfile.TemporaryFile() as file:
            file.write(kept.file)
            file.seek(0)
            if order.language is not None:
                await _reasons(database, order, order.language, kept, file, target)
            else:
                await _bring_in(database, order, kept, file)
    finally:
        await database.close()


async def _bring_in(database: Database, order: Order, kept: Kept, file: BinaryIO) -> None:
    request = ImportRequest(order.community, kept.file_name, kept.by, kept.dry, kept.reading, kept.replace, kept.options["yes_end"])
    try:
        await run_import(database, request, file, run_id=order.run)
    except ImportRefusedError:
        return


async def _reasons(database: Database, order: Order, language: str, kept: Kept, file: BinaryIO, target: BinaryIO) -> None:
    async with database.community(order.community) as tx:
        rows = await rows_of_run(tx, order.run, refused_only=True, limit=_ALL_ROWS)
    out = BytesIO()
    await write_reasons(file, kept.reading, kept.understood or {"sheets": []}, rows, language, out)
    target.write(out.getvalue())


if __name__ == "__main__":
    asyncio.run(carry_out(Order(**orjson.loads(sys.stdin.buffer.read())), sys.stdout.buffer))
