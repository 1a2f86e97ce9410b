"""Residents who need help first. Everybody at the desk sees that somebody does; why is health data, and who looks is noted."""

from dataclasses import dataclass

from people.errors import HelpNotNotedError
from people.persons import NewNeedOfHelp, add_need_of_help
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Need:
    """That somebody needs help first; `powered_device`: a power cut endangers their life. `confirmer_role`: who sees them in person."""

    person_id: int
    powered_device: bool
    confirmer_role: str
    version: int


async def need_of(tx: Tx, person_id: int) -> Need | None:
    """What is noted of somebody's need, without the reason; None where nothing is."""
    return await tx.maybe(SQL.need, Need, tx.community, person_id)


async def set_need(tx: Tx, person_id: int, *, powered_device: bool, confirmer_role: str, reason: str | None) -> None:
    """Note that somebody needs help first, or change it; without `reason` the one that is noted stays.

    Raises HelpNotNotedError for a first note without a reason, PersonUnknownError.
    """
    if await need_of(tx, person_id) is None:
        if reason is None:
            raise HelpNotNotedError(field="/reason", value=person_id)
        await add_need_of_help(tx, NewNeedOfHelp(person_id, powered_device, reason, confirmer_role))
        return
    await tx.run(SQL.update_need, tx.community, person_id, powered_device, confirmer_role)
    if reason is not None:
        await tx.run(SQL.update_reason, tx.community, person_id, reason)


async def remove_need(tx: Tx, person_id: int) -> None:
    """They need it no more; raises HelpNotNotedError."""
    if not await tx.run(SQL.delete_need, tx.community, person_id):
        raise HelpNotNotedError(value=person_id)
