"""Reads a file in a process of its own, and gives its rows as they come."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson
from pydantic import TypeAdapter

from people.imports import limits
from people.imports.errors import REFUSALS, ArchiveBombError, FileBrokenError, ReadingTooLongError
from people.imports.heading_words import ImportKind
from people.imports.options import Options
from people.imports.records import FacilityRow, ResidentRow, RosterRow, Row, StaffRow, Understood
from tocsin.base.logs import logger

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 16 * 1024 * 1024
# What arrives was made by a process that has read a stranger's file: it is checked like any other input.
_UNDERSTOOD = TypeAdapter(Understood)
_ROWS_LINE = b'{"rows":'
_ROWS: dict[ImportKind, TypeAdapter[Any]] = {
    "residents": TypeAdapter(dict[Literal["rows"], list[ResidentRow]]),
    "staff": TypeAdapter(dict[Literal["rows"], list[StaffRow]]),
    "rosters": TypeAdapter(dict[Literal["rows"], list[RosterRow]]),
    "facilities": TypeAdapter(dict[Literal["rows"], list[FacilityRow]]),
}
log = logger("imports")


@dataclass
class Reading:
    """A file that is being read. `chunks` gives its rows once; `skipped` (sheet, line) and `rows` are whole when it has ended."""

    understood: Understood
    lines: AsyncIterator[bytes]
    rows: int = 0
    skipped: tuple[tuple[int, int], ...] = ()

    async def chunks(self) -> AsyncIterator[list[Row]]:
        """The rows, some hundred at a time. Raises ImportRefusedError where the rest cannot be read."""
        adapter = _ROWS[self.understood.kind]
        async for line in self.lines:
            if line.startswith(_ROWS_LINE):
                yield adapter.validate_json(line)["rows"]
                continue
            end = _message(line)["end"]
            self.rows = int(end["rows"])
            self.skipped = tuple((int(sheet), int(number)) for sheet, number in end["skipped"])
            return
        raise FileBrokenError()


@asynccontextmanager
async def reading(file: BinaryIO, options: Options) -> AsyncIterator[Reading]:
    """Start reading `file` (an open file of the operating system, at its beginning). Raises ImportRefusedError."""
    async with _process(file, options) as lines:
        first = _message(await anext(lines, b'{"refused": "broken"}'))
        yield Reading(_UNDERSTOOD.validate_python(first["understood"]), lines)


@asynccontextmanager
async def reading_cells(file: BinaryIO, options: Options) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """The raw texts of all cells: {"sheet": name}, then {"cells": [[…]]} some hundred rows at a time."""
    async with _process(file, Options(**{**asdict(options), "cells": True})) as lines:
        yield _cells(lines)


async def _cells(lines: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    async for line in lines:
        message = _message(line)
        if "end" in message:
            return
        yield message
    raise FileBrokenError()


@asynccontextmanager
async def _process(file: BinaryIO, options: Options) -> AsyncIterator[AsyncIterator[bytes]]:
    # The process reads what the operating system has, from where that stands; our buffer knows better of both.
    file.flush()
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    # Nothing of ours goes along: no key, no address of the database.
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "people.imports.reading_process", orjson.dumps(asdict(options)).decode(),
        cwd=_ROOT, env={**kept, "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "2"},
        stdin=file, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=_LONGEST_LINE,
    )  # fmt: skip
    try:
        yield _lines(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _next_line(stream: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(limits.SILENT_SECONDS):
        return await stream.readline()


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[bytes]:
    """The process's lines; how it died says why there are no more of them."""
    assert process.stdout is not None and process.stderr is not None
    errors = asyncio.ensure_future(process.stderr.read())
    try:
        while line := await _next_line(process.stdout):
            yield line
        code = await process.wait()
        if code != 0:
            log.warning("reading_process_died", code=code, said=(await errors).decode("utf-8", "replace")[-400:])
            raise ArchiveBombError() if code < 0 else FileBrokenError()
    except TimeoutError as problem:
        raise ReadingTooLongError() from problem
    finally:
        errors.cancel()


def _message(line: bytes) -> dict[str, Any]:
    message: dict[str, Any] = orjson.loads(line)
    if "refused" in message:
        raise REFUSALS.get(message["refused"], FileBrokenError)(field=None, **message.get("values", {}))
    return message
