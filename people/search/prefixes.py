"""A text as the name of a place followed by words of places: 云栖阁2单元1502, 88弄3号 1502, Cloud Garden Building 3. Pure."""

from dataclasses import dataclass

from people.place_words import COMMUNITY_CODE, PlaceWords, fold, read_place_words
from people.search.terms import alias_key

SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place whose alias or name (`key`) is the beginning of a text."""

    key: str
    code: str


def beginnings(text: str) -> dict[str, str]:
    """Every key that may be a name at the beginning of `text`, with the words that come after it; the longest first.

    A text of digits and marks alone begins with no name.
    """
    folded = fold(text)
    if not any(character.isalpha() for character in folded):
        return {}
    found: dict[str, str] = {}
    for end in range(len(folded), 0, -1):
        key = alias_key(folded[:end])
        if len(key) >= SHORTEST_NAME:
            found[key] = folded[end:].strip()
    return found


def read_within(named: NamedPlace, rest: str) -> tuple[list[str], list[tuple[str | None, str]]]:
    """Whole codes, and ends of codes with the code around them, that `rest` may mean after the name of a place."""
    if not rest:
        return [named.code], []
    words: PlaceWords = read_place_words(rest)
    if named.code == COMMUNITY_CODE:
        return list(words.codes), list(words.tails)
    codes = [f"{named.code}-{code}" for code in words.codes]
    return codes, [(named.code if around is None else f"{named.code}-{around}", end) for around, end in words.tails]
