"""Telephone numbers as offices write them, one or several in a cell. Pure.

Chinese numbers: mobile 1[3-9] and nine digits; area codes 010, 02x (three digits) and 0xxx (four), then seven or eight digits that begin with
2 to 8; 400 and 800 service numbers (numbering plan of the PRC, GB/T as published by the MIIT).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from people.imports.faults import Fault

MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d)[2-8]\d{7}|0[3-9]\d{2}[2-8]\d{6,7}")
_LOCAL = re.compile(r"[2-8]\d{6,7}")
_SERVICE = re.compile(r"[48]00[1-9]\d{6}")
_AREA = re.compile(r"0(?:10|2\d|[3-9]\d{2})")
_ALL_DIGITS = re.compile(r"(\d)\.(\d+)E\+?(\d{1,2})", re.IGNORECASE)
_ROUNDED = re.compile(r"^\d(?:\.\d+)?E\+?\d+$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[/\\、,;|&\n]|和|及|或|以及")
_EXTENSION = re.compile(r"(?<=\d)\s*(?:转|分机|EXT\.?|X|#)\s*:?\s*\d+", re.IGNORECASE)
_NOTE = re.compile(r"\([^()\d]*\)|[^\d+\s().\-*]")
_WORDS = re.compile(r"[^\W\d_]+")
_LONGEST_NOTE = 20
_FLOAT = re.compile(r"(?<=\d{7})\.0+(?!\d)")
_SEVERAL_MOBILES = re.compile(r"(?:1[3-9]\d{9}){2,4}")
MOST_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164. `note`: the words beside it in its cell, such as 儿子."""

    kind: Literal["mobile", "landline"]
    address: str
    note: str = ""


def read_area_code(text: str) -> str | None:
    """The area code at the start of a number as it is dialled or in E.164 ("0571-88001234", "+8657188001234"): "0571"; else None."""
    digits = re.sub(r"\D", "", text)
    national = "0" + digits[2:] if text.strip().startswith("+86") else digits
    whole = _LANDLINE.fullmatch(national)
    found = _AREA.match(national) if whole else None
    return found[0] if found else None


def read_phones(text: str, area_code: str | None, column: str = "phone") -> tuple[list[Phone], list[Fault]]:
    """Every number of a clean cell in its order, each once, and what is no number. `area_code` ("0571") completes local numbers."""
    if MOBILE.fullmatch(text):
        return [Phone("mobile", f"+86{text}")], []
    text = _exact(_FLOAT.sub("", text))
    if _ROUNDED.match(text):
        return [], [Fault("phone_rounded", column, text)]
    phones: list[Phone] = []
    faults: list[Fault] = []
    for piece in _pieces(text):
        found, fault = _read_piece(piece, area_code)
        phones.extend(found)
        if fault is not None:
            faults.append(Fault(fault.code, column, fault.value, fault.more))
    if len(phones) > MOST_NUMBERS:
        faults.append(Fault("too_long", column, text[:40]))
    return each_once(phones), faults


def each_once(phones: Iterable[Phone]) -> list[Phone]:
    """The numbers in their order, none twice; what the first says of one holds."""
    found: dict[str, Phone] = {}
    for phone in phones:
        found.setdefault(phone.address, phone)
    return list(found.values())


def _exact(text: str) -> str:
    """1.3800138001E+10 has all of its eleven digits and is that number; 1.38E+10 has lost them."""
    found = _ALL_DIGITS.fullmatch(text)
    return f"{found[1]}{found[2]}" if found and len(found[2]) == int(found[3]) else text


def _pieces(text: str) -> list[str]:
    return [piece.strip() for piece in _SEPARATORS.split(text) if re.search(r"[\w*]", piece)]


def _read_piece(piece: str, area_code: str | None) -> tuple[list[Phone], Fault | None]:
    if "*" in piece:
        return [], Fault("phone_masked", "", piece)
    if _EXTENSION.search(piece):
        return [], Fault("phone_extension", "", piece)
    bare = _NOTE.sub(" ", piece)
    groups = [group for group in re.split(r"[\s().\-]+", bare) if group]
    if not groups:
        # Words without a digit ("妻子同号") are a remark and no number.
        return [], None
    found = _partition(tuple(groups), area_code)
    if found is not None:
        note = "".join(_WORDS.findall(piece)) if len(found) == 1 else ""
        return [replace(one, note=note[:_LONGEST_NOTE]) for one in found] if note else list(found), None
    return [], _why_not(piece, groups, area_code)


def _partition(groups: tuple[str, ...], area_code: str | None) -> tuple[Phone, ...] | None:
    """The groups of digits as numbers, the longest first; None where something is left over. 138 0013 8000 139 0013 9000 are two."""
    if not groups:
        return ()
    for count in range(min(len(groups), 6), 0, -1):
        phones = _numbers("".join(groups[:count]), area_code)
        if phones is None:
            continue
        rest = _partition(groups[count:], area_code) if len(groups) <= 24 else None
        if rest is not None:
            return phones + rest
    return None


@lru_cache(maxsize=4096)
def _numbers(digits: str, area_code: str | None) -> tuple[Phone, ...] | None:
    if digits.startswith(("+", "00")) and not re.match(r"\+?0*86", digits):
        return _foreign(digits)
    national = re.sub(r"^(?:\+|00)86|^86(?=1[3-9]\d{9}$|0?[2-9]\d{9,10}$)", "", digits)
    if _SEVERAL_MOBILES.fullmatch(national):
        return tuple(Phone("mobile", f"+86{national[start : start + 11]}") for start in range(0, len(national), 11))
    one = _chinese(national, area_code, prefixed=national != digits)
    return None if one is None else (one,)


def _chinese(national: str, area_code: str | None, *, prefixed: bool) -> Phone | None:
    without_zero = national.removeprefix("0")
    if MOBILE.fullmatch(without_zero):
        return Phone("mobile", f"+86{without_zero}")
    if _SERVICE.fullmatch(national):
        return Phone("landline", f"+86{national}")
    if _LANDLINE.fullmatch(national):
        return Phone("landline", f"+86{national[1:]}")
    if prefixed and _LANDLINE.fullmatch(f"0{national}"):
        return Phone("landline", f"+86{national}")
    if area_code and not prefixed and _LOCAL.fullmatch(national) and _LANDLINE.fullmatch(area_code + national):
        return Phone("landline", f"+86{area_code[1:]}{national}")
    return None


def _foreign(digits: str) -> tuple[Phone, ...] | None:
    # The tables of all countries cost 50 ms to load, and few files have a foreign number.
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + digits.lstrip("+0"), None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    fixed = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
    return (Phone("landline" if fixed else "mobile", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)),)


def _why_not(piece: str, groups: list[str], area_code: str | None) -> Fault:
    digits = "".join(groups)
    if area_code is None and _LOCAL.fullmatch(digits):
        return Fault("phone_area", "", piece)
    if len(groups) > 1 and len(groups[-1]) <= 6 and _partition(tuple(groups[:-1]), area_code) is not None:
        return Fault("phone_extension", "", piece)
    if re.fullmatch(r"1[3-9]\d{6,12}", digits):
        return Fault("phone_length", "", piece, {"digits": str(len(digits))})
    return Fault("phone_wrong", "", piece[:40])
