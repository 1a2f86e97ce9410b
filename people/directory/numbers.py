"""Numbers outside the company as they are kept: what for, for which place, and when somebody last rang them."""

from dataclasses import dataclass
from datetime import date

import asyncpg

from people.errors import ChangedMeanwhileError, OutsideNumberUnknownError, PlaceUnknownError
from people.search.index import add_named_terms, remove_terms
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class NumberInFull:
    """A number as it is dialled. `place_id` None: for the whole community. `last_checked`: a date of the community."""

    id: int
    what: str
    place_id: int | None
    names: dict[str, str]
    number: str
    last_checked: date
    note: str
    version: int


@dataclass(frozen=True, slots=True)
class NumberChange:
    """What a number is to be; all of it."""

    what: str
    place_id: int | None
    names: dict[str, str]
    number: str
    last_checked: date
    note: str


async def numbers(tx: Tx) -> list[NumberInFull]:
    """All of them, by what they are for."""
    return await tx.rows(SQL.outside_numbers_in_full, NumberInFull, tx.community)


async def number_in_full(tx: Tx, number_id: int) -> NumberInFull:
    """One number, held until the transaction ends; raises OutsideNumberUnknownError."""
    found = await tx.maybe(SQL.outside_number, NumberInFull, tx.community, number_id)
    if found is None:
        raise OutsideNumberUnknownError(value=number_id)
    return found


async def change_number(tx: Tx, number_id: int, version: int, change: NumberChange) -> None:
    """Let a number be as `change` says; raises OutsideNumberUnknownError, ChangedMeanwhileError, PlaceUnknownError."""
    await _check(tx, number_id, version)
    try:
        await tx.run(
            SQL.update_outside_number, tx.community, number_id, change.what, change.place_id, change.names, change.number,
            change.last_checked, change.note,
        )  # fmt: skip
    except asyncpg.ForeignKeyViolationError as problem:
        raise PlaceUnknownError(field="/place", value=change.place_id) from problem
    await add_named_terms(tx, "outside_number", number_id, change.names.values(), change.number)


async def number_was_rung(tx: Tx, number_id: int, on: date) -> None:
    """Somebody rang it on a date of the community, and it is right; raises OutsideNumberUnknownError."""
    if not await tx.run(SQL.check_outside_number, tx.community, number_id, on):
        raise OutsideNumberUnknownError(value=number_id)


async def remove_number(tx: Tx, number_id: int, version: int) -> None:
    """It is not called any more; raises OutsideNumberUnknownError, ChangedMeanwhileError."""
    await _check(tx, number_id, version)
    await tx.run(SQL.delete_outside_number, tx.community, number_id)
    await remove_terms(tx, "outside_number", number_id)


async def _check(tx: Tx, number_id: int, version: int) -> None:
    present = await number_in_full(tx, number_id)
    if present.version != version:
        raise ChangedMeanwhileError(present=present.version)
