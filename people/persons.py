"""Those who live or work in a community, and how they can be reached."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import asyncpg
import phonenumbers

from people.errors import AddressWrongError, PersonUnknownError, PlaceUnknownError
from people.search.index import reindex_people
from people.search.pinyin import sort_key
from tocsin.base.database import Tx
from tocsin.base.logs import mask_phone
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)
HOME_REGION = "CN"
_IN_E164 = re.compile(r"\+861[3-9]\d{9}", re.ASCII)
"""A Chinese mobile number that is written as it is stored: an import brings hundreds of thousands."""
ContactKind = Literal["mobile", "landline", "email", "chat"]
Quality = Literal["unproven", "good", "failing", "wrong", "opted_out"]
PreferredMeans = Literal["write", "call", "door", "family"]
"""How somebody wants to be told: in writing, by telephone, at the door, through their family."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who lives (resident) or works (staff) there; `language` is a BCP 47 tag."""

    id: int
    kind: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class PersonAtHome:
    """Somebody whom a telephone number belongs to, with one home they live in; home_… None for staff and former residents."""

    person_id: int
    kind: str
    name: str
    language: str
    home_id: int | None
    home_code: str | None
    home_names: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """An address and one person it belongs to; `where`: the home's or, for staff, the department's names, None for neither."""

    address: str
    kind: str
    name: str
    where: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class NewContactPoint:
    """An address to be added as people write it; `consent` lists purposes: alert, emergency, notice.

    `proxy`: name and relation of somebody else whose address it is ("王小明", "son"); the person counts as reached only when they confirm.
    `consent_source` says where the consent comes from, such as a form of a date.
    """

    person_id: int
    kind: ContactKind
    address: str
    rank: int = 0
    consent: tuple[str, ...] = ("alert", "emergency", "notice")
    quality: Quality = "unproven"
    proxy: tuple[str, str] | None = None
    consent_source: str = ""


@dataclass(frozen=True, slots=True)
class NewResidence:
    """Somebody moves into a home; dates are the community's."""

    person_id: int
    home_id: int
    role: Literal["owner", "tenant", "family"]
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class NewNeedOfHelp:
    """Somebody to be told and confirmed first. `reason` is health data: the service writes it and cannot read it back."""

    person_id: int
    powered_device: bool
    reason: str
    confirmer_role: str


def normalise_phone(number: str) -> str:
    """The number in E.164 (+8613800001234); without a country code it is a Chinese one. Raises AddressWrongError."""
    if _IN_E164.fullmatch(number):
        return number
    try:
        parsed = phonenumbers.parse(number, HOME_REGION)
    except phonenumbers.NumberParseException as problem:
        raise AddressWrongError(field="/address", kind="mobile") from problem
    if not phonenumbers.is_possible_number(parsed):
        raise AddressWrongError(field="/address", kind="mobile")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def normalise_address(kind: ContactKind, address: str) -> str:
    """An address as it is stored; raises AddressWrongError where it cannot be one of its kind."""
    if kind in ("mobile", "landline"):
        return normalise_phone(address)
    folded = address.strip()
    if kind == "email":
        folded = folded.lower()
        box, at, host = folded.rpartition("@")
        if not (box and at and host) or "@" in box or any(character.isspace() for character in folded):
            raise AddressWrongError(field="/address", kind=kind)
    if not folded:
        raise AddressWrongError(field="/address", kind=kind)
    return folded


def mask(number: str) -> str:
    """138****1234: what a screen shows of a number."""
    return mask_phone(number.removeprefix("+86"))


async def known_addresses(tx: Tx) -> list[KnownAddress]:
    """Every address of the community with those it belongs to: staff first. For the demo's wall of phones."""
    return await tx.rows(SQL.known_addresses, KnownAddress, tx.community)


async def add_person(
    tx: Tx, *, kind: Literal["staff", "resident"], name: str, language: str = "zh-CN", preferred_means: PreferredMeans = "write",
    dialect: str = "", note: str = "",
) -> int:  # fmt: skip
    """Add a person; their id. `language` is a BCP 47 tag, `dialect` what the call list shows ("讲温州话，找小陈")."""
    person_id = int(await tx.value(SQL.insert_person, tx.community, kind, name, language, preferred_means, dialect, note, sort_key(name)))
    await reindex_people(tx, [person_id])
    return person_id


async def add_contact_point(tx: Tx, new: NewContactPoint) -> int:
    """Add an address, normalised; its id. The same address again keeps one row with the new rank, consent and quality.

    Raises AddressWrongError, PersonUnknownError.
    """
    address = normalise_address(new.kind, new.address)
    try:
        found = await tx.value(
            SQL.insert_contact_point, tx.community, new.person_id, new.kind, address, new.rank, list(new.consent), new.quality,
            new.proxy[0] if new.proxy else None, new.proxy[1] if new.proxy else None, new.consent_source,
        )  # fmt: skip
    except asyncpg.ForeignKeyViolationError as problem:
        raise PersonUnknownError(field="/person", value=new.person_id) from problem
    await reindex_people(tx, [new.person_id])
    lower(tx, "quality")
    return int(found)


async def add_residence(tx: Tx, new: NewResidence) -> None:
    """Let somebody live in a home; raises PlaceUnknownError where person or home does not exist."""
    try:
        await tx.run(SQL.insert_residence, tx.community, new.person_id, new.home_id, new.role, new.since, new.until)
    except asyncpg.ForeignKeyViolationError as problem:
        raise PlaceUnknownError(field="/home", value=new.home_id) from problem


async def add_need_of_help(tx: Tx, new: NewNeedOfHelp) -> None:
    """Note that somebody needs help first; raises PersonUnknownError."""
    try:
        await tx.run(SQL.insert_need_of_help, tx.community, new.person_id, new.powered_device, new.reason, new.confirmer_role)
    except asyncpg.ForeignKeyViolationError as problem:
        raise PersonUnknownError(field="/person", value=new.person_id) from problem


async def persons(tx: Tx, ids: Sequence[int]) -> dict[int, Person]:
    """The people with these ids; who does not exist is missing from the answer."""
    return {person.id: person for person in await tx.rows(SQL.persons, Person, tx.community, list(ids))}


async def person_by_phone(tx: Tx, number: str) -> list[PersonAtHome]:
    """Whose number this is, one entry a home they live in now; empty for an unknown number or one that cannot be a number."""
    try:
        address = normalise_phone(number)
    except AddressWrongError:
        return []
    return await tx.rows(SQL.person_by_phone, PersonAtHome, tx.community, address, tx.now)
