"""What a typed text may be: a name, a spelling, a piece of a number, a plate, or a name beside words of a place. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from people.place_words import fold, read_numeral
from people.search.pinyin import is_han
from people.search.terms import LEAST_DIGITS, Field, alias_key, past, plate_key, squeeze

_NAMES: tuple[Field, ...] = ("name", "pinyin", "alias", "intercom", "camera")
_NUMBERS: tuple[Field, ...] = ("phone", "plate")
_PLACE_THEN_NAME = re.compile(r"^(?P<place>.*[0-9栋幢座楼元室层号期])(?P<name>[^\W\d_]{1,6})$")
_NAME_THEN_PLACE = re.compile(r"^(?P<name>[^\W\d_]{2,6})(?P<place>\d[\d.-]*)$")
_PLACE_WORD = re.compile("[栋幢座楼元室层号户房梯门库区期弄]")
MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Look:
    """One range of the index: terms of these fields from `starts` until before `past`.

    `recheck`: the digits that the whole number must hold, where the range was begun one digit later (people.search.terms keeps every second
    end of a number); '' for the others.
    """

    starts: str
    past: str
    inside: bool
    fields: Sequence[Field]
    recheck: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Words of a place and, as ranges of terms, a name beside them."""

    place: str
    starts: list[str]
    past: list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, read. `digits` are those of a piece of a number, else ''; `like_a_name`: a few characters without any word of places."""

    text: str
    looks: Sequence[Look]
    parts: Sequence[Part]
    digits: str
    like_a_name: bool


def read_query(text: str, *, numbers: bool) -> Asked:
    """Every way to look for `text`; `numbers` whether telephone numbers, mailboxes and plates are looked for. Never raises."""
    folded = fold(text)
    digits = _number(folded)
    looks = [*_by_digits(digits, numbers=numbers)] if digits else [*_by_words(folded, numbers=numbers)]
    piece = digits if len(digits) >= LEAST_DIGITS and numbers else ""
    return Asked(folded, looks, [] if digits else _parts(folded), piece, _is_like_a_name(folded))


def _is_like_a_name(folded: str) -> bool:
    """王芳, 张三; not 三栋, 十二, 一五〇二."""
    return (
        2 <= len(folded) <= 4 and all(is_han(one) for one in folded) and not _PLACE_WORD.search(folded) and read_numeral(folded) is None
    )  # fmt: skip


def _number(folded: str) -> str:
    """The digits of what is written like a number, without China's code where it stands before a whole one; '' for anything else."""
    if not re.fullmatch(r"\+?[\d\s().-]+", folded):
        return ""
    digits = re.sub(r"\D", "", folded)
    has_code = re.match(r"\+86|0086", folded) or re.fullmatch(r"861[3-9]\d{9}", digits)
    return re.sub(r"^(?:00)?86", "", digits) if has_code else digits


def _by_digits(digits: str, *, numbers: bool) -> list[Look]:
    if len(digits) < LEAST_DIGITS:
        return [Look(digits, f"{digits}\x01", False, ("intercom", "phone"))]  # 119, or a room's extension; no pieces
    fields = (*_NUMBERS, "intercom") if numbers else ("intercom",)
    looks = [Look(digits, past(digits), inside, fields) for inside in (False, True)]
    if numbers:
        looks.append(Look(digits[1:], past(digits[1:]), True, ("phone",), recheck=digits))
    return looks


def _by_words(folded: str, *, numbers: bool) -> list[Look]:
    looks = [Look(key, past(key), inside, _NAMES) for key in _keys(folded) for inside in (False, True)]
    plate = plate_key(folded)
    if numbers and any(character.isdigit() for character in plate) and len(plate) >= LEAST_DIGITS:
        looks += [Look(plate, past(plate), inside, ("plate",)) for inside in (False, True)]
    if numbers and "@" in folded:
        looks.append(Look(folded, past(folded), False, ("email",)))
    return looks


def _keys(words: str) -> list[str]:
    """A name as people's names are kept and as those of places are; ü as V."""
    keys = [squeeze(words), alias_key(words), squeeze(words.replace("Ü", "V"))]
    return [key for key in dict.fromkeys(keys) if key]


def _parts(folded: str) -> list[Part]:
    """Every division into words of a place and a name; likeliest first."""
    words = folded.split()
    pairs: list[tuple[str, str]] = []
    for cut in range(1, len(words)):
        first, second = " ".join(words[:cut]), " ".join(words[cut:])
        pairs += [(first, second), (second, first)]
    for pattern in (_PLACE_THEN_NAME, _NAME_THEN_PLACE):
        divided = pattern.match(folded)
        if divided:
            pairs.append((divided["place"].strip(), divided["name"].strip()))
    found = [(place, _keys(name)) for place, name in pairs if _is_place(place) and not _has_digit(name)]
    return [Part(place, keys, [past(key) for key in keys]) for place, keys in found if keys][:MOST_PARTS]


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _is_place(text: str) -> bool:
    return _has_digit(text) or len(text) > 1
