"""What new places are called, in every language: by the file's own word where it has one (3号楼), else by ours (3栋)."""

import re
from functools import lru_cache

from people.imports.place_cells import Door
from tocsin.base.texts import LANGUAGES, say

Names = dict[str, str]
_HAN = re.compile(r"[\u3400-\u9fff]")


def building_names(segment: str, said: str) -> Names:
    """`said` is how the file writes it: 88弄3号."""
    word = re.sub(r"\s+", "", said)
    own = {"zh-CN": word} if _HAN.search(word) else {}
    return {language: own.get(language) or say(language, "import.place.building", building=segment) for language in LANGUAGES}


def unit_names(around: Names, segment: str) -> Names:
    """A unit of the building called `around`."""
    return {language: _say(language, "import.place.unit", _in(around, language), segment) for language in LANGUAGES}


def floor_names(around: Names, label: str) -> Names:
    """A floor of the unit or building called `around`."""
    return {language: _say(language, "import.place.floor", _in(around, language), label) for language in LANGUAGES}


def door_names(around: Names, door: Door) -> Names:
    """A home of the unit, building or community called `around`."""
    key = {"shop": "import.place.shop", "villa": "import.place.villa"}.get(door.use, "import.place.home")
    label = re.sub(r"[\u3400-\u9fff\s]", "", door.label) or door.label
    return {language: _say(language, key, _in(around, language), label).strip() for language in LANGUAGES}


def facility_names(around: Names, kind: str, number: str, said: str) -> Names:
    """A facility; `said` is its name in the file."""
    own = {"zh-CN": _in(around, "zh-CN") + said} if _HAN.search(said) else {}
    return {
        language: own.get(language) or _say(language, f"import.place.{kind}", _in(around, language), number).strip()
        for language in LANGUAGES
    }


def _in(names: Names, language: str) -> str:
    return names.get(language) or next(iter(names.values()), "")


@lru_cache(maxsize=4096)
def _say(language: str, key: str, around: str, label: str) -> str:
    return say(language, key, around=around, label=label)
