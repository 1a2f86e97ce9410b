"""Places are read where they can only mean one thing; headings in any order, words and language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.imports.cells import Cell
from people.imports.faults import Fault
from people.imports.headings import find_heading
from people.imports.lines import read_lines
from people.imports.place_cells import Where, WhereCells, read_style, read_where
from people.imports.tables import Table

segments = st.integers(1, 99)
units = st.integers(1, 9)
floors = st.integers(1, 40)
doors = st.integers(1, 12)


def code(**cells: str) -> str:
    """The code that a row alone in its table means; with a building's name where it has no number."""
    one = WhereCells(**cells)
    where = read_where(one, read_style([one]))
    if isinstance(where, Fault):
        return where.code
    return " ".join("-".join(part for part in (where.building or where.said, where.unit, door.segment) if part) for door in where.doors)


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"building": "3栋", "unit": "2单元", "home": "1502"}, "3-2-1502"),
        ({"building": "３", "unit": "二单元", "home": "1502室"}, "3-2-1502"),
        ({"building": "三号楼", "unit": "2", "home": "0101"}, "3-2-101"),
        ({"building": "3#", "unit": "1#", "home": "101#"}, "3-1-101"),
        ({"building": "A座", "home": "15A"}, "A-15A"),
        ({"building": "第12幢", "unit": "无单元", "home": "101"}, "12-101"),
        ({"building": "3栋2单元", "home": "1502"}, "3-2-1502"),
        ({"building": "3", "home": "2-1502"}, "3-2-1502"),
        ({"building": "3", "unit": "2", "home": "3-1502"}, "3-2-1502"),
        ({"building": "3", "unit": "2", "home": "3-2-1502"}, "3-2-1502"),
        ({"building": "3", "unit": "2", "floor": "15层", "home": "02"}, "3-2-1502"),
        ({"whole": "3-2-1502"}, "3-2-1502"),
        ({"whole": "3。2。1502"}, "3-2-1502"),
        ({"whole": "3栋2单元1502室"}, "3-2-1502"),
        ({"whole": "三栋二单元一五〇二"}, "3-2-1502"),
        ({"whole": "3栋2单元15层02室"}, "3-2-1502"),
        ({"whole": "88弄3号501室"}, "3-501"),
        ({"building": "一期3栋", "home": "101"}, "3-101"),
        ({"building": "3", "unit": "2", "home": "1502/1503"}, "3-2-1502 3-2-1503"),
        ({"building": "3", "home": "商铺12"}, "3-M12"),
        ({"home": "商铺12"}, "M12"),
        ({"home": "别墅12"}, "V12"),
        ({"building": "Building 3", "unit": "Unit 2", "home": "Room 1502"}, "3-2-1502"),
        ({"building": "云栖阁", "home": "1502"}, "云栖阁-1502"),
        ({"home": "3#2-1502"}, "3-2-1502"),
        ({"home": "3号楼2-1502"}, "3-2-1502"),
        ({"home": "3#1502"}, "3-1502"),
        ({"home": "0302-1502"}, "3-2-1502"),
        ({"home": "1211-0301"}, "12-11-301"),
        ({"home": "3_2_1502"}, "3-2-1502"),
        ({"home": "3 2 1502"}, "3-2-1502"),
        ({"home": "第3栋第2单元1502号"}, "3-2-1502"),
        ({"home": "3-2-1502（空置）"}, "3-2-1502"),
        ({"building": "3", "home": "1502(复式)"}, "3-1502"),
        ({"building": "3栋(高层)", "home": "1502"}, "3-1502"),
        ({"building": "3", "home": "2026-02-15"}, "home_date"),
        ({"home": "3021502"}, "home_ambiguous"),
        ({"building": "3", "unit": "1", "home": "3-2-1502"}, "home_contradicts"),
        ({"whole": "321502"}, "home_ambiguous"),
        ({"building": "3", "unit": "东", "home": "101"}, "unit_unclear"),
        ({"building": "3", "home": "abc"}, "home_unclear"),
        ({"building": "3"}, "home_missing"),
        ({"home": "101"}, "building_missing"),
    ],
)
def test_cells_say_where(cells: dict[str, str], wanted: str) -> None:
    assert code(**cells) == wanted


