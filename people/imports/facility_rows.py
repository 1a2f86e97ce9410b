"""A row of a list of facilities, read and checked by itself. Pure."""

import re

from people.imports.faults import Fault
from people.imports.lines import Line
from people.imports.place_cells import read_building, read_unit
from people.imports.records import FacilityRow
from people.imports.row_context import Context
from people.imports.value_words import facility_kind_of
from people.place_words import fold, read_numeral

_BETWEEN = re.compile(r"[/、,;\n]|和|及")
_NUMBER = re.compile(r"[A-Z]{0,2}(\d{1,4})|([一二三四五六七八九十]{1,3})(?=号|#)|([东西南北])(?=门)")
_RESCUE_CODE = re.compile(r"[0-9A-Z]{3,20}")
_PAIR = re.compile(r"(?P<building>.+?)[-.](?P<unit>[^-.]+)")
_WORDS = re.compile(r"(?P<building>.*(?:号楼|#楼|栋|幢|座|楼))(?P<unit>.*(?:单元|号门|门洞))?(?P<rest>.*)")
_DIRECTIONS = {"东": "91", "南": "92", "西": "93", "北": "94"}


def read_facility(line: Line, context: Context, sheet: int = 0) -> FacilityRow:
    """The row as a record; everything wrong with it is in its `faults`."""
    faults = list(line.faults)
    name, kind_text = line.one("facility_name"), line.one("facility_kind")
    kind = facility_kind_of(kind_text) if kind_text else facility_kind_of(name) or ("elevator" if line.one("rescue_code") else None)
    if kind is None:
        faults.append(Fault("facility_kind", context.title("facility_kind"), (kind_text or name)[:40]))
    building, said, unit, wrong = _where(line, context)
    faults += wrong
    rescue_code = re.sub(r"[\s\-]", "", fold(line.one("rescue_code")))
    if rescue_code and not _RESCUE_CODE.fullmatch(rescue_code):
        faults.append(Fault("rescue_code_wrong", context.title("rescue_code"), line.one("rescue_code")[:40]))
    serves = tuple(one.strip() for text in line.every("serves") for one in _BETWEEN.split(text) if one.strip())
    aliases = tuple(one.strip()[:60] for text in line.every("alias") for one in _BETWEEN.split(text) if one.strip())
    return FacilityRow(
        line.number, sheet, tuple(faults), (), kind or "other", _number(name), name[:60], building, said[:60], unit,
        rescue_code or None, serves, aliases,
    )  # fmt: skip


def _number(name: str) -> str:
    """Its number there: 1号梯 and L1 are "1"; "" where the name has none."""
    found = _NUMBER.search(fold(name))
    if found is None:
        return ""
    if found[3]:
        return _DIRECTIONS[found[3]]
    return str(int(found[1])) if found[1] else str(read_numeral(found[2]) or "")


def _where(line: Line, context: Context) -> tuple[str | None, str, str | None, list[Fault]]:
    """Building and unit, out of their columns or out of one cell (3栋2单元, 3-2). Nothing said is the community itself."""
    building_text, unit_text = line.one("building"), line.one("unit")
    if not building_text and line.one("whole"):
        building_text, unit_text = _split(line.one("whole"), unit_text)
    building, unit = read_building(building_text, context.style) if building_text else (None, None)
    if unit_text and unit_text not in ("0", "无单元"):
        said_unit = read_unit(unit_text)
        if said_unit is None:
            return building, building_text, None, [Fault("unit_unclear", context.title("unit"), unit_text[:40])]
        unit = said_unit
    return building, building_text, unit, []


def _split(whole: str, unit: str) -> tuple[str, str]:
    words = _WORDS.fullmatch(whole.replace(" ", ""))
    if words is not None:
        return words["building"], unit or words["unit"] or ""
    pair = _PAIR.fullmatch(whole)
    return (pair["building"], unit or pair["unit"]) if pair else (whole, unit)
