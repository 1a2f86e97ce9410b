"""Files that are broken, locked, huge or made to hurt are refused with a reason; the process that parses them cannot take the service along."""

import asyncio
import json
import resource
import struct
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from people.imports import limits
from people.imports.errors import REFUSALS, ImportRefusedError
from people.imports.options import Options
from people.imports.reader import reading
from people.imports.reading_process import read_file
from tests.people.imports.sample import HEADING, sample
from tests.people.imports.writers import ods, text, xls, xlsx


async def read(data: bytes, **options: Any) -> tuple[list[Any], str | None]:
    """The rows that a process of its own reads, and why it refused."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        rows: list[Any] = []
        try:
            async with reading(file, Options(**options)) as found:
                async for some in found.chunks():
                    rows += some
        except ImportRefusedError as refused:
            return rows, refused.refusal
        return rows, None


def repacked(data: bytes, **members: bytes | Iterable[bytes]) -> bytes:
    """The archive with some members exchanged or added."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        names = {name.replace("__", "/").replace("_xml", ".xml"): content for name, content in members.items()}
        for name in dict.fromkeys([*before.namelist(), *names]):
            content = names.get(name) or [before.read(name)]
            with after.open(name, "w") as member:
                for piece in [content] if isinstance(content, bytes) else content:
                    member.write(piece)
    return out.getvalue()


def lying(data: bytes, name: str, size: int) -> bytes:
    """The archive with a member that says it is smaller than it is, in both of its headers."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        info = archive.getinfo(name)
    true = struct.pack("<I", info.file_size)
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = 0
        while (start := changed.find(signature, start)) >= 0:
            if changed[start + offset : start + offset + 4] == true:
                changed[start + offset : start + offset + 4] = struct.pack("<I", size)
            start += 4
    return bytes(changed)


GOOD = xlsx(sample())


@pytest.fixture(autouse=True)
def no_more_memory_than_a_laptop_has() -> Iterator[None]:
    """Whatever a file does to the process that parses, the one that asked for it stays small: two gigabytes more and a test fails."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + 2 * 1024**3, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def sheet_of(row: bytes, times: int) -> Iterator[bytes]:
    """The XML of a sheet in which a row stands so often, in pieces: nobody needs to hold it all."""
    yield b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    for start in range(0, times, 10_000):
        yield row * min(10_000, times - start)
    yield b"</sheetData></worksheet>"


async def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(GOOD, xl__worksheets__sheet1_xml=sheet_of(b"<row><c><v>1</v></c></row>", 9_000_000))
    assert len(bomb) < 2_000_000
    assert await read(bomb) == ([], "bomb")


async def test_a_bomb_that_lies_about_its_size_dies_alone() -> None:
    honest = repacked(GOOD, xl__worksheets__sheet1_xml=sheet_of(b'<row r="1"><c r="A1"><v>1</v></c></row>', 3_000_000))
    assert (await read(lying(honest, "xl/worksheets/sheet1.xml", 4000)))[1] in ("bomb", "broken")


async def test_an_archive_of_a_thousand_and_more_members_is_refused() -> None:
    many = repacked(GOOD, **{f"x{number}": b"x" for number in range(limits.MEMBERS)})
    assert await read(many) == ([], "bomb")


async def test_one_cell_in_the_farthest_corner_does_not_cost_the_whole_plane() -> None:
    far = sheet_of(b'<row r="1"><c r="A1" t="n"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row>', 1)
    assert (await read(repacked(GOOD, xl__worksheets__sheet1_xml=far)))[1] in ("bomb", "broken")


async def test_entities_in_a_spreadsheets_xml_are_refused() -> None:
    sheet = b"".join(sheet_of(b'<row r="1"><c r="A1"><v>&b;</v></c></row>', 1))
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + sheet
    assert await read(repacked(GOOD, xl__worksheets__sheet1_xml=laughs)) == ([], "bomb")
    outside = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><office:document-content/>'
    assert (await read(repacked(ods(sample()), content_xml=outside)))[1] in ("bomb", "broken")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", "empty"), (b"\n\n,,\n", "empty"), (b"%PDF-1.7 ...", "no_table"), (b"\x89PNG\r\n", "no_table"), (b"PK\x03\x04rubbish", "broken"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "web_page"), (b"\xff\xfe\xff\xff\x81", "encoding"),
        ("你好\n世界".encode("gb18030"), "no_heading"), (GOOD[: len(GOOD) // 2], "broken"), (xls(sample())[:700], "broken"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "locked"),
        (b"x" * (limits.TEXT_BYTES + 1), "too_big"),
    ],
)  # fmt: skip
async def test_what_is_no_list_is_refused_with_its_reason(data: bytes, refusal: str) -> None:
    assert await read(data) == ([], refusal)


