"""Cells, dates and names are read as a person would read them."""

import unicodedata
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.imports.cells import is_formula, is_nothing, text_of
from people.imports.dates import read_date, read_span, read_time
from people.imports.exported import guarded
from people.imports.names import is_name, read_named, read_names


@pytest.mark.parametrize(
    ("cell", "text"),
    [(1502.0, "1502"), (1502, "1502"), (3.5, "3.5"), (None, ""), ("", ""), (True, "TRUE"), (float("nan"), ""), (date(2026, 5, 1), "2026-05-01"),
     (datetime(2026, 5, 1), "2026-05-01"), (datetime(2026, 5, 1, 8, 30), "2026-05-01 08:30"), (time(8, 0), "08:00"), (timedelta(hours=20), "20:00"),
     ("　张　三　", "张 三"), ("\u200b王芳\ufeff", "王芳"), ('="013800138000"', "013800138000"), ("'+86138", "+86138"), ("a\r\nb", "a\nb"),
     ("101.0", "101"), ("１５０２．０", "1502.0"), ("\x00x\x07", "x")],
)  # fmt: skip
def test_a_cell_is_read_as_one_would_read_it_aloud(cell: object, text: str) -> None:
    assert text_of(cell) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["=A1", "=HYPERLINK(1)", "@SUM(1)", "+1+cmd|' /C calc'!A0", "-A1", " =1", "+SUM(A1)"])
def test_what_a_spreadsheet_would_compute_is_a_formula(text: str) -> None:
    assert is_formula(text)


@pytest.mark.parametrize("text", ["+86 13800138000", "+86 13800138000 (妻)", "-1", "- 无", '="013800138000"', "a=b", "3-2", ""])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert not is_formula(text)


@pytest.mark.parametrize("text", ["/", "无", "—", "N/A", "null", "", "暂无"])
def test_nothing_is_written_in_many_ways(text: str) -> None:
    assert is_nothing(text)


@given(st.text(max_size=80))
def test_cleaning_a_clean_text_changes_nothing_and_leaves_nothing_that_cannot_be_stored(text: str) -> None:
    clean = text_of(text)
    assert "\0" not in clean and clean == clean.strip()
    assert not any(unicodedata.category(letter) == "Cs" for letter in clean)
    clean.encode()


@given(st.text(max_size=40))
def test_what_leaves_is_never_a_formula(text: str) -> None:
    assert guarded(text)[:1] not in set("=+-@\t\r\n")


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-05-01", date(2026, 5, 1)), ("2026/5/1", date(2026, 5, 1)), ("2026.5.1", date(2026, 5, 1)), ("2026年5月1日", date(2026, 5, 1)),
     ("20260501", date(2026, 5, 1)), ("2026年5月", date(2026, 5, 1)), ("2026-05", date(2026, 5, 1)), ("46143", date(2026, 5, 1)),
     ("2026-05-01 08:00:00", date(2026, 5, 1)), ("2026-05-01（周五）", date(2026, 5, 1)), ("31/12/2025", date(2025, 12, 31)), ("5/5/2026", date(2026, 5, 5)),
     ("5/1/2026", None), ("2026-02-30", None), ("123", None), ("20.5.1", None), ("明天", None), ("", None)],
)  # fmt: skip
def test_dates_are_read_where_they_can_only_mean_one_day(text: str, day: date | None) -> None:
    assert read_date(text_of(text)) == day


def test_a_day_without_year_is_of_the_year_that_the_table_names() -> None:
    assert read_date("12月1日", 2026) == read_date("12-1", 2026) == date(2026, 12, 1)
    assert read_date("12月1日") is None


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]))
def test_every_day_is_read_from_every_form(day: date, form: str) -> None:
    assert read_date(text_of(day.strftime(form))) == day
    assert read_date(text_of(day)) == day


@given(st.text(max_size=30))
def test_no_text_breaks_dates_and_times(text: str) -> None:
    read_date(text, 2026)
    read_time(text)
    read_span(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [("8:00", time(8)), ("08:30", time(8, 30)), ("8点", time(8)), ("8点30分", time(8, 30)), ("晚8点", time(20)), ("8pm", time(20)), ("24:00", time(0)),
     ("20:00:00", time(20)), ("25:00", None), ("8", None), ("上午", None)],
)  # fmt: skip
def test_times_are_read(text: str, at: time | None) -> None:
    assert read_time(text) == at


@pytest.mark.parametrize("text", ["20:00-8:00", "20:00至次日8:00", "20:00 ~ 08:00", "晚8点-早8点", "20：00—8：00"])
def test_spans_are_read(text: str) -> None:
    assert read_span(text_of(text)) == (time(20), time(8))


@pytest.mark.parametrize(
    ("text", "names"),
    [("张三", ["张三"]), ("张 三", ["张三"]), ("张三/李四", ["张三", "李四"]), ("张三、李四", ["张三", "李四"]), ("张三 李四", ["张三", "李四"]), ("李和平", ["李和平"]),
     ("王力和李强", ["王力", "李强"]), ("Alice Smith", ["Alice Smith"]), ("张三(租)", ["张三"]), ("张三\n张三", ["张三"]), ("", [])],
)  # fmt: skip
def test_names_are_told_apart(text: str, names: list[str]) -> None:
    assert read_names(text_of(text)) == names


@pytest.mark.parametrize(
    ("text", "named"),
    [("妻:王丽 13800138000；子:张小明", [("王丽", "妻", "13800138000"), ("张小明", "子", "")]), ("王强（租客）", [("王强", "租客", "")]),
     ("张伟13800138000", [("张伟", "", "13800138000")]), ("张伟（妻、子同住）/李娜", [("张伟", "妻、子同住", ""), ("李娜", "", "")]), ("陈刚等3人", [("陈刚", "", "")]),
     ("4人", []), ("3", []), ("Bob 138-0013-8000", [("Bob", "", "138-0013-8000")])],
)  # fmt: skip
def test_what_stands_beside_a_name_is_no_part_of_it(text: str, named: list[tuple[str, str, str]]) -> None:
    assert [(one.name, one.beside, one.numbers) for one in read_named(text_of(text))] == named


def test_a_number_is_nobodys_name() -> None:
    assert not is_name("13800138000") and not is_name("<b>") and is_name("王芳")
