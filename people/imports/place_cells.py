"""Building, unit, floor and home out of the cells that lists have for them. Pure.

What is read is only what can mean one thing. A building that goes by a name (云栖阁) is passed on as it is said, for the directory to look
up, and never guessed from the digits in it. What only the whole table tells is in its `Style`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from people.imports.faults import Fault
from people.place_words import fold, read_numeral

_NUMERAL = "零〇一二两三四五六七八九十百"
_ATOM = rf"\d{{1,3}}[A-Z]?|[A-Z]{{1,2}}-?\d{{0,3}}|[{_NUMERAL}]{{1,4}}"
_BUILDING_WORD = r"号楼|#楼|号栋|号幢|栋|幢|座|楼|号|#"
_UNIT_WORD = r"单元|号门|门洞|门|梯|#"
_FLOOR_WORD = r"层|楼|F"
_BUILDING = re.compile(rf"(?P<prefix>.*?)(?<![\dA-Z{_NUMERAL}第])第?(?P<atom>{_ATOM})(?P<word>{_BUILDING_WORD})?")
_BUILDING_EN = re.compile(rf"(?:BUILDING|BLDG\.?|BLOCK|TOWER)(?P<atom>{_ATOM})")
_BUILDING_AND_UNIT = re.compile(rf"(?P<building>.*(?:{_BUILDING_WORD}))(?P<unit>第?(?:{_ATOM})(?:单元|号门|门洞))")
_UNIT = re.compile(rf"第?(?P<atom>{_ATOM})(?:{_UNIT_WORD})?|(?:UNIT|ENTRANCE)(?P<en>{_ATOM})")
_FLOOR = re.compile(rf"第?(?P<below>负|B|-)?(?P<atom>\d{{1,3}}|[{_NUMERAL}]{{1,4}})(?:{_FLOOR_WORD})?|(?:FLOOR|LEVEL)(?P<en>\d{{1,3}})")
_HOME = re.compile(r"(?:ROOM|FLAT|APT\.?|HOME|NO\.?)?(?P<atom>[A-Z]{0,2}\d{1,9}[A-Z]?|[A-Z])(?:号房|房号|单位|室|号|户|房|#)?")
_SHOP = re.compile(r"(?:底商|商铺|门面房?|店铺|店面|商业|铺|商|SHOP)-?(?P<atom>[A-Z]?\d{1,4}[A-Z]?)(?:号铺?|室|#)?")
_WORDS = re.compile(
    rf"(?:(?P<building>.*(?:号楼|#楼|#|栋|幢|座|楼|弄\d+号))(?=.))?(?:(?P<unit>第?(?:{_ATOM})(?:单元|号门|门洞|门|梯))(?=.))?"
    rf"(?:(?P<floor>(?:负|B)?(?:\d{{1,3}}|[{_NUMERAL}]{{1,4}})(?:层|F))(?=.))?(?P<home>.+)"
)
_VILLA = re.compile(r"(?:别墅|VILLA)(?P<atom>[A-Z]?\d{1,3}[A-Z]?)(?:号|#)?|(?P<other>[A-Z]?\d{1,3}[A-Z]?)(?:号|#)?别墅")
_BETWEEN_HOMES = re.compile(r"[/、,;\n]")
_NO_UNIT = frozenset({"0", "无单元", "不分单元"})
_HYPHENS = re.compile(r"\s*[-._]\s*")
_IN_GROUPS = re.compile(r"\d{1,3}[A-Z]? +\d{1,2} +\d{3,4}[A-Z]?")
_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
"""What a spreadsheet makes of 2-15."""
_REMARK = re.compile(r"\([^()\d]*\)")
_BUILDING_THEN_UNIT = re.compile(rf"(?P<building>.*?(?:{_BUILDING_WORD}))(?P<unit>第?(?:{_ATOM}))")
_TWO_PAIRS = re.compile(r"(?P<building>\d\d)(?P<unit>0[1-9]|1\d)")
"""0302-1502, as property software writes it: no building has four digits."""
MOST_HOMES = 6
LONGEST_SAID = 40
SHOP, VILLA = "M", "V"
"""The letters of shops and villas in codes: 商铺12 in building 3 is 3-M12, 别墅12 of the community itself is V12."""


HomeUse = Literal["dwelling", "villa", "shop", "office"]


@dataclass(frozen=True, slots=True)
class WhereCells:
    """The clean cells of a row that say where; "" where the file has none. `whole` is an address in one cell."""

    building: str = ""
    unit: str = ""
    floor: str = ""
    home: str = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """What a whole table shows about how it writes places.

    `prefix`: what stands before every building, or its end does, and so tells none apart (88弄, 一期); None where they differ. `building_first`: of two numbers
    in a home's cell ("3-1502") the first is the building, as in every row it is the row's own building.
    `aliases`: what else the table calls its buildings, by their segments.
    """

    prefix: str | None = ""
    building_first: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Door:
    """One home within its unit or building: the segment of its code ("1502", "M12"), its label ("1502", "商铺12"), and what it is for."""

    segment: str
    label: str
    use: HomeUse = "dwelling"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a row's people live.

    `building` and `unit` are segments of a code ("3", "A"), `building` None where the file has only its name; `said` is how it writes the
    building ("" where it does not: then the doors are the community's own, such as villas and shops by the gate).
    """

    building: str | None
    said: str
    unit: str | None
    floor: str | None
    doors: tuple[Door, ...]


