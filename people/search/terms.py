"""By what people and places are found. Pure.

A term is what something is called, or the end of that; so a fragment of a name, a number or a code is always the beginning of a term, and
the search is one range of an index. Everything is folded: half-width capitals without spaces and marks.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from people.place_words import fold, normalise_code, read_numeral, read_place_words
from people.search.pinyin import initials, is_han, pieces, spellings

Field = Literal["name", "pinyin", "phone", "email", "plate", "code", "alias", "rescue_code", "intercom", "camera"]
LEAST_DIGITS = 4
"""Shorter pieces of a number would be found in everybody's."""

LONGEST = 60
_NUMERAL = re.compile("[零〇一二三四五六七八九十百两幺]+")
_NUMBERS = re.compile(r"[0-9]+")
_MARKS = re.compile(r"[^\w]|_")


class Term(NamedTuple):
    """`inside`: the term begins within the word; what begins a word is found first."""

    text: str
    field: Field
    inside: bool = False


@dataclass(frozen=True, slots=True)
class PersonWords:
    """What somebody is found by; `phones` in E.164."""

    id: int
    name: str
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    plates: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """What a place is found by; `aliases` as they are written."""

    id: int
    kind: str
    code: str
    names: Mapping[str, str]
    aliases: Sequence[str] = ()
    rescue_code: str | None = None
    intercom: str | None = None
    cameras: Sequence[str] = field(default=())


def squeeze(text: str) -> str:
    """Folded, without spaces and marks: 'Emily  Carter' and 'emily-carter' are EMILYCARTER."""
    return _MARKS.sub("", fold(text))[:LONGEST]


def alias_key(text: str) -> str:
    """Squeezed, with numerals as digits: '八十八弄 三号' is 88弄3号."""
    return _NUMERAL.sub(_digits, squeeze(text))


def _digits(run: re.Match[str]) -> str:
    value = read_numeral(run.group())
    return run.group() if value is None else str(value)


def past(beginning: str) -> str:
    """What comes after every term that begins so, in the order of the C collation."""
    return beginning + "\U0010ffff"


def plate_key(text: str) -> str:
    """A vehicle's plate as it is stored: '浙A·12345' is 浙A12345."""
    return squeeze(text)


def digits_of(number: str) -> str:
    """The digits by which a number in E.164 is known at home: 13800001234, 057188001234; of other countries all of them."""
    if number.startswith("+86"):
        national = number[3:]
        return national if len(national) == 11 and national[0] == "1" else f"0{national}"
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", number))


def terms_of_person(person: PersonWords) -> set[Term]:
    """Every term of somebody."""
    found = set(_terms_of_persons_name(person.name))
    for number in person.phones:
        found.update(_phone(digits_of(number)))
    found.update(Term(fold(address)[:LONGEST], "email") for address in person.emails if address)
    for plate in person.plates:
        found.update(_digits_and_ends(plate_key(plate), "plate"))
    return found


@lru_cache(maxsize=100_000)
def _terms_of_persons_name(name: str) -> tuple[Term, ...]:
    return (*_ends(squeeze(name), "name"), *_spoken(name))


def terms_of_place(place: PlaceWords) -> set[Term]:
    """Every term of a place. What lies within a building and has a name that says no more than its code is found by the code alone."""
    found = set(_code(place.code))
    for name in place.names.values():
        if "-" not in place.code or not _says_only(name, place.code):
            found |= terms_of_name(name)
    for alias in place.aliases:
        found.update((*_ends(alias_key(alias), "alias"), *_spoken(alias)))
    if place.rescue_code:
        found.update(_digits_and_ends(squeeze(place.rescue_code), "rescue_code"))
    if place.intercom:
        found.add(Term(squeeze(place.intercom), "intercom"))
    for camera in place.cameras:
        found.update(_ends(alias_key(camera), "camera"))
    return {one for one in found if one.text}


def _says_only(name: str, code: str) -> bool:
    """Whether a name says no more than the code. That its numbers are the code's is quickly seen, and enough for most homes."""
    return "-".join(_NUMBERS.findall(name)) == code or code in read_place_words(name).codes


def terms_of_name(name: str) -> set[Term]:
    """Every term of anything that only has a name, such as a department."""
    return {one for one in (*_ends(alias_key(name), "name"), *_spoken(name)) if one.text}


def terms_of_number(number: str) -> set[Term]:
    """A number as it is dialled, which may be short: 119."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", number))
    return set(_phone(digits)) if digits else set()


def _ends(key: str, named: Field) -> Iterator[Term]:
    """The whole and every end of it that begins with a Chinese character, or with a word."""
    for start, character in enumerate(key):
        if start == 0 or is_han(character) or is_han(key[start - 1]) or (character.isdigit() != key[start - 1].isdigit()):
            yield Term(key[start:], named, start > 0)


def _spoken(name: str) -> Iterator[Term]:
    """Full spellings and initials, from each syllable on; a single letter is no initials."""
    said = pieces(fold(name))
    if not any(is_han(character) for character in name):
        # Words of letters: their ends ("CARTER") and initials ("EC").
        yield from (Term("".join(one[0] for one in said[start:])[:LONGEST], "name", True) for start in range(1, len(said)))
        yield from (Term(one, "pinyin") for one in initials(said) if len(said) > 1)
        return
    for start in range(len(said)):
        rest = said[start:]
        yield from (Term(one[:LONGEST], "pinyin", start > 0) for one in spellings(rest))
        if len(rest) > 1:
            yield from (Term(one, "pinyin", start > 0) for one in initials(rest))


def _phone(digits: str) -> Iterator[Term]:
    """The whole, and every second end: a piece that begins between two of them is found by its rest (see people.search.box)."""
    yield Term(digits, "phone")
    yield from (Term(digits[start:], "phone", True) for start in range(2, len(digits) - LEAST_DIGITS + 2, 2))


def _digits_and_ends(digits: str, named: Field) -> Iterator[Term]:
    yield Term(digits, named)
    yield from (Term(digits[start:], named, True) for start in range(1, len(digits) - LEAST_DIGITS + 1))


def _code(code: str) -> Iterator[Term]:
    """3-2-1502, 2-1502, 1502."""
    parts = normalise_code(code).split("-")
    yield from (Term("-".join(parts[start:]), "code", start > 0) for start in range(len(parts)))
