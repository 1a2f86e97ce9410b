"""Files that are being brought in for this process, each by a process of its own."""

import asyncio
import hashlib
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson
from aiohttp import web

from people.imports.background import Order
from people.imports.errors import ImportBusyError
from people.imports.run import ImportRequest, note_run
from people.imports.runs import fail_run
from tocsin.base.database import Database, Tx
from tocsin.base.logs import logger

MOST = 2
"""At once: each takes a processor for up to a minute."""
_ROOT = Path(__file__).resolve().parents[1]
log = logger("imports")


@dataclass
class ImportsRunning:
    """Starts them, and stops them when the web server stops: then nothing of theirs was applied, and the run says that it failed."""

    database: Database
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def begin(self, tx: Tx, request: ImportRequest, data: bytes) -> int:
        """Note a file that was sent, and have it worked on once that is committed; the run's id. Raises ImportBusyError."""
        if len(self.tasks) >= MOST:
            raise ImportBusyError()
        run_id = await note_run(tx, request, hashlib.sha256(data).digest(), data)
        tx.after_commit(("import", run_id), lambda: self._start(request.community_id, run_id))
        return run_id

    async def _start(self, community_id: int, run_id: int) -> None:
        task = asyncio.create_task(self._bring_in(Order(self.database.url, community_id, run_id)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def reasons(self, community_id: int, run_id: int, language: str) -> bytes | None:
        """The workbook of reasons for a kept file; None where it cannot be made."""
        code, workbook = await self._process(Order(self.database.url, community_id, run_id, language))
        return workbook if code == 0 else None

    async def _bring_in(self, order: Order) -> None:
        try:
            code, _ = await self._process(order)
        except asyncio.CancelledError:
            code = -1
        if code != 0:
            async with self.database.community(order.community) as tx:
                await fail_run(tx, order.run)

    async def _process(self, order: Order) -> tuple[int, bytes]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "people.imports.background", cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            out, err = await process.communicate(orjson.dumps(asdict(order)))
        except BaseException:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            said = err.decode("utf-8", "replace")[-2000:]
            log.error("import_process_died", code=process.returncode, community=order.community, run=order.run, said=said)
        return process.returncode or 0, out

    async def close(self) -> None:
        """Stop what is running, and wait until its run says so."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


IMPORTS: web.AppKey[ImportsRunning] = web.AppKey("imports", ImportsRunning)
