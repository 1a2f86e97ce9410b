"""Texts that people see, by key and language, from the gettext catalogues `<package>/texts/<language>.po`.

Message ids are keys ("desk.title"), so neither language is the source of the other. Slots are written {name}; where a
language bends a word by a number, it has {name:word for 1|word for others}.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("zh-CN", "en")
PACKAGES = ("api", "incidents", "notifiers", "people", "tocsin.app")


_BENT = re.compile(r"\{(\w+):([^|{}]*)\|([^|{}]*)\}")


def catalogue_file(package: str, language: str) -> Path:
    """Where the catalogue of a package lies; `language` is a BCP 47 tag of LANGUAGES."""
    return Path(str(files(package))) / "texts" / f"{language.replace('-', '_')}.po"


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by key, from every package that has a catalogue."""
    texts: dict[str, str] = {}
    for package in PACKAGES:
        path = catalogue_file(package, language)
        if path.exists():
            with path.open("rb") as file:
                texts.update((str(message.id), str(message.string)) for message in read_po(file) if message.id)
    return texts


def say(language: str, key: str, /, **values: object) -> str:
    """The text `key` in `language` with its slots filled; a key that no catalogue holds raises KeyError."""
    text = catalogue(choose_language(language))[key]
    if "|" in text:
        text = _BENT.sub(lambda found: found[2 if str(values.get(found[1])) == "1" else 3], text)
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def has_text(key: str) -> bool:
    """Whether the catalogues hold `key`."""
    return key in catalogue(LANGUAGES[0])


@lru_cache(maxsize=256)
def choose_language(asked: str | None) -> str:
    """The language we speak that is nearest to a BCP 47 tag or an Accept-Language header; zh-CN when none is."""
    for part in (asked or "").split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "zh-CN"
