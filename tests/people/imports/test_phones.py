"""Telephone numbers as they stand in lists are read as they would be dialled, or refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.imports.cells import text_of
from people.imports.phones import Phone, read_area_code, read_phones

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
landlines = st.from_regex(r"0571[2-8][0-9]{7}|010[2-8][0-9]{7}|0951[2-8][0-9]{6}", fullmatch=True)


def addresses(text: str, area_code: str | None = "0571") -> list[str]:
    phones, faults = read_phones(text_of(text), area_code)
    assert faults == [], text
    return [phone.address for phone in phones]


def fault(text: str, area_code: str | None = "0571") -> str:
    phones, faults = read_phones(text_of(text), area_code)
    assert len(faults) == 1, (text, phones, faults)
    return faults[0].code


@pytest.mark.parametrize(
    "text",
    ["13800138000", "138 0013 8000", "138-0013-8000", "+86 13800138000", "0086-13800138000", "86 138 0013 8000", "１３８００１３８０００", "013800138000",
     "手机：13800138000", "13800138000（妻子）", "妻13800138000", "13800138000.0", "’13800138000", "(+86)13800138000", "13800138000\n", '="13800138000"'],
)  # fmt: skip
def test_a_mobile_number_is_read_in_any_dress(text: str) -> None:
    assert addresses(text) == ["+8613800138000"]


def test_a_float_of_a_spreadsheet_is_a_number() -> None:
    assert addresses(text_of(13800138000.0)) == ["+8613800138000"]


@pytest.mark.parametrize("between", ["/", " / ", "、", "，", ",", ";", "；", " ", "\n", "  ", "|", "和", "或", "-", "", "\\", " 妻子："])
def test_two_numbers_in_a_cell_are_two(between: str) -> None:
    assert addresses(f"13800138000{between}13900139000") == ["+8613800138000", "+8613900139000"]


def test_a_float_with_all_its_digits_is_a_number_and_words_beside_one_are_kept() -> None:
    assert read_phones("1.3800138001E+10", None) == ([Phone("mobile", "+8613800138001")], [])
    assert read_phones("13800138000(儿子)/老公:13900139000", None)[0] == [
        Phone("mobile", "+8613800138000", "儿子"), Phone("mobile", "+8613900139000", "老公"),
    ]  # fmt: skip


def test_a_number_said_twice_is_one() -> None:
    assert addresses("13800138000/138 0013 8000") == ["+8613800138000"]


@pytest.mark.parametrize(
    ("text", "address"),
    [("0571-88001234", "+8657188001234"), ("(0571)88001234", "+8657188001234"), ("88001234", "+8657188001234"), ("8800 1234", "+8657188001234"),
     ("010-62345678", "+861062345678"), ("0951-6012345", "+869516012345"), ("+86 571 8800 1234", "+8657188001234"), ("400-820-8820", "+864008208820")],
)  # fmt: skip
def test_landlines_are_read_with_and_without_their_area_code(text: str, address: str) -> None:
    phones, faults = read_phones(text_of(text), "0571")
    assert (phones, faults) == ([Phone("landline", address)], [])


@pytest.mark.parametrize(
    ("text", "address", "kind"),
    [
        ("+852 9123 4567", "+85291234567", "mobile"),
        ("0085291234567", "+85291234567", "mobile"),
        ("+44 20 7946 0958", "+442079460958", "landline"),
    ],
)
def test_foreign_numbers_are_read_with_their_country_code(text: str, address: str, kind: str) -> None:
    assert read_phones(text_of(text), None) == ([Phone(kind, address)], [])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "code"),
    [("1380013800", "phone_length"), ("138001380000", "phone_length"), ("138****8000", "phone_masked"), ("1.38E+10", "phone_rounded"),
     ("1.38001E+10", "phone_rounded"), ("0571-88001234-801", "phone_extension"), ("88001234转801", "phone_extension"), ("12345", "phone_wrong"),
     ("110", "phone_wrong"), ("+999 123", "phone_wrong"), ("11111111111", "phone_wrong")],
)  # fmt: skip
def test_what_cannot_be_dialled_is_refused_with_its_reason(text: str, code: str) -> None:
    assert fault(text) == code


def test_a_landline_without_area_code_asks_for_it_where_the_community_has_none() -> None:
    assert fault("88001234", None) == "phone_area"


def test_one_wrong_number_beside_a_right_one_is_named() -> None:
    phones, faults = read_phones("13800138000/1390013900", None)
    assert [phone.address for phone in phones] == ["+8613800138000"]
    assert [(one.code, one.value) for one in faults] == [("phone_length", "1390013900")]


def test_a_remark_is_no_number() -> None:
    assert addresses("妻子同号") == []


@pytest.mark.parametrize(
    ("desk", "area"), [("0571-88001234", "0571"), ("+8657188001234", "0571"), ("010 62345678", "010"), ("13800138000", None), ("", None)]
)
def test_the_area_code_is_that_of_the_desk(desk: str, area: str | None) -> None:
    assert read_area_code(desk) == area


@given(st.lists(mobiles | landlines, min_size=1, max_size=4, unique=True), st.sampled_from(["/", "、", "; ", "\n"]))
def test_any_numbers_come_out_in_their_order(numbers: list[str], between: str) -> None:
    wanted = ["+86" + (number[1:] if number[0] == "0" else number) for number in numbers]
    assert addresses(between.join(numbers)) == wanted


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    phones, faults = read_phones(text_of(text), "0571")
    assert all(phone.address.startswith("+") and phone.address[1:].isascii() and phone.address[1:].isdecimal() for phone in phones)
    assert all(7 <= len(phone.address) - 1 <= 15 for phone in phones)
    assert phones or faults or not any(character.isdecimal() and character.isascii() for character in text_of(text))
