"""A list of 100,000 residents as an office writes it, by the command itself: looked at, brought in, and brought in again.

The ceiling is what nobody can do without: the parser's own pass over the file (`parse`), and the same homes and people written by the
directory's bulk functions with nothing to understand and nothing to compare (`bulk`).
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from time import perf_counter

import asyncpg
import psutil
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from benchmarks.report import Report
from benchmarks.rig import durable_postgres
from people.bulk import AddressLine, PersonLine, PlaceLine, add_people, add_places
from people.communities import NewCommunity, add_community, add_company
from people.places import NewPlace, add_place
from tests.harness.processes import ROOT, SECRET_KEY
from tocsin.base.database import Database, connect
from tocsin.base.embedded import Embedded

SEED = 20261127
UNITS, FLOORS, DOORS = 3, 30, 4
"""Two people a home make 720 of a building."""
WRONG_EACH = 1000
"""One row in so many has a number that cannot be dialled."""
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"
BATCH = 4000


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a tenth of the rows."""
    rows = 10_000 if quick else 100_000
    report = Report("import", seed=SEED)
    report.asked = {
        "apply_seconds": f"<= {15 if quick else 60}",
        "largest_process_mb": "<= 1024",
        "rows_new": f">= {rows - rows // WRONG_EACH}",
        "rows_refused": f"<= {rows // WRONG_EACH}",
        "again_rows_touched": "<= 0",
    }
    async with durable_postgres() as (embedded, folder):
        file = folder / "list.xlsx"
        file.write_bytes(workbook(rows))
        database = await connect(embedded.url)
        await _community(database)
        await _command(report, embedded, folder, file, rows)
        await _ceiling(report, database, embedded.url, file, rows)
        await database.close()
    return report


async def _command(report: Report, embedded: Embedded, folder: Path, file: Path, rows: int) -> None:
    url = embedded.url
    dry = await import_file(url, folder, file)
    before = _database_cpu(embedded)
    applied = await import_file(url, folder, file, "--apply")
    report.figures["apply_database_cpu_seconds"] = _database_cpu(embedded) - before
    again = await import_file(url, folder, file, "--apply")
    for name, took in (("dry", dry), ("apply", applied), ("again", again)):
        report.figures[f"{name}_seconds"] = took.seconds
        report.figures[f"{name}_cpu_seconds"] = took.cpu_seconds
    report.figures["apply_rows_per_second"] = rows / applied.seconds
    report.figures["largest_process_mb"] = max(took.largest_mb for took in (dry, applied, again))
    report.figures["rows_new"] = applied.counts["new"] + applied.counts["changed"]
    report.figures["rows_refused"] = applied.counts["refused"]
    report.figures["again_rows_touched"] = again.counts["new"] + again.counts["changed"]
    connection = await asyncpg.connect(url)
    people = await connection.fetchval("SELECT count(*) FROM person")
    await connection.close()
    report.valid = dry.counts == applied.counts and people == applied.counts["new_people"] and applied.counts["rows"] == rows


def _database_cpu(embedded: Embedded) -> float:
    """Processor time of the database's main process and of every connection that has ended."""
    used = psutil.Process(embedded.server.get_pid()).cpu_times()
    return float(used.user + used.system + used.children_user + used.children_system)


@dataclass(frozen=True, slots=True)
class Took:
    """One run of the command: the counts it printed; seconds from start to end, and of processor time in all its processes; its largest one."""

    counts: dict[str, int]
    seconds: float
    cpu_seconds: float
    largest_mb: float


async def import_file(url: str, folder: Path, file: Path, *arguments: str) -> Took:
    environment = {
        **os.environ, "TOCSIN_DATABASE_URL": url, "TOCSIN_DATA_DIR": str(folder), "TOCSIN_SECRET_KEY": SECRET_KEY, "LANG": "en_US.UTF-8",
    }  # fmt: skip
    command = [sys.executable, "-m", "tocsin", "import", str(file), "--json", *arguments]
    return await asyncio.to_thread(_run, command, environment, folder / "said.json")


