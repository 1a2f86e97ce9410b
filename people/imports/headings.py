"""Which row of a table is its heading, which column is what, and what kind of file it is. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from people.imports.cells import text_of
from people.imports.heading_words import (
    CONTAINS,
    GROUPS,
    KINDS,
    LEAVE_OUT,
    LEFT_OUT,
    NOT_CONTAINS,
    SECOND,
    Field,
    Group,
    ImportKind,
    groups_of,
    words_of,
)

LOOKED_AT = 30
"""Rows from the top among which the heading is looked for."""

_SEVERAL: frozenset[Field] = frozenset({"phone", "email", "alias", "plate", "serves"})
_ENOUGH: Mapping[ImportKind, tuple[frozenset[Field], ...]] = {
    "residents": (frozenset({"home", "whole", "unit"}), frozenset({"name", "phone", "occupancy", "building"})),
    "staff": (frozenset({"name"}), frozenset({"phone", "department", "title", "email"})),
    "rosters": (frozenset({"date"}), frozenset({"name", "duty", "backup", "lead"})),
    "facilities": (frozenset({"facility_kind", "facility_name", "rescue_code"}), frozenset({"whole", "building", "unit", "rescue_code"})),
}
"""A heading of a kind has at least one field out of each of these."""

_BRACKETS = re.compile(r"[(\[{<【《「][^)\]}>】》」]*[)\]}>】》」]")
_CLUTTER = re.compile(r"[\s\-*:.、,;_/\\·'\"|]+")
_TAIL = re.compile(r"(?:[0-9一二三]|①|②)+$")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that was taken: `index` from 0, its heading as it stands there, whose field it is; `sure` is False for a guess."""

    index: int
    heading: str
    field: Field
    group: Group
    sure: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a table: `first` and `rows` say where (from 0), `left_out` what columns it has beside."""

    kind: ImportKind
    first: int
    rows: int
    columns: tuple[Column, ...]
    left_out: tuple[tuple[int, str], ...]

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset(column.field for column in self.columns)


def fold_heading(text: str) -> str:
    """手 机 号码（必填）1 and 手机号码: are the same word."""
    bare = _BRACKETS.sub("", text) or text
    folded = _CLUTTER.sub("", bare).lower()
    return _TAIL.sub("", folded) or folded


def find_heading(
    rows: Sequence[Sequence[object]], kind: ImportKind | None = None, named: Mapping[str, str] | None = None
) -> Heading | None:
    """The best heading among the first rows, of `kind` or of any; None where no row is one.

    `rows` are raw cells. `named` says by the words of the file itself what a column is (see `is_meaning`), and goes before all we know.
    """
    texts = [[text_of(cell) for cell in row] for row in rows[: LOOKED_AT + 1]]  # type: ignore[arg-type]
    given = {fold_heading(text_of(words)): meaning for words, meaning in (named or {}).items()}
    best: Heading | None = None
    for first, row in enumerate(texts[:LOOKED_AT]):
        below = texts[first + 1] if first + 1 < len(texts) else []
        for heading in _readings(first, row, below, (kind,) if kind else KINDS, given):
            if best is None or _weight(heading) > _weight(best):
                best = heading
    return best


def _readings(
    first: int, row: Sequence[str], below: Sequence[str], kinds: Iterable[ImportKind], given: Mapping[str, str]
) -> Iterable[Heading]:
    """The row by itself, and as the upper of two where what is merged above says whose the columns below are."""
    alone = list(zip(row, [""] * len(row), strict=True))
    for kind in kinds:
        for rows, cells in ((1, alone), (2, _two(row, below))):
            heading = _read(kind, first, rows, cells, given)
            if heading is not None:
                yield heading


def _two(row: Sequence[str], below: Sequence[str]) -> list[tuple[str, str]]:
    width = max(len(row), len(below))
    upper = [*row, *[""] * (width - len(row))]
    lower = [*below, *[""] * (width - len(below))]
    cells, around = [], ""
    for above, under in zip(upper, lower, strict=True):
        around = above or around
        cells.append((under or above, around if under else ""))
    return cells


def _weight(heading: Heading) -> tuple[int, int, int]:
    # A second person may as well be the first of a group that stands above.
    sure = sum(2 if column.sure else 1 for column in heading.columns if column.group not in SECOND.values())
    return (sure - (2 if heading.rows == 2 else 0), -KINDS.index(heading.kind), -heading.first)


def _read(kind: ImportKind, first: int, rows: int, cells: Sequence[tuple[str, str]], given: Mapping[str, str]) -> Heading | None:
    columns: list[Column] = []
    left_out: list[tuple[int, str]] = []
    taken: set[tuple[Field, Group]] = set()
    for index, (text, around) in enumerate(cells):
        meant = _meant(kind, text, around, given) if text else None
        if meant is not None and kind == "residents":
            meant = _of_a_second(meant, taken)
        if meant is None or (meant[0] not in _SEVERAL and meant[:2] in taken):
            if text:
                left_out.append((index, text))
            continue
        field, group, sure = meant
        taken.add((field, group))
        columns.append(Column(index, text[:60], field, group, sure))
    columns = _with_their_numbers(_unit_is_home(kind, columns))
    fields = {column.field for column in columns}
    if len(columns) < 2 or any(not fields & needed for needed in _ENOUGH[kind]):
        return None
    return Heading(kind, first, rows, tuple(columns), tuple(left_out))


def _of_a_second(meant: tuple[Field, Group, bool], taken: set[tuple[Field, Group]]) -> tuple[Field, Group, bool]:
    """业主1 and 业主2, or 业主 and 联系人: a second column of names is a second person."""
    field, group, sure = meant
    is_first = ("name", group) not in taken if group else not any(one == "name" for one, _ in taken)
    return meant if field != "name" or is_first else (field, SECOND.get(group, group), sure)


def _with_their_numbers(columns: list[Column]) -> list[Column]:
    """Whose the numbers are, where a row has two people of a group: what has a 2 at its end, as the name has, or stands behind the second name."""
    found = list(columns)
    for first, second in SECOND.items():
        names = [number for number, one in enumerate(found) if one.field == "name" and one.group == second]
        phones = [number for number, one in enumerate(found) if one.field == "phone" and one.group in ("", first)]
        if not names or not phones:
            continue
        behind = [number for number in phones if number > names[0]]
        is_numbered = found[names[0]].heading.rstrip().endswith("2")
        by_number = [number for number in phones if is_numbered and found[number].heading.rstrip().endswith("2")]
        if len(behind) == len(phones):
            # Both names stand before all numbers.
            behind = behind[1:] if len(behind) == 2 else []
        for number in by_number or behind:
            found[number] = replace(found[number], group=second)
    return found


def _meant(kind: ImportKind, text: str, around: str, given: Mapping[str, str]) -> tuple[Field, Group, bool] | None:
    folded = fold_heading(text)
    if folded in given:
        return _given(kind, given[folded], folded, around)
    exact = _exact(kind, folded)
    if exact is not None:
        field, group = exact
        return field, group or (_group(kind, fold_heading(around)) if field in ("name", "phone", "email") else ""), True
    if folded in LEFT_OUT or re.search(NOT_CONTAINS, folded) or len(folded) > 24:
        return None
    known = set(words_of_kind(kind).values())
    for pattern, field in CONTAINS:
        if field in known and re.search(pattern, folded):
            return field, _group(kind, folded), False
    return None


def _given(kind: ImportKind, meaning: str, folded: str, around: str) -> tuple[Field, Group, bool] | None:
    """What somebody says that a column is; whose it is they say too, or the words above it do."""
    if meaning == LEAVE_OUT:
        return None
    field, has_group, group = meaning.partition(":")
    return cast(Field, field), cast(Group, group) if has_group else _group(kind, fold_heading(around) or folded), True


def _exact(kind: ImportKind, folded: str) -> tuple[Field, Group] | None:
    words = words_of_kind(kind)
    if folded in words:
        field = words[folded]
        return field, "owner" if folded.startswith(("户主",)) else ""
    for group in groups_of(kind):
        for word in GROUPS.get(group, ()):
            if folded == word and kind == "residents":
                return "name", group
            rest = folded.removeprefix(word) if folded.startswith(word) else ""
            field_of_rest = words.get(rest.lstrip("0123456789的"))
            if rest and field_of_rest in ("name", "phone", "email"):
                return field_of_rest, group
    return None


def _group(kind: ImportKind, folded: str) -> Group:
    return next((group for group in groups_of(kind) if any(word in folded for word in GROUPS.get(group, ()))), "")


def _unit_is_home(kind: ImportKind, columns: list[Column]) -> list[Column]:
    """An English list has Building, Floor, Unit: there a unit is a home."""
    fields = {column.field for column in columns}
    if kind != "residents" or fields & {"home", "whole"} or "unit" not in fields:
        return columns
    return [
        Column(one.index, one.heading, "home", one.group, one.sure) if one.field == "unit" and one.heading.isascii() else one
        for one in columns
    ]


@cache
def words_of_kind(kind: ImportKind) -> Mapping[str, Field]:
    """`words_of`, made once."""
    return words_of(kind)