@given(segments, units, floors, doors, st.sampled_from("-.。－"), st.sampled_from(["栋", "幢", "号楼", "座", "#", ""]), st.booleans())
def test_split_columns_and_one_cell_mean_the_same(
    building: int, unit: int, floor: int, door: int, mark: str, word: str, wide: bool
) -> None:
    home = f"{floor}{door:02d}"
    wanted = f"{building}-{unit}-{home}"
    split = {"building": f"{building}{word}", "unit": f"{unit}单元", "home": home}
    if wide:
        split = {name: "".join(chr(ord(one) + 0xFEE0) if one.isascii() else one for one in text) for name, text in split.items()}
    assert code(**split) == wanted
    assert code(whole=f"{building}{mark}{unit}{mark}{home}") == wanted
    assert code(whole=f"{building}栋{unit}单元{home}室") == wanted


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_text_breaks_the_reading_of_places(building: str, unit: str, home: str, whole: str) -> None:
    one = WhereCells(building, unit, "", home, whole)
    where = read_where(one, read_style([one]))
    if isinstance(where, Where):
        parts = [where.building or "0", where.unit or "0", *(door.segment for door in where.doors)]
        assert all(part.isascii() and part.isalnum() and part == part.upper() for part in parts)


def test_the_whole_table_tells_whether_the_first_number_is_the_building() -> None:
    rows = [WhereCells("3", "", "", "3-101"), WhereCells("4", "", "", "4-101")]
    assert [read_where(row, read_style(rows)).doors[0].segment for row in rows] == ["101", "101"]  # type: ignore[union-attr]
    assert [read_where(row, read_style(rows)).unit for row in rows] == [None, None]  # type: ignore[union-attr]
    in_units = [WhereCells("3", "", "", "3-101"), WhereCells("3", "", "", "2-101")]
    assert [read_where(row, read_style(in_units)).unit for row in in_units] == ["3", "2"]  # type: ignore[union-attr]


def test_phases_that_tell_buildings_apart_are_not_left_out() -> None:
    rows = [WhereCells("一期3栋", "", "", "101"), WhereCells("二期3栋", "", "", "101")]
    assert [read_where(row, read_style(rows)).building for row in rows] == [None, None]  # type: ignore[union-attr]


KINDS = {
    "residents": ["序号", "房 号", "联系电话（必填）", "楼栋", "业主姓名*", "单元", "身份证号", "租户", "租户电话", "入住日期"],
    "staff": ["工号", "姓名", "所属部门", "岗位", "手机号码", "证书", "有效期至"],
    "rosters": ["日期", "部门", "班次", "值班人", "备班", "带班领导"],
    "facilities": ["设备类型", "名称", "楼栋", "单元", "救援识别码", "服务范围"],
}


@pytest.mark.parametrize(("kind", "words"), KINDS.items())
@given(st.data())
def test_a_heading_is_found_in_any_order_below_a_title(kind: str, words: list[str], data: st.DataObject) -> None:
    order = data.draw(st.permutations(words))
    title = ["云栖花园 2026 年信息登记表", *[""] * (len(order) - 1)]
    blank = data.draw(st.integers(0, 3))
    heading = find_heading([title, *[[""]] * blank, order, ["3栋"] * len(order)])
    assert heading is not None and heading.kind == kind and heading.first == 1 + blank
    taken = {column.heading: (column.field, column.group) for column in heading.columns}
    if kind == "residents":
        assert taken["业主姓名*"] == ("name", "owner") and taken["租户"] == ("name", "tenant") and taken["租户电话"] == ("phone", "tenant")
        assert taken["联系电话(必填)"] == ("phone", "") and "身份证号" not in taken