def formula_book(kind: str) -> bytes:
    rows: list[list[object]] = [["楼栋", "房号", "姓名", "手机"], [3, 101, "张三", 13800138000], [3, 102, "李四", 13900139000]]
    if kind == "ods":
        return ods(rows, formula=(2, 3))
    if kind == "csv":
        return text([*rows[:2], [3, 102, "李四", "=13900139000+0"]])
    workbook = Workbook()
    for row in rows[:2]:
        workbook.active.append(row)
    workbook.active.append([3, 102, "李四", "=13900139000+0"])
    out = BytesIO()
    workbook.save(out)
    # As a spreadsheet program stores it, with the value that it computed.
    with zipfile.ZipFile(out) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    stored = sheet.replace(b"<f>13900139000+0</f><v></v>", b"<f>13900139000+0</f><v>13900139000</v>").replace(
        b"<f>13900139000+0</f><v />", b"<f>13900139000+0</f><v>13900139000</v>"
    )
    assert stored != sheet
    return repacked(out.getvalue(), xl__worksheets__sheet1_xml=stored)


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
async def test_a_formula_is_refused_also_with_the_value_that_was_stored_with_it(kind: str) -> None:
    rows, refusal = await read(formula_book(kind))
    assert refusal is None
    assert [[fault.code for fault in row.faults] for row in rows] == [[], ["formula"]]


async def test_the_process_that_parses_is_given_no_secret_and_no_more_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_SECRET_KEY", "a secret that nobody must hand on to a parser")
    given: dict[str, Any] = {}
    start = asyncio.create_subprocess_exec

    async def spy(*arguments: Any, **keywords: Any) -> Any:
        given.update(keywords)
        return await start(*arguments, **keywords)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spy)
    await read(GOOD)
    assert not [name for name in given["env"] if name.startswith("TOCSIN")]
    asks = (
        "import json, resource; from people.imports.reading_process import limit_this_process; limit_this_process();"
        "print(json.dumps([resource.getrlimit(one)[0] for one in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)]))"
    )
    process = await start(sys.executable, "-c", asks, env=given["env"], cwd=given["cwd"], stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert json.loads(said) == [limits.MEMORY_BYTES, limits.CPU_SECONDS, 0]


async def test_a_parser_that_eats_all_memory_is_refused_and_the_next_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a fifth of its memory, so that a fifth of a file will do."""
    start = asyncio.create_subprocess_exec
    ours = "from people.imports import limits, reading_process; limits.MEMORY_BYTES //= 5;"

    async def with_less(program: str, _: str, module: str, *arguments: str, **keywords: Any) -> Any:
        assert module == "people.imports.reading_process"
        runs = f"{ours} import sys; reading_process.main(sys.stdin.buffer, sys.stdout.buffer, sys.argv[1])"
        return await start(program, "-c", runs, *arguments, **keywords)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", with_less)
    wide = text([["楼栋", "房号", "姓名", "手机"]]) + b"ab,cd,ef,gh,ij,kl,mn,op\n" * 500_000
    assert (await read(wide))[1] == "bomb"
    assert (await read(GOOD))[1] is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example([[1, "0", 1, "0"]], "csv")  # a row that repeats itself is no second heading
@given(
    st.lists(st.lists(st.text(max_size=12) | st.floats() | st.integers() | st.none(), max_size=14), max_size=12),
    st.sampled_from(["csv", "gbk", "ods"]),
)
def test_any_rows_below_a_heading_give_one_record_each_and_break_nothing(rows: list[list[Any]], kind: str) -> None:
    safe = [[_storable(cell) for cell in row] for row in rows]
    table = [HEADING, *safe]
    data = ods(table) if kind == "ods" else text(table, encoding="gb18030" if kind == "gbk" else "utf-8")
    try:
        messages = list(read_file(data, Options(area_code="0571", encoding="gb18030" if kind == "gbk" else None)))
    except ImportRefusedError:
        return
    lines = [row.line for message in messages for row in message.get("rows", ())]
    assert lines == sorted(set(lines))
    assert messages[-1]["end"]["rows"] == len(lines)


def _storable(cell: Any) -> Any:
    """What XML and a text file can hold at all."""
    if isinstance(cell, str):
        return "".join(letter for letter in cell if letter >= " " and not "\ud800" <= letter <= "\udfff" and letter not in "\ufffe\uffff")
    if isinstance(cell, float) and (cell != cell or abs(cell) > 1e300):
        return None
    return cell


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([GOOD, xls(sample()), ods(sample())]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=8),
)
def test_bytes_changed_anywhere_are_read_or_refused_by_a_process_that_may_die(data: bytes, changes: list[tuple[float, bytes]]) -> None:
    """In the process of its own, as in life: some changes make the parser ask for more memory than there is, and that ends a process."""
    changed = bytearray(data)
    for where, what in changes:
        start = int(where * (len(changed) - len(what)))
        changed[start : start + len(what)] = what
    rows, refusal = asyncio.run(read(bytes(changed)))
    assert refusal is None or refusal in REFUSALS
    assert refusal is not None or len({(row.sheet, row.line) for row in rows}) == len(rows)
