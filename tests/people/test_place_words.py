"""What a clerk types or a caller says is read as the place that was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.place_words import fold, normalise_code, read_numeral, read_place_words

buildings = st.integers(1, 99)
units = st.integers(1, 9)
floors = st.integers(1, 40)
doors = st.integers(1, 12)

_CHARACTERS = "零一二三四五六七八九"


def in_full(number: int) -> str:
    """三, 十二, 二十, 一百零二: how a number below 1,000 is said."""
    if number < 10:
        return _CHARACTERS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else _CHARACTERS[tens]) + "十" + (_CHARACTERS[ones] if ones else "")
    hundreds, rest = divmod(number, 100)
    between = "零" if 0 < rest < 10 else ""
    below = "一" + in_full(rest) if 10 <= rest < 20 else in_full(rest) if rest else ""
    return _CHARACTERS[hundreds] + "百" + between + below


def digit_by_digit(number: int) -> str:
    return "".join(_CHARACTERS[int(digit)] for digit in str(number))


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if character.isascii() and character != " " else character for character in text)


@given(buildings, units, floors, doors, st.sampled_from("-.。·— 、/－．"), st.booleans())
def test_building_unit_and_home_are_read_with_any_mark_between_them(
    building: int, unit: int, floor: int, door: int, mark: str, wide: bool
) -> None:
    text = f"{building}{mark}{unit}{mark}{floor}{door:02d}"
    assert read_place_words(full_width(text) if wide else text).codes[0] == f"{building}-{unit}-{floor}{door:02d}"


@given(buildings, units, floors, doors, st.sampled_from(["栋", "幢", "号楼", "座", "#楼", "楼"]), st.sampled_from(["", "室", "号", "户"]))
def test_chinese_words_for_the_parts_are_read(building: int, unit: int, floor: int, door: int, word: str, end: str) -> None:
    text = f"{building}{word}{unit}单元{floor}{door:02d}{end}"
    assert f"{building}-{unit}-{floor}{door:02d}" in read_place_words(text).codes


@given(buildings, units, floors, doors)
def test_chinese_numerals_are_read_as_they_are_said(building: int, unit: int, floor: int, door: int) -> None:
    text = f"{in_full(building)}栋{in_full(unit)}单元{digit_by_digit(floor * 100 + door)}"
    assert read_place_words(text).codes[0] == f"{building}-{unit}-{floor}{door:02d}"


@given(st.integers(0, 999))
def test_a_numeral_means_its_number_said_in_full_or_digit_by_digit(number: int) -> None:
    assert read_numeral(digit_by_digit(number)) == number
    assert read_numeral(in_full(number)) == number


@given(st.integers(1, 99), units, st.integers(1, 40), doors)
def test_digits_without_a_pause_hold_the_home_among_their_readings(building: int, unit: int, floor: int, door: int) -> None:
    words = read_place_words(f"{building}{unit}{floor}{door:02d}")
    assert f"{building}-{unit}-{floor}{door:02d}" in words.codes


@given(buildings, units, st.integers(1, 9))
def test_an_elevator_is_read_by_its_letter_and_by_its_word(building: int, unit: int, lift: int) -> None:
    for text in (f"{building}-{unit}-L{lift}", f"{building}-{unit}-l{lift}", f"{building}栋{unit}单元{lift}号梯", f"{building}.{unit} {lift}号电梯",
                 f"building {building} unit {unit} lift {lift}", f"{building}-{unit} 电梯{lift}", f"{building}-{unit} {lift}#梯"):  # fmt: skip
        assert f"{building}-{unit}-L{lift}" in read_place_words(text).codes, text


@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    words = read_place_words(text)
    for code in words.codes:
        assert normalise_code(code) == code


@given(st.text(max_size=60))
def test_a_normalised_code_stays_as_it_is(text: str) -> None:
    assert normalise_code(normalise_code(text)) == normalise_code(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3栋", "3"),
        ("三栋", "3"),
        ("十二栋", "12"),
        ("3号楼", "3"),
        ("3楼", "3"),
        ("A座1502", "A-1502"),
        ("3栋2单元15层", "3-2-15"),
        ("3栋2单元15楼2号", "3-2-1502"),
        ("3栋2单元15层1502", "3-2-1502"),
        ("3栋2单元15F", "3-2-15"),
        ("3栋负一层", "3-B1"),
        ("三二一五〇二", "3-2-1502"),
        ("两栋幺单元", "2-1"),
        ("Unit 2, Building 3", "3-2"),
        ("bldg 3 unit 2 apt 1502", "3-2-1502"),
        ("32-1502", "3-2-1502"),
        ("3-21502", "3-2-1502"),
        ("03-02-0502", "3-2-502"),
        ("3-2电梯", "3-2"),
        ("全小区", "0"),
        ("1号泵房", "P1"),
    ],
)
def test_how_people_say_where(text: str, code: str) -> None:
    assert code in read_place_words(text).codes


def test_a_home_without_its_unit_is_looked_for_in_the_whole_building() -> None:
    assert ("3", "1502") in read_place_words("3栋1502").tails


def test_an_elevator_alone_is_looked_for_everywhere() -> None:
    assert read_place_words("1号梯").tails == ((None, "L1"),)


def test_digits_alone_may_be_a_rescue_code() -> None:
    assert read_place_words("２０３ １１７").rescue_code == "203117"


def test_a_name_is_kept_to_be_looked_for_and_digits_are_not() -> None:
    assert read_place_words("水泵房").words == "水泵房"
    assert read_place_words("3-2").words == ""


def test_an_empty_text_means_nothing() -> None:
    assert read_place_words("  。 ").codes == ()


def test_full_width_letters_and_stops_are_folded() -> None:
    assert fold(" ３。２－Ｌ１ ") == "3.2-L1"
