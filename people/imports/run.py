"""One file from beginning to end: understood, compared in chunks, and applied in one transaction or not at all."""

import gc
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from time import monotonic
from typing import BinaryIO
from zoneinfo import ZoneInfo

from people.communities import Community, get_community
from people.imports.errors import ImportBusyError, ImportRefusedError, ReplaceRefusedError
from people.imports.examples import Examples
from people.imports.kinds import PLANS, Plan
from people.imports.options import Options
from people.imports.phones import read_area_code
from people.imports.reader import Reading, reading
from people.imports.records import Row, Understood
from people.imports.resident_plan import Rules
from people.imports.verdicts import Counts, Verdict
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.texts import say

SQL = load_queries(__package__)
ROWS_A_CHUNK = 4000
_NOTE_SECONDS = 2.0
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is to be brought in. `dry` only looks. `replace`: the list is whole, and ends the stays that are not in it.

    `yes_end`: how many stays the file may end although they are more than a tenth, as a dry run counted them. `keep_file`: with the run, so
    that the workbook of reasons can be made later. `by` as the record names who asked.
    """

    community_id: int
    file_name: str
    by: str
    dry: bool = True
    options: Options = field(default_factory=Options)
    replace: bool = False
    yes_end: int | None = None
    keep_file: bool = False


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of it. `state`: done; asks (would end too much, nothing was applied). `looked_at`: refused rows and those with hints, the first."""

    run_id: int
    state: str
    understood: Understood
    counts: Counts
    looked_at: tuple[Verdict, ...]


class _AsksError(Exception):
    """The file would end too much: everything is rolled back."""


async def start_run(database: Database, request: ImportRequest, file: BinaryIO) -> int:
    """Note that a file is being read; the run's id. `file` is left at its beginning."""
    digest, kept = hashlib.sha256(), bytearray()
    while piece := file.read(1 << 20):
        digest.update(piece)
        if request.keep_file:
            kept += piece
    file.seek(0)
    async with database.community(request.community_id) as tx:
        return await note_run(tx, request, digest.digest(), bytes(kept) or None)


async def note_run(tx: Tx, request: ImportRequest, sha256: bytes, kept: bytes | None) -> int:
    """The same, of a file whose hash is known; `kept` is the file itself, where it is to be kept."""
    options = {**asdict(request.options), "replace": request.replace, "yes_end": request.yes_end}
    named = (request.file_name.replace("\0", "")[:200], sha256, kept, request.by, options, request.dry)
    return int(await tx.value(SQL.insert_run, tx.community, *named, tx.now, tx.machine_now))


async def run_import(
    database: Database, request: ImportRequest, file: BinaryIO, *, run_id: int | None = None,
    understood: Callable[[Understood], None] = lambda _: None, progress: Progress = lambda _: None,
) -> ImportResult:  # fmt: skip
    """Bring in a file (an open file of the operating system). `understood` and `progress` are told as it goes on.

    Raises ImportRefusedError where the file as a whole cannot be taken; then, as after any failure, nothing of it was.
    """
    run_id = run_id if run_id is not None else await start_run(database, request, file)
    run = _Running(database, request, run_id, understood, progress)
    try:
        return await run.go(file)
    except ImportRefusedError as refused:
        await run.finish("refused", refused)
        raise
    except BaseException:
        await run.finish("failed")
        raise


