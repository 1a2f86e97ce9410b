"""How Chinese characters are read, as somebody types them: letters only, no tones.

The dictionary is pypinyin's. It takes a quarter of a second to load, so it is loaded when the first name is written, never for a search.
"""

from collections.abc import Sequence
from functools import cache
from itertools import islice, product

MOST_READINGS = 12
"""Of one piece of a name; 单 has three readings, so that a name of three such characters has twenty-seven."""

LONGEST_PIECES = 8

_SURNAMES = {
    "单": "SHAN", "解": "XIE", "仇": "QIU", "查": "ZHA", "曾": "ZENG", "区": "OU", "任": "REN", "华": "HUA", "朴": "PIAO",
    "盖": "GE", "缪": "MIAO", "翟": "ZHAI", "尉": "WEI", "乐": "YUE", "员": "YUN", "折": "SHE", "种": "CHONG", "繁": "PO",
    "秘": "BI", "冼": "XIAN", "洗": "XIAN", "召": "SHAO", "郗": "XI", "燕": "YAN", "么": "YAO", "哈": "HA", "能": "NAI",
}  # fmt: skip
"""Surnames that are not read as the character usually is; for the order of lists."""


def is_han(character: str) -> bool:
    """Whether it is a Chinese character: the unified ideographs and their extensions A and B onwards."""
    return "㐀" <= character <= "鿿" or "\U00020000" <= character <= "\U0003ffff"


@cache
def readings(character: str) -> tuple[str, ...]:
    """Every way a character is read, the commonest first, in capitals; ü as V and as U. A character without reading gives nothing."""
    from pypinyin import Style, pinyin

    (found,) = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore") or [[]]
    spelt = [spelling.upper() for spelling in found]
    return tuple(dict.fromkeys([*spelt, *(one.replace("V", "U") for one in spelt)]))


def pieces(text: str) -> list[tuple[str, ...]]:
    """A text as what is said one after the other: each Chinese character with its readings, each other word as it is written."""
    found: list[tuple[str, ...]] = []
    word = ""
    for character in text.upper():
        if character.isalnum() and not is_han(character):
            word += character
            continue
        if word:
            found.append((word,))
            word = ""
        if is_han(character):
            found.append(readings(character) or (character,))
    if word:
        found.append((word,))
    return found[:LONGEST_PIECES]


def spellings(said: Sequence[Sequence[str]]) -> list[str]:
    """Every full spelling of these pieces, the commonest first, at most MOST_READINGS: 王芳 gives WANGFANG, YUFANG."""
    return ["".join(one) for one in islice(product(*said), MOST_READINGS)]


def initials(said: Sequence[Sequence[str]]) -> list[str]:
    """Every row of initials: 王芳 gives WF, YF."""
    letters = [tuple(dict.fromkeys(reading[0] for reading in one)) for one in said]
    return spellings(letters)


def sort_key(name: str) -> str:
    """What puts names in the order of their pinyin, equal ones by their characters: 曾 stands with Z."""
    said = [one[0] for one in pieces(name)]
    if said and name[0] in _SURNAMES:
        said[0] = _SURNAMES[name[0]]
    return f"{' '.join(said)} {name}"[:200]