@dataclass(frozen=True, slots=True)
class _Parts:
    building: str | None = None
    said: str = ""
    unit: str | None = None
    floor: str | None = None


def read_style(rows: Iterable[WhereCells]) -> Style:
    """What all rows of a table have in common."""
    prefixes: set[str] = set()
    building_first = None
    for row in rows:
        said = row.building or _said_building(row.home or row.whole)
        if said:
            split = _split_building(said)
            prefixes.add(split[0] if split else said)
        pair = _HYPHENS.split(fold(row.home)) if row.building and not row.unit else []
        if len(pair) == 2 and building_first is not False:
            split = _split_building(row.building)
            building_first = split is not None and _segment(pair[0]) == split[1]
    return Style(_common(prefixes), building_first is True)


def _common(prefixes: set[str]) -> str | None:
    """花园路88弄 and 88弄 are one; 一期 and nothing are two."""
    longest = max(prefixes, key=len, default="")
    return longest if all(longest.endswith(one) and (one or not longest) for one in prefixes) else None


def with_aliases(style: Style, said: Iterable[tuple[str, str]]) -> Style:
    """The style with what rows of the table call their buildings (building, other name); a name of two buildings is none."""
    found: dict[str, set[str]] = {}
    for building, alias in said:
        segment, _ = read_building(building, style)
        if segment is not None and _tight(alias):
            found.setdefault(_tight(alias), set()).add(segment)
    return replace(style, aliases={alias: segments.pop() for alias, segments in found.items() if len(segments) == 1})


def read_building(text: str, style: Style = Style()) -> tuple[str | None, str | None]:
    """The segments of building and, where it is said with it ("3栋2单元"), unit; (None, None) for what is a name."""
    split = _split_building(text)
    if split is not None and (split[0] == "" or (style.prefix is not None and style.prefix.endswith(split[0]))):
        return split[1], None
    if _tight(text) in style.aliases:
        return style.aliases[_tight(text)], None
    both = _BUILDING_AND_UNIT.fullmatch(_tight(text))
    if both is not None:
        building, _ = read_building(both["building"], style)
        return (building, read_unit(both["unit"])) if building else (None, None)
    return None, None


@lru_cache(maxsize=4096)
def read_unit(text: str) -> str | None:
    """The segment of a unit: 2单元, 二单元, A, Unit 2. None for what is none."""
    found = _UNIT.fullmatch(_tight(text))
    return _segment(found["atom"] or found["en"]) if found else None


@lru_cache(maxsize=4096)
def read_floor(text: str) -> str | None:
    """The label of a floor: 15层, 十五楼, B1, 负一层, -1. None for what is none."""
    found = _FLOOR.fullmatch(_tight(text))
    if found is None:
        return None
    plain = _segment(found["atom"] or found["en"])
    return f"B{plain}" if found["below"] and plain else plain


