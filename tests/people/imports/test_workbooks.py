"""What leaves: the file itself with a red column of reasons, and templates that this program reads. Never a formula."""

from dataclasses import asdict
from io import BytesIO
from typing import Any, cast

import pytest
from openpyxl import load_workbook

from people.imports.heading_words import KINDS, ImportKind
from people.imports.headings import find_heading
from people.imports.options import Options
from people.imports.reasons import write_reasons
from people.imports.runs import rows_of_run
from people.imports.templates import CHOICES, COLUMNS, write_template
from tests.people.imports.conftest import BringIn, as_open_file, faults_by_line
from tests.people.imports.sample import MERGED, WRONG, line_of, sample
from tests.people.imports.writers import Rows, text, xlsx
from tocsin.base.database import Database
from tocsin.base.texts import LANGUAGES, say


async def reasons_of(bring_in: BringIn, database: Database, town: int, data: bytes, language: str) -> bytes:
    """The workbook of reasons for a file that was looked at."""
    result = await bring_in(data, dry=True)
    async with database.community(town) as tx:
        rows = await rows_of_run(tx, result.run_id, limit=1000)
    out = BytesIO()
    with as_open_file(data) as file:
        await write_reasons(file, Options(), asdict(result.understood), rows, language, out)
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_file_comes_back_whole_with_a_red_column(bring_in: BringIn, database: Database, town: int, language: str) -> None:
    data = xlsx(sample(), name="住户", merged=MERGED)
    sheet = load_workbook(BytesIO(await reasons_of(bring_in, database, town, data, language)))["住户"]
    column = sheet.max_column
    assert sheet.cell(3, column).value == say(language, "import.reason.heading")
    marked = {row for row in range(4, sheet.max_row + 1) if sheet.cell(row, column).value}
    assert marked == {line_of(row) for row, _ in WRONG}
    for row, code in WRONG:
        cell = sheet.cell(line_of(row), column)
        assert cell.font.color.rgb == "FFC00000"
        assert cell.value.partition("{")[1] == "" and len(cell.value) > 10, code
        assert str(sheet.cell(line_of(row), 5).value or "").lstrip("'") == ("" if code == "formula" else str(row[4]))


async def test_corrected_and_sent_again_the_file_is_taken_and_the_red_column_is_no_data(
    bring_in: BringIn, database: Database, town: int
) -> None:
    data = xlsx(sample(), name="住户", merged=MERGED)
    workbook = load_workbook(BytesIO(await reasons_of(bring_in, database, town, data, "zh-CN")))
    sheet = workbook["住户"]
    line = line_of(WRONG[0][0])
    sheet.cell(line, 6).value = "13800138010"
    out = BytesIO()
    workbook.save(out)
    result = await bring_in(out.getvalue())
    assert line not in faults_by_line(result) and "错误原因" in result.understood.sheets[0].left_out
    assert result.counts.refused == len(WRONG) - 2  # the formula left as nothing, and a home needs no name


async def test_tables_side_by_side_share_the_red_column(bring_in: BringIn, database: Database, town: int) -> None:
    heading = ["房号", "业主", "电话"]
    rows: Rows = [[*heading, *heading], ["3-1-101", "甲一", "138001380", "3-2-101", "乙一", "138****0001"]]
    sheet = load_workbook(BytesIO(await reasons_of(bring_in, database, town, xlsx(rows), "zh-CN"))).active
    assert sheet.max_column == 7 and "138001380" in sheet.cell(2, 7).value and "138****0001" in sheet.cell(2, 7).value


async def test_nothing_that_leaves_is_a_formula(bring_in: BringIn, database: Database, town: int) -> None:
    rows = [
        ["楼栋", "房号", "姓名", "手机"],
        ["3", "101", '=HYPERLINK("http://x")', "1"],
        ["3", "102", "@SUM(1)", "+1+cmd|' /C calc'!A0"],
        ["-2+3", "\t=1", "+x", "-x"],
    ]
    data = await reasons_of(bring_in, database, town, text(rows), "en")
    for sheet in load_workbook(BytesIO(data)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n") and (cell.data_type == "s" or cell.value is None)
                assert not str(cell.value or "").startswith(("=", "+", "-", "@", "\t"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_read_as_what_it_is_and_brings_nobody_in(kind: ImportKind, language: str) -> None:
    out = BytesIO()
    write_template(kind, language, out)
    sheet: Any = load_workbook(BytesIO(out.getvalue())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows) == 1
    heading = find_heading(rows)
    assert heading is not None and heading.kind == kind and heading.left_out == ()
    wanted = ["phone" if column == "landline" else column for column in COLUMNS[kind]]
    assert [column.field for column in heading.columns] == wanted
    lists = [one for one in sheet.data_validations.dataValidation if one.type == "list"]
    assert len(lists) == sum(column in CHOICES for column in COLUMNS[kind])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_choice_and_example_of_a_template_is_understood(bring_in: BringIn, language: str) -> None:
    def row(kind: ImportKind, **chosen: str) -> list[str]:
        return [chosen.get(column) or say(language, f"import.template.example.{column}") for column in COLUMNS[kind]]

    for kind in KINDS:
        heading = [say(language, f"import.template.heading.{column}") for column in COLUMNS[kind]]
        rows = [row(kind)]
        for column in COLUMNS[kind]:
            for choice in CHOICES.get(column, ()):
                rows.append(row(kind, **{column: say(language, f"import.template.choice.{column}.{choice}")}))
        result = await bring_in(text(cast(Any, [heading, *rows])), dry=True)
        wrong = {code for codes in faults_by_line(result).values() for code in codes}
        # What the other lists would have brought is not there in a dry run of each by itself.
        assert wrong <= {
            "building_unclear",
            "served_unclear",
            "department_unknown",
            "person_unknown",
            "facility_number",
            "rescue_code_taken",
        }, (kind, wrong)
        assert not [hint for one in result.looked_at for hint in one.hints if hint.code == "occupancy_unknown"]