def _run(command: list[str], environment: dict[str, str], out: Path) -> Took:
    began = perf_counter()
    with out.open("wb") as said:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=said)
        # Only the operating system's own wait tells what a process and its children needed.
        _, _, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    counts: dict[str, int] = json.loads(out.read_text("utf-8"))["counts"]
    return Took(counts, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


async def _community(database: Database) -> int:
    async with database.floor() as tx:
        company = await add_company(tx, "Anju")
        community = await add_community(tx, NewCommunity(company, {"zh-CN": "云栖花园", "en": "Cloud Garden"}, desk_phone="0571-88001234"))
    async with database.community(community) as tx:
        await add_place(tx, NewPlace("community", None, "0", {"zh-CN": "云栖花园", "en": "Cloud Garden"}, "", 0))
    return community


def _people(rows: int) -> Iterator[tuple[int, int, int, int, str, str]]:
    """Building, unit, floor, door, name and number of each row; two a home."""
    random = Random(SEED)
    for row in range(rows):
        home, _ = divmod(row, 2)
        building, rest = divmod(home, UNITS * FLOORS * DOORS)
        unit, rest = divmod(rest, FLOORS * DOORS)
        floor, door = divmod(rest, DOORS)
        name = random.choice(SURNAMES) + random.choice(GIVEN) + random.choice(GIVEN)
        yield building + 1, unit + 1, floor + 1, door + 1, name, str(13_000_000_000 + row * 7)


def workbook(rows: int) -> bytes:
    """Dirty as usual: a title, blank cells below a building, numbers as numbers and as text, some of them wrong."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("住户")
    sheet.append(["云栖花园住户登记表"])
    sheet.append(["序号", "楼栋", "单元", "房号", "业主姓名", "联系电话（必填）", "备用电话", "入住日期", "车牌号", "备注"])
    before = (0, 0)
    for number, (building, unit, floor, door, name, phone) in enumerate(_people(rows), start=1):
        here = (building, unit)
        said: object = phone[:10] if number % WRONG_EACH == 0 else float(phone) if number % 3 else f"{phone[:3]} {phone[3:7]} {phone[7:]}"
        first = [f"{building}栋", f"{unit}单元"] if here != before else ["", ""]
        plate = f"浙A{number:05d}" if number % 4 == 0 else ""
        sheet.append([number, *first, f"{floor}{door:02d}", name, said, "" if number % 5 else f"8{number:07d}", "2020.5.1", plate, ""])
        before = here
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


async def _ceiling(report: Report, database: Database, url: str, file: Path, rows: int) -> None:
    began = perf_counter()
    sheet = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0)
    count = sum(1 for _ in sheet.iter_rows())
    report.figures["parse_seconds"] = perf_counter() - began
    report.valid = report.valid and count == rows + 2
    community = await _community(database)
    began = perf_counter()
    async with database.community(community) as tx:
        known: set[str] = {"0"}
        people = list(_people(rows))
        for start in range(0, rows, BATCH):
            some = people[start : start + BATCH]
            lines: list[PlaceLine] = []
            for building, unit, floor, door, _, _ in some:
                path = [f"{building}", f"{building}-{unit}", f"{building}-{unit}-{floor}", f"{building}-{unit}-{floor}{door:02d}"]
                for kind, code, parent in zip(("building", "unit", "floor", "home"), path, ("0", *path), strict=False):
                    if code not in known:
                        known.add(code)
                        lines.append(PlaceLine(kind, parent, code, {"zh-CN": code, "en": code}, code, 1))  # type: ignore[arg-type]
            await add_places(tx, lines)
            await add_people(
                tx,
                [
                    PersonLine("resident", name, addresses=(AddressLine("mobile", phone),), home_codes=(f"{b}-{u}-{f}{d:02d}",))
                    for b, u, f, d, name, phone in some
                ],
            )
    report.figures["bulk_seconds"] = perf_counter() - began