@dataclass
class _Running:
    database: Database
    request: ImportRequest
    run_id: int
    told: Callable[[Understood], None]
    progress: Progress
    counts: Counts = field(default_factory=Counts)
    looked_at: list[Verdict] = field(default_factory=list)
    examples: Examples = field(default_factory=Examples)
    noted_at: float = field(default_factory=monotonic)

    async def go(self, file: BinaryIO) -> ImportResult:
        async with self.database.community(self.request.community_id) as tx:
            community = await get_community(tx, tx.community)
            rules = _rules(community, tx, self.request)
        options = self.request.options
        if options.area_code is None:
            options = replace(options, area_code=read_area_code(community.desk_phone))
        async with reading(file, options) as found:
            understood = found.understood
            self.told(understood)
            async with self.database.community(self.request.community_id) as tx:
                await tx.run(SQL.note_understood, tx.community, self.run_id, understood.kind, asdict(understood))
            try:
                async with self.database.community(self.request.community_id) as tx:
                    state = await self._compare(tx, found, PLANS[understood.kind], rules)
            except _AsksError:
                state = "asks"
                await self.finish(state)
            finally:
                gc.unfreeze()
        return ImportResult(self.run_id, state, understood, self.counts, tuple(self.looked_at))

    async def _compare(self, tx: Tx, found: Reading, plan_of: Callable[[Tx, Rules], Plan], rules: Rules) -> str:
        """Judge every row and, unless this is a dry run, write what it changes; then what becomes of the whole."""
        if not await tx.value(SQL.hold_imports, tx.community):
            raise ImportBusyError()
        await tx.run(SQL.may_pause)
        plan = plan_of(tx, rules)
        self.counts.of = await plan.open()
        async for rows in _chunks(found):
            verdicts = [_in_their_words(one, found.understood) for one in await plan.judge(rows)]
            await plan.write(dry=self.request.dry)
            self.examples.look_at(rows, verdicts)
            await self._note(tx, verdicts)
            await tx.run(SQL.forget_plans)
            # What is known of the directory stays until the end; looking through it for garbage again and again costs a third of the time.
            gc.freeze()
        self.counts.skipped = len(found.skipped)
        if self.request.replace:
            await self._end_others(plan)
        self.counts.new_places, self.counts.new_people, self.counts.new_addresses = plan.added
        state = "asks" if self.counts.must_ask and self.request.yes_end != self.counts.ends else "done"
        if state == "asks" and not self.request.dry:
            raise _AsksError
        await self._finish(tx, state, applied=not self.request.dry)
        return state

    async def _end_others(self, plan: Plan) -> None:
        if self.counts.refused:
            # A refused row may be the very home whose people would be ended.
            raise ReplaceRefusedError(count=self.counts.refused)
        self.counts.ends += await plan.end_others(write=not self.request.dry)

    async def _note(self, tx: Tx, verdicts: Sequence[Verdict]) -> None:
        for one in verdicts:
            self.counts.add(one)
        self.looked_at += [one for one in verdicts if one.faults or one.hints][: max(0, 200 - len(self.looked_at))]
        rows = [
            {"sheet": one.sheet, "line": one.line, "verdict": one.verdict, "reasons": [asdict(f) for f in one.faults],
             "hints": [asdict(h) for h in one.hints]}
            for one in verdicts
        ]  # fmt: skip
        await tx.run(SQL.insert_rows, tx.community, self.run_id, rows)
        self.progress(self.counts.rows)
        if monotonic() - self.noted_at > _NOTE_SECONDS:
            self.noted_at = monotonic()
            async with self.database.community(self.request.community_id) as other:
                await other.run(SQL.note_progress, other.community, self.run_id, self.counts.rows, other.machine_now)

    async def finish(self, state: str, refused: ImportRefusedError | None = None) -> None:
        """Say what came of it where nothing was applied."""
        async with self.database.community(self.request.community_id) as tx:
            await self._finish(tx, state, applied=False, refused=refused)

    async def _finish(self, tx: Tx, state: str, *, applied: bool, refused: ImportRefusedError | None = None) -> None:
        counts = {**asdict(self.counts), "must_ask": self.counts.must_ask}
        values = {name: str(value) for name, value in refused.values.items()} if refused else {}
        await tx.run(
            SQL.finish_run, tx.community, self.run_id, state, refused.refusal if refused else None, values, counts, self.counts.rows,
            tx.now, tx.now if applied else None, [asdict(one) for one in self.examples.all()],
        )  # fmt: skip


async def _chunks(found: Reading) -> AsyncIterator[list[Row]]:
    """The rows by the thousand: fewer statements, the same verdicts."""
    waiting: list[Row] = []
    async for rows in found.chunks():
        waiting += rows
        if len(waiting) >= ROWS_A_CHUNK:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _rules(community: Community, tx: Tx, request: ImportRequest) -> Rules:
    language = community.default_language
    today = tx.now.astimezone(ZoneInfo(community.zone)).date()
    return Rules(today, say(language, "import.nameless"), language, community.zone, request.file_name[:80])


def _in_their_words(verdict: Verdict, understood: Understood) -> Verdict:
    """Faults and hints under the file's own heading instead of our word for the field."""
    if not verdict.faults and not verdict.hints:
        return verdict
    titles: dict[str, str] = {}
    # Of several columns of a field the first that is not a relative's: they are rarely what is meant.
    for column in sorted(understood.sheets[verdict.sheet].columns, key=lambda one: one.group == "relative"):
        titles.setdefault(column.field, column.heading)
    faults = tuple(replace(one, column=titles.get(one.column, one.column)) for one in verdict.faults)
    hints = tuple(replace(one, column=titles.get(one.column, one.column)) for one in verdict.hints)
    return replace(verdict, faults=faults, hints=hints)