@pytest.mark.parametrize(
    ("words", "groups"),
    [("业主1 电话1 业主2 电话2", ["owner", "", "owner2", "owner2"]), ("业主 共有人 电话 电话", ["owner", "owner2", "", "owner2"]),
     ("业主 电话1 电话2 联系人", ["owner", "", "", "second"]), ("姓名 电话 姓名 电话", ["", "", "second", "second"])],
)  # fmt: skip
def test_two_people_side_by_side_each_have_their_own_numbers(words: str, groups: list[str]) -> None:
    heading = find_heading([["房号", *words.split()]])
    assert heading is not None and [column.group for column in heading.columns[1:]] == groups


def test_two_rows_of_headings_say_whose_a_column_is() -> None:
    rows = [
        ["", "房屋信息", "", "业主信息", "", "租户信息", ""],
        ["序号", "楼栋", "房号", "姓名", "电话", "姓名", "电话"],
        ["1", "3", "101", "张三", "1", "", ""],
    ]
    heading = find_heading(rows)
    assert heading is not None and (heading.first, heading.rows) == (0, 2)
    assert [(one.field, one.group) for one in heading.columns[2:]] == [
        ("name", "owner"),
        ("phone", "owner"),
        ("name", "tenant"),
        ("phone", "tenant"),
    ]


@pytest.mark.parametrize(
    ("words", "kind"),
    [(["Building", "Unit", "Room No.", "Name", "Phone"], "residents"), (["Building", "Floor", "Unit", "Owner", "Mobile"], "residents"),
     (["Name", "Department", "Position", "Phone Number"], "staff"), (["Date", "Department", "Shift", "On duty", "Backup"], "rosters"),
     (["Kind", "Number", "Building", "Unit", "Rescue code"], "facilities")],
)  # fmt: skip
def test_english_headings_are_read(words: list[str], kind: str) -> None:
    heading = find_heading([words])
    assert heading is not None and heading.kind == kind and len(heading.columns) == len(words)


def test_a_longer_heading_is_a_guess_and_says_so() -> None:
    heading = find_heading([["楼栋", "房号", "业主姓名", "业主本人常用手机"]])
    assert heading is not None and [column.sure for column in heading.columns] == [True, True, True, False]


def test_what_the_file_calls_a_column_can_be_told() -> None:
    heading = find_heading([["楼栋", "房号", "大名", "联络"]], named={"大名": "name", "联络": "phone"})
    assert heading is not None and [column.field for column in heading.columns] == ["building", "home", "name", "phone"]


def test_it_can_be_told_whose_a_column_is_and_that_one_is_left_out() -> None:
    named = {"租户联络": "phone", "对方": "phone:relative", "电话": "-"}
    heading = find_heading([["楼栋", "房号", "业主", "电话", "租户联络", "对方"]], named=named)
    assert heading is not None and [(one.field, one.group) for one in heading.columns[2:]] == [
        ("name", "owner"), ("phone", "tenant"), ("phone", "relative"),
    ]  # fmt: skip
    assert [text for _, text in heading.left_out] == ["电话"]


@given(st.lists(st.lists(st.text(max_size=10) | st.floats() | st.none(), max_size=6), max_size=8))
def test_no_table_breaks_the_search_for_a_heading(rows: list[list[object]]) -> None:
    find_heading(rows)


@pytest.mark.parametrize(
    ("title", "wanted"),
    [("云栖花园3栋住户表", "3-1-101"), ("2026年5月三号楼登记", "3-1-101"), ("云栖花园A座1单元", "A-1-101"), ("1-3栋住户", None), ("1、3栋住户", None),
     ("3栋、5栋住户", None), ("云栖花园住户", None)],
)  # fmt: skip
def test_the_building_of_a_whole_table_stands_in_its_title_where_it_is_one(title: str, wanted: str | None) -> None:
    rows: list[list[Cell]] = [[title], ["单元", "房号", "业主"], ["1", "101", "甲"]]
    heading = find_heading(rows)
    assert heading is not None
    (line,) = read_lines(Table("Sheet1", rows), heading)
    where = read_where(WhereCells(line.one("building"), line.one("unit"), home=line.one("home")))
    assert (None if isinstance(where, Fault) else f"{where.building}-{where.unit}-{where.doors[0].segment}") == wanted