def read_where(cells: WhereCells, style: Style = Style()) -> Where | Fault:
    """One place, or several homes joined, out of its cells; an address in one cell and split columns agree, or it is a fault."""
    if "(" in cells.building:
        cells = replace(cells, building=_REMARK.sub("", cells.building) or cells.building)
    parts = _columns(cells, style)
    if isinstance(parts, Fault):
        return parts
    text, column = (cells.home, "home") if cells.home else (cells.whole, "whole")
    texts = [one.strip() for one in _BETWEEN_HOMES.split(text) if one.strip()]
    if not texts:
        return Fault("home_missing", "home", "")
    if len(texts) > MOST_HOMES:
        return Fault("too_long", column, text[:60])
    doors: list[Door] = []
    for one in texts:
        read = _read_home(one, column, parts, style)
        if isinstance(read, Fault):
            return read
        parts, door = read
        doors.append(door)
    if parts.building is None and not parts.said and any(door.use not in ("shop", "villa") for door in doors):
        return Fault("building_missing", "building", "")
    return Where(parts.building, parts.said, parts.unit, parts.floor, tuple(dict.fromkeys(doors)))


def _columns(cells: WhereCells, style: Style) -> _Parts | Fault:
    """What the split columns alone say."""
    building, unit = read_building(cells.building, style) if cells.building else (None, None)
    if cells.unit and cells.unit not in _NO_UNIT:
        said_unit = read_unit(cells.unit)
        if said_unit is None:
            return Fault("unit_unclear", "unit", cells.unit[:LONGEST_SAID])
        if unit is not None and unit != said_unit:
            return Fault("home_contradicts", "unit", cells.unit[:LONGEST_SAID])
        unit = said_unit
    floor = read_floor(cells.floor) if cells.floor else None
    if cells.floor and floor is None:
        return Fault("floor_unclear", "floor", cells.floor[:LONGEST_SAID])
    said = "" if _tight(cells.building) in style.aliases else _without_unit(cells.building)[:LONGEST_SAID]
    return _Parts(building, said, unit, floor)


def _read_home(text: str, column: str, parts: _Parts, style: Style) -> tuple[_Parts, Door] | Fault:
    text = _REMARK.sub("", fold(text)) or text
    if _IN_GROUPS.fullmatch(text.strip()):
        text = "-".join(text.split())
    tight = _tight(text)
    if _DATE.fullmatch(tight):
        return Fault("home_date", column, text[:LONGEST_SAID])
    unclear = Fault("home_unclear", column, text[:LONGEST_SAID])
    shop = _SHOP.fullmatch(tight)
    if shop is not None:
        return parts, _shop(shop["atom"], text.strip())
    villa = _VILLA.fullmatch(tight)
    if villa is not None:
        return parts, Door(VILLA + _segment(villa["atom"] or villa["other"]), text.strip(), "villa")
    pieces = _HYPHENS.split(tight)
    if len(pieces) > 1:
        return _hyphenated(pieces, unclear, parts, style)
    home = _HOME.fullmatch(tight)
    if home is None:
        return _in_words(text, unclear, parts, style)
    label = home["atom"]
    if label.isdecimal() and len(label) > (5 if parts.building or parts.said else 4):
        return Fault("home_ambiguous", column, text[:LONGEST_SAID])
    return parts, _home_on(parts.floor, label)


def _hyphenated(pieces: list[str], unclear: Fault, parts: _Parts, style: Style) -> tuple[_Parts, Door] | Fault:
    """2-1502, 3-1502, 3-2-1502, 3-2-15-1502; each piece may bear its word."""
    *around, last = pieces
    both = (_BUILDING_THEN_UNIT.fullmatch(around[0]) or (not parts.said and _TWO_PAIRS.fullmatch(around[0]))) if len(pieces) == 2 else None
    if both:
        pieces, around = [both["building"], both["unit"], last], [both["building"], both["unit"]]
    if len(pieces) == 2 and (parts.building or parts.said) and not _names_building(pieces[0], parts, style):
        said: tuple[str | None, str | None, str | None] = (None, around[0], None)
    elif len(pieces) in (2, 3, 4):
        said = (around[0], around[1] if len(around) > 1 else None, around[2] if len(around) > 2 else None)
    else:
        return unclear
    joined = _join(parts, said, unclear, style)
    home = _HOME.fullmatch(last) or _SHOP.fullmatch(last)
    if isinstance(joined, Fault) or home is None:
        return joined if isinstance(joined, Fault) else unclear
    shop = not _HOME.fullmatch(last)
    return joined, (_shop(home["atom"], last) if shop else _home_on(joined.floor, home["atom"]))


