"""Telephone numbers of those outside the company: fire, ambulance, maintenance company, power company."""

from dataclasses import dataclass
from datetime import date

import asyncpg

from people.errors import ChangedMeanwhileError, OutsideNumberUnknownError, PlaceUnknownError
from people.search.index import add_named_terms, remove_terms
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class OutsideNumber:
    """A number as it is dialled. `place_id` None: for the whole community. `last_checked`: when somebody last rang it (a date of the community)."""

    id: int
    what: str
    place_id: int | None
    names: dict[str, str]
    number: str
    last_checked: date
    note: str
    version: int


@dataclass(frozen=True, slots=True)
class NewOutsideNumber:
    """What a number is, or is to be from now on; `what` is the playbooks' word for it (fire_rescue_119); `place_id` None: for all."""

    what: str
    place_id: int | None
    names: dict[str, str]
    number: str
    last_checked: date
    note: str = ""


async def add_outside_number(tx: Tx, new: NewOutsideNumber) -> int:
    """Add a number; its id. Raises PlaceUnknownError."""
    values = (new.what, new.place_id, new.names, new.number, new.last_checked, new.note)
    try:
        number_id = int(await tx.value(SQL.insert_outside_number, tx.community, *values))
    except asyncpg.ForeignKeyViolationError as problem:
        raise PlaceUnknownError(field="/place", value=new.place_id) from problem
    await add_named_terms(tx, "outside_number", number_id, new.names.values(), new.number)
    return number_id


async def number_for(tx: Tx, what: str, place_id: int) -> OutsideNumber | None:
    """Whom to call about `what` at the place: the number of the nearest place around it, else the community's, else None."""
    return await tx.maybe(SQL.outside_number_for, OutsideNumber, tx.community, what, place_id)


async def outside_numbers(tx: Tx) -> list[OutsideNumber]:
    """Every number of the community, by what it is for."""
    return await tx.rows(SQL.outside_numbers, OutsideNumber, tx.community)


async def outside_number(tx: Tx, number_id: int) -> OutsideNumber:
    """One number, held until the transaction ends; raises OutsideNumberUnknownError."""
    found = await tx.maybe(SQL.outside_number, OutsideNumber, tx.community, number_id)
    if found is None:
        raise OutsideNumberUnknownError(value=number_id)
    return found


async def change_outside_number(tx: Tx, number_id: int, version: int, new: NewOutsideNumber) -> None:
    """Let a number be as `new` says; raises OutsideNumberUnknownError, ChangedMeanwhileError, PlaceUnknownError."""
    await _check(tx, number_id, version)
    values = (new.what, new.place_id, new.names, new.number, new.last_checked, new.note)
    try:
        await tx.run(SQL.update_outside_number, tx.community, number_id, *values)
    except asyncpg.ForeignKeyViolationError as problem:
        raise PlaceUnknownError(field="/place", value=new.place_id) from problem
    await add_named_terms(tx, "outside_number", number_id, new.names.values(), new.number)


async def outside_number_was_rung(tx: Tx, number_id: int, on: date) -> None:
    """Somebody rang it on a date of the community, and it is right; raises OutsideNumberUnknownError."""
    if not await tx.run(SQL.check_outside_number, tx.community, number_id, on):
        raise OutsideNumberUnknownError(value=number_id)


async def remove_outside_number(tx: Tx, number_id: int, version: int) -> None:
    """It is not called any more; raises OutsideNumberUnknownError, ChangedMeanwhileError."""
    await _check(tx, number_id, version)
    await tx.run(SQL.delete_outside_number, tx.community, number_id)
    await remove_terms(tx, "outside_number", number_id)


async def _check(tx: Tx, number_id: int, version: int) -> None:
    present = await outside_number(tx, number_id)
    if present.version != version:
        raise ChangedMeanwhileError(present=present.version)
