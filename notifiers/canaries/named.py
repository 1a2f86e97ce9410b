"""Who stands for a building, or for the community where a building has nobody."""

from dataclasses import dataclass
from datetime import datetime

from notifiers.canaries.plan import SQL, TEST_AT, WITHIN_MINUTES
from notifiers.errors import CanaryPlaceWrongError, CanaryUnknownError
from people.errors import PersonUnknownError
from people.persons import persons
from people.places import get_place
from tocsin.base.database import Tx
from tocsin.base.work import lower


@dataclass(frozen=True, slots=True)
class Canary:
    """Somebody who gets the tests for a place. `address_kinds`: of the addresses that they have (mobile, email, …)."""

    place_id: int
    place_code: str
    place_names: dict[str, str]
    person_id: int
    name: str
    named_by: str
    named_at: datetime
    address_kinds: list[str]


async def canaries(tx: Tx) -> list[Canary]:
    """All that are named: the community's own first, then building by building."""
    return await tx.rows(SQL.canaries, Canary, tx.community)


async def name_canary(tx: Tx, place_id: int, person_id: int, *, by: str) -> None:
    """Let somebody stand for a place; again is no change. Raises PlaceUnknownError, CanaryPlaceWrongError, PersonUnknownError."""
    place = await get_place(tx, place_id)
    if place.kind not in ("community", "building"):
        raise CanaryPlaceWrongError(field="/place", value=place.code)
    if person_id not in await persons(tx, [person_id]):
        raise PersonUnknownError(field="/person", value=person_id)
    await tx.run(SQL.begin_plan, tx.community, TEST_AT, WITHIN_MINUTES, tx.now)
    await tx.run(SQL.name_canary, tx.community, place_id, place.kind, person_id, by, tx.now)
    lower(tx, "canaries", tx.now)


async def withdraw_canary(tx: Tx, place_id: int, person_id: int) -> None:
    """Somebody stands for a place no more; raises CanaryUnknownError where they did not."""
    if not await tx.run(SQL.withdraw_canary, tx.community, place_id, person_id):
        raise CanaryUnknownError(field="/person", value=person_id)