def _names_building(piece: str, parts: _Parts, style: Style) -> bool:
    """Whether the first of two numbers is the row's building: the whole table says so, or the row already has its unit."""
    building, _ = read_building(piece, style)
    if building is None or building != parts.building:
        return False
    return style.building_first or (parts.unit is not None and read_unit(piece) != parts.unit)


def _in_words(text: str, unclear: Fault, parts: _Parts, style: Style) -> tuple[_Parts, Door] | Fault:
    """3栋2单元1502室, 2单元1502, 3栋15层02室."""
    found = _WORDS.fullmatch(_tight(text))
    if found is None or not (found["building"] or found["unit"] or found["floor"]):
        return unclear
    joined = _join(parts, (found["building"], found["unit"], found["floor"]), unclear, style)
    if isinstance(joined, Fault):
        return joined
    shop = _SHOP.fullmatch(found["home"])
    if shop is not None:
        return joined, _shop(shop["atom"], found["home"])
    home = _HOME.fullmatch(found["home"])
    if home is not None:
        return joined, _home_on(joined.floor, home["atom"])
    spoken = read_numeral(re.sub("(?:号房|室|号|户|房)$", "", found["home"]))
    return unclear if spoken is None else (joined, _home_on(joined.floor, str(spoken)))


def _join(parts: _Parts, said: tuple[str | None, str | None, str | None], unclear: Fault, style: Style) -> _Parts | Fault:
    """What the home's own cell says about building, unit and floor, joined with the columns'."""
    building_text, unit_text, floor_text = said
    if building_text:
        building, _ = read_building(building_text, style)
        if parts.building is not None and building != parts.building:
            return Fault("home_contradicts", unclear.column, unclear.value)
        if building is None and parts.said and _tight(parts.said) != _tight(building_text):
            return Fault("home_contradicts", unclear.column, unclear.value)
        parts = replace(parts, building=building, said=parts.said or building_text)
    if unit_text:
        unit = read_unit(unit_text)
        if unit is None:
            return unclear
        if parts.unit is not None and parts.unit != unit:
            return Fault("home_contradicts", unclear.column, unclear.value)
        parts = replace(parts, unit=unit)
    if floor_text:
        floor = read_floor(floor_text)
        if floor is None:
            return unclear
        parts = replace(parts, floor=floor)
    return parts


def _home_on(floor: str | None, label: str) -> Door:
    """15层 and 02 are 1502; a whole number is itself."""
    if floor is not None and floor.isdecimal() and label.isdecimal() and len(label) <= 2:
        label = f"{floor}{label.zfill(2)}"
    segment = _segment(label)
    return Door(segment, segment if label.isdecimal() else label)


def _shop(atom: str, label: str) -> Door:
    return Door(SHOP + _segment(atom), label, "shop")


@lru_cache(maxsize=4096)
def _split_building(text: str) -> tuple[str, str] | None:
    """What stands before a building's number, and its segment: ("", "3"), ("88弄", "3"). A prefix needs a word after the number."""
    tight = _tight(text)
    english = _BUILDING_EN.fullmatch(tight)
    if english is not None:
        return "", _segment(english["atom"])
    found = _BUILDING.fullmatch(tight)
    if found is None or (found["prefix"] and not found["word"]):
        return None
    segment = _segment(found["atom"])
    return None if segment == "0" else (found["prefix"], segment)


def _said_building(text: str) -> str:
    found = _WORDS.fullmatch(_tight(text)) if text else None
    return (found["building"] or "") if found else ""


def _without_unit(text: str) -> str:
    both = _BUILDING_AND_UNIT.fullmatch(_tight(text)) if text else None
    return both["building"] if both else text


@lru_cache(maxsize=8192)
def _tight(text: str) -> str:
    return re.sub(r"\s+", "", fold(text))


def _segment(atom: str) -> str:
    numeral = read_numeral(atom)
    if numeral is not None:
        return str(numeral)
    plain = atom.replace("-", "")
    return str(int(plain)) if plain.isdecimal() else plain
