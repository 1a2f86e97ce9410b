"""Reads how people say where something is: 3-2-1502, 3。2。1502, 三栋二单元一五〇二, 321502, 3.2 1号梯, Building 3 Unit 2.

Pure. Speech is ambiguous ("32" is building 32, or building 3 unit 2), so a text gives several readings, likeliest first;
which of them exist is for the directory to say.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

COMMUNITY_CODE = "0"
"""The code of a community's own place, the root of its tree."""

LONGEST_TEXT = 80

Role = Literal["building", "unit", "floor", "home", "elevator", "pump_room", "garage", "substation", "gate"]
_ORDER: tuple[Role, ...] = ("building", "unit", "floor", "home", "elevator", "pump_room", "garage", "substation", "gate")
FACILITY_LETTERS: dict[str, str] = {"elevator": "L", "pump_room": "P", "garage": "G", "substation": "S", "gate": "E"}

_WHOLE = frozenset({"小区", "全小区", "整个小区", "全区", "COMMUNITY", "WHOLE COMMUNITY", "THE WHOLE COMMUNITY", "ALL"})
_ROLES_AFTER: tuple[tuple[str, Role], ...] = (
    (r"[号#]?(?:电梯|梯)(?=\D|$)", "elevator"),
    (r"[号#]?(?:水泵房|泵房)", "pump_room"),
    (r"[号#]?(?:地下车库|地库|车库)", "garage"),
    (r"[号#]?(?:配电房|配电室|变电所|变电站)", "substation"),
    (r"[号#]?大?门(?!牌)", "gate"),
    (r"[号#]楼|[号#]?(?:栋|幢|座)", "building"),
    (r"[号#]?单元", "unit"),
    (r"层|楼|F(?![A-Z])", "floor"),
    (r"[号#]?(?:室|户|房)", "home"),
)
_ROLES_BEFORE: dict[str, Role] = {
    "BUILDING": "building", "BLDG": "building", "BLOCK": "building", "TOWER": "building",
    "UNIT": "unit", "ENTRANCE": "unit", "FLOOR": "floor", "LEVEL": "floor",
    "HOME": "home", "FLAT": "home", "APARTMENT": "home", "APT": "home", "ROOM": "home",
    "LIFT": "elevator", "ELEVATOR": "elevator", "PUMP": "pump_room", "GARAGE": "garage", "SUBSTATION": "substation", "GATE": "gate",
    "电梯": "elevator", "泵房": "pump_room", "车库": "garage", "配电房": "substation",
}  # fmt: skip
_DIGITS = {**{character: index for index, character in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "幺": 1}
_WEIGHTS = {"十": 10, "百": 100}
_NUMERALS = "".join(_DIGITS) + "".join(_WEIGHTS)
_TOKEN = re.compile(
    rf"(?P<number>(?:负|B)?(?:\d+|[{_NUMERALS}]+))|(?P<atom>[A-Z]\d+|[A-Z](?![A-Z]))|(?P<word>[A-Z]{{2,}}|电梯|泵房|车库|配电房)"
)
_AFTER = re.compile("|".join(f"(?P<{role}>{pattern})" for pattern, role in _ROLES_AFTER))
_OTHER_DIGITS = re.compile(r"[^\D0-9]")
_NUMBERED_LIFT = re.compile(r"[号#]")


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """What a text may mean.

    `codes`: whole codes, likeliest first. `tails`: last parts of a code ("1502", "L1") with the code of a place around
    them, or None for anywhere. `rescue_code`: the digits, where the text is nothing but four digits or more.
    `words`: the folded text, to look for in names.
    """

    codes: tuple[str, ...]
    tails: tuple[tuple[str | None, str], ...]
    rescue_code: str | None
    words: str


@dataclass(frozen=True, slots=True)
class _Part:
    value: str
    role: Role | None


def fold(text: str) -> str:
    """Full-width to half-width, any script's digits to 0-9, upper case, one kind of stop and hyphen, no space at the ends."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).upper()
    if _OTHER_DIGITS.search(folded):
        folded = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in folded)
    return re.sub(r"[。·‧•]", ".", re.sub(r"[‐-―−﹣]", "-", folded)).strip()


def normalise_code(text: str) -> str:
    """A code as it is stored: '０3.2-1502' gives '3-2-1502'. Letters and digits between hyphens, no leading zeros."""
    pieces = re.findall(r"[0-9A-Z]+", fold(text))
    return "-".join(_plain(piece) for piece in pieces)


def read_numeral(text: str) -> int | None:
    """A Chinese numeral up to 999, said in full (二十一) or digit by digit (一五〇二); None for anything else."""
    if not text or any(character not in _NUMERALS for character in text):
        return None
    if not any(character in _WEIGHTS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    total, least = 0, 1000
    waiting: int | None = None
    for character in text:
        if character not in _WEIGHTS:
            waiting = _DIGITS[character]
            continue
        weight = _WEIGHTS[character]
        if weight >= least:
            return None
        total, waiting, least = total + (waiting or 1) * weight, None, weight
    return total + (waiting or 0)


def read_place_words(text: str) -> PlaceWords:
    """All readings of a text; none for an empty one. Never raises."""
    folded = fold(text)
    if folded in _WHOLE:
        return PlaceWords((COMMUNITY_CODE,), (), None, "")
    parts = _in_order(_parts(folded))
    segments = [_segment(part) for part in parts]
    codes = list(dict.fromkeys([*_with_floors(parts), *_codes(segments)])) if segments else []
    digits = re.fullmatch(r"[\d\s]{4,}", folded)
    return PlaceWords(
        tuple(codes),
        tuple(dict.fromkeys(_tails(segments))),
        re.sub(r"\s", "", folded) if digits else None,
        "" if re.fullmatch(r"[\d\W]*", folded) else folded,
    )


def _plain(piece: str) -> str:
    return str(int(piece)) if piece.isdecimal() and piece.isascii() else piece


def _parts(folded: str) -> list[_Part]:
    """Numbers and letters in the order said, each with the role that a word before or after it gives."""
    parts: list[_Part] = []
    before: Role | None = None
    position = 0
    while position < len(folded):
        token = _TOKEN.match(folded, position)
        if token is None:
            position += 1
            continue
        position = token.end()
        if token["word"]:
            before = _ROLES_BEFORE.get(token["word"], before)
            continue
        value = _value(token)
        if value is None:
            continue
        role, position = _role_after(folded, position, first=not parts)
        parts.append(_Part(value, role or before))
        before = None
    return parts


def _value(token: re.Match[str]) -> str | None:
    if token["atom"]:
        return token["atom"]
    number = token["number"]
    below = number[0] in "负B"
    digits = number[1:] if below else number
    if digits.isascii():
        plain = _plain(digits)
    else:
        numeral = read_numeral(digits)
        if numeral is None:
            return None
        plain = str(numeral)
    return f"B{plain}" if below else plain


def _role_after(folded: str, position: int, *, first: bool) -> tuple[Role | None, int]:
    start = position
    while start < len(folded) and folded[start] == " ":
        start += 1
    word = _AFTER.match(folded, start)
    if word is None or word.lastgroup is None:
        return None, position
    said = word.group()
    role: Role = next(role for role in _ORDER if role == word.lastgroup)
    if role == "elevator" and said.endswith("电梯") and not _NUMBERED_LIFT.match(said):
        return None, position  # "3-2电梯" is an elevator of 3-2, not the second elevator
    if said == "楼" and first:
        role = "building"
    return role, word.end()


def _in_order(parts: list[_Part]) -> list[_Part]:
    """Wide to narrow, where every part says what it is ("Unit 2, Building 3")."""
    if any(part.role is None for part in parts):
        return parts
    return sorted(parts, key=lambda part: _ORDER.index(part.role) if part.role else 0)


def _segment(part: _Part) -> str:
    letter = FACILITY_LETTERS.get(part.role or "")
    return f"{letter}{part.value}" if letter and part.value.isdecimal() else part.value


def _with_floors(parts: list[_Part]) -> Iterator[str]:
    """A floor said before the home is not in the home's code: 15层1502 is 1502, and 15层2号 is 1502 too."""
    for index, part in enumerate(parts[:-1]):
        if part.role != "floor":
            continue
        home = parts[index + 1]
        around = [_segment(one) for one in parts[:index]]
        if home.value.isdecimal() and len(home.value) <= 2:
            home = replace(home, value=f"{part.value}{home.value.zfill(2)}")
        yield "-".join([*around, _segment(home)])


def _codes(segments: list[str]) -> Iterator[str]:
    yield "-".join(segments)
    if len(segments) == 1:
        yield from ("-".join(pieces) for pieces in _split(segments[0]))
    elif len(segments) == 2:
        first, second = segments
        yield from (f"{first}-{unit}-{home}" for unit, home in _unit_and_home(second))
        if first.isdecimal() and len(first) in (2, 3) and not (second.isdecimal() and len(second) < 3):
            yield from (f"{first[:cut]}-{first[cut:]}-{second}" for cut in range(1, len(first)) if first[cut] != "0")
    elif len(segments) == 4 and segments[3].startswith(segments[2]):
        yield "-".join([*segments[:2], segments[3]])


def _split(run: str) -> Iterator[tuple[str, ...]]:
    """Readings of digits said without a pause: 321502 is 3-2-1502, 32-1-502 or 3-21-502; 32 is 3-2."""
    if not run.isdecimal() or len(run) > 9:
        return
    for building in (1, 2):
        head, rest = run[:building], run[building:]
        if not rest:
            continue
        yield from ((head, unit, home) for unit, home in _unit_and_home(rest))
        if rest[0] != "0" and (len(rest) <= 1 or len(rest) in (3, 4)):
            yield head, rest


def _unit_and_home(run: str) -> Iterator[tuple[str, str]]:
    if not run.isdecimal():
        return
    for unit in (1, 2):
        head, rest = run[:unit], run[unit:]
        if 3 <= len(rest) <= 4 and head[0] != "0":
            yield head, _plain(rest)


def _tails(segments: list[str]) -> Iterator[tuple[str | None, str]]:
    if not segments:
        return
    *around, last = segments
    is_facility = last[0].isalpha() and len(last) > 1
    if not around and (is_facility or len(last) in (3, 4)):
        yield None, last
    if len(around) == 1 and (is_facility or len(last) in (3, 4)):
        yield around[0], last
        if around[0].isdecimal() and len(around[0]) == 2:
            yield f"{around[0][0]}-{around[0][1]}", last
