"""What staff are certified for, and until when. A step of a playbook may ask for one: only certified people may open an elevator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from people.errors import CertificateUnknownError, PersonUnknownError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Certificate:
    """`kind` as playbooks name it (elevator_rescue); valid through `expires_on`, a date of the community."""

    id: int
    person_id: int
    name: str
    kind: str
    number: str
    expires_on: date


async def certificates(tx: Tx, *, person_id: int | None = None, expire_before: date | None = None) -> list[Certificate]:
    """Certificates, the soonest to expire first."""
    return await tx.rows(SQL.certificates, Certificate, tx.community, person_id, expire_before)


async def give_certificate(tx: Tx, person_id: int, kind: str, number: str, expires_on: date) -> int:
    """Note a certificate or its renewal; its id. Raises PersonUnknownError for anybody but staff."""
    try:
        return int(await tx.value(SQL.put_certificate, tx.community, person_id, kind, number, expires_on))
    except asyncpg.ForeignKeyViolationError as problem:
        raise PersonUnknownError(field="/person", value=person_id) from problem


async def remove_certificate(tx: Tx, certificate_id: int) -> None:
    """It was withdrawn; raises CertificateUnknownError."""
    if not await tx.run(SQL.delete_certificate, tx.community, certificate_id):
        raise CertificateUnknownError(value=certificate_id)


async def certified(tx: Tx, person_ids: Sequence[int], kind: str, on: date) -> list[int]:
    """Who of these holds a certificate of this kind that is valid on a date of the community."""
    return await tx.column(SQL.certified, tx.community, list(person_ids), kind, on)
