"""Telephone numbers of those outside the company: fire, ambulance, maintenance company, power company."""

from dataclasses import dataclass
from datetime import date

from people.search.index import add_named_terms
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class OutsideNumber:
    """A number as it is dialled. `place_id` None: for the whole community. `last_checked`: when somebody last rang it."""

    id: int
    what: str
    place_id: int | None
    names: dict[str, str]
    number: str
    last_checked: date


@dataclass(frozen=True, slots=True)
class NewOutsideNumber:
    """A number to be added; `what` is the playbooks' word for it (fire_rescue_119); `place_id` None: for all."""

    what: str
    place_id: int | None
    names: dict[str, str]
    number: str
    last_checked: date


async def add_outside_number(tx: Tx, new: NewOutsideNumber) -> int:
    """Add a number; its id."""
    values = (new.what, new.place_id, new.names, new.number, new.last_checked)
    number_id = int(await tx.value(SQL.insert_outside_number, tx.community, *values))
    await add_named_terms(tx, "outside_number", number_id, new.names.values(), new.number)
    return number_id


async def number_for(tx: Tx, what: str, place_id: int) -> OutsideNumber | None:
    """Whom to call about `what` at the place: the number of the nearest place around it, else the community's, else None."""
    return await tx.maybe(SQL.outside_number_for, OutsideNumber, tx.community, what, place_id)


async def outside_numbers(tx: Tx) -> list[OutsideNumber]:
    """Every number of the community, by what it is for."""
    return await tx.rows(SQL.outside_numbers, OutsideNumber, tx.community)
