"""Staff numbers and PINs: how somebody says at an enrolled desk device who they are, in two seconds.

Wrong tries make the next one slower, for the number and for the device, and lock nobody out: the device declares without a name meanwhile.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncpg

from api.auth import passwords
from api.auth.desk_log import Noted, note
from api.auth.devices import Device
from api.auth.roles import Role
from api.errors import PinRefusedError, PinUnfitError, SlowDownError, StaffNumberMissingError, StaffNumberTakenError, StaffNumberWrongError
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
SHORTEST, LONGEST = 4, 8
NUMBER = re.compile(r"[0-9A-Z-]{1,12}")
FORGOTTEN_AFTER = timedelta(hours=12)
"""As long as a shift: with four digits, tries that were forgotten sooner would add up to a PIN within days."""


class Throttle(NamedTuple):
    """So many tries are free, then each waits twice as long as the one before, up to so many seconds."""

    free: int
    longest_wait: int


_NUMBER_THROTTLE = Throttle(free=4, longest_wait=900)
_DEVICE_THROTTLE = Throttle(free=10, longest_wait=300)


@dataclass(frozen=True, slots=True)
class Known:
    """Whose number and PIN they were; `person_id` in the directory, where the account says so."""

    account_id: int
    name: str
    number: str
    person_id: int | None


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number as a try is judged by it."""

    account_id: int
    name: str
    number: str
    person_id: int | None
    pin_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class StaffRow:
    """An account of the community; `number` is None until one was given, `pin_set_at` until a PIN was set."""

    account_id: int
    login: str
    name: str
    roles: list[Role]
    number: str | None
    pin_set_at: datetime | None
    pin_set_by: str | None


async def check_pin(database: Database, device: Device, number: str, pin: str) -> Known:
    """Who signs at this device. Raises SlowDownError, or PinRefusedError that does not say what was wrong."""
    sent = _folded(number)
    buckets = {f"pin:{device.community_id}:{sent[:12]}": _NUMBER_THROTTLE, f"pin-device:{device.id}": _DEVICE_THROTTLE}
    await _take_tries(database, buckets)
    async with database.community(device.community_id) as tx:
        row = await tx.maybe(SQL.staff_by_number, NumberRow, tx.community, sent)
    matches = await passwords.is_password(pin, row.pin_hash if row is not None else None)
    async with database.community(device.community_id) as tx:
        if row is None or not matches:
            await note(tx, _refused(device, row))
        else:
            by_number, by_device = buckets
            await tx.run(SQL.forget_failures, [by_number])
            await tx.run(SQL.give_back_try, by_device)
    if row is None or not matches:
        raise PinRefusedError()
    return Known(row.account_id, row.name, row.number, row.person_id)


def _refused(device: Device, row: NumberRow | None) -> Noted:
    """What is nobody's number is not written down: it may be somebody's PIN, typed into the wrong box."""
    return Noted("pin_refused", device_id=device.id, account_id=row.account_id if row else None, words=row.number if row else "")


async def _take_tries(database: Database, buckets: dict[str, Throttle]) -> None:
    """Count the try before it is judged, so that tries made side by side do not slip through; raises SlowDownError."""
    async with database.floor() as tx:
        for bucket, throttle in sorted(buckets.items()):
            taken = await tx.value(SQL.take_try, bucket, throttle.free, throttle.longest_wait, FORGOTTEN_AFTER)
            if taken is None:
                seconds = await tx.value(SQL.wait_seconds, [bucket])
                raise SlowDownError(seconds=seconds or 1)


async def staff(tx: Tx) -> list[StaffRow]:
    """Every account of the community that may log in, by name."""
    return await tx.rows(SQL.staff, StaffRow, tx.community)


async def staff_of(tx: Tx, account_id: int) -> StaffRow | None:
    """One of them; None where the account has no role here."""
    return next((one for one in await staff(tx) if one.account_id == account_id), None)


async def give_number(tx: Tx, account_id: int, number: str, by: str) -> None:
    """Give an account its number, or another one; its PIN stays. Raises StaffNumberWrongError, StaffNumberTakenError."""
    given = _folded(number)
    if not NUMBER.fullmatch(given):
        raise StaffNumberWrongError(field="/number", value=number[:80])
    try:
        await tx.run(SQL.give_number, tx.community, account_id, given)
    except asyncpg.UniqueViolationError as problem:
        raise StaffNumberTakenError(field="/number", value=given) from problem
    await note(tx, Noted("numbered", account_id=account_id, by=by, words=given))


async def hash_pin(pin: str, number: str) -> str:
    """The argon2id hash to store; raises PinUnfitError for what anybody would try first. Takes some 50 ms: outside of transactions."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST) or is_plain(pin, number):
        raise PinUnfitError(field="/pin", shortest=SHORTEST, longest=LONGEST)
    return await passwords.hash_pin(pin)


def is_plain(pin: str, number: str) -> bool:
    """One digit again and again, a run up or down, or the number itself. Pure."""
    steps = {(int(after) - int(before)) % 10 for before, after in zip(pin, pin[1:], strict=False)}
    return steps in ({0}, {1}, {9}) or pin == number


async def set_pin(tx: Tx, account_id: int, hashed: str, by: str) -> None:
    """Store a new PIN and end what is open by the old one; raises StaffNumberMissingError where the account has no number yet."""
    if not await tx.run(SQL.set_pin, tx.community, account_id, hashed, tx.now, by):
        raise StaffNumberMissingError()
    await tx.run(SQL.delete_pin_sessions_of, account_id)
    await note(tx, Noted("pin_set", account_id=account_id, by=by))


async def clear_pin(tx: Tx, account_id: int, by: str) -> None:
    """Take a PIN away, and end what is open by it."""
    if await tx.run(SQL.clear_pin, tx.community, account_id):
        await tx.run(SQL.delete_pin_sessions_of, account_id)
        await note(tx, Noted("pin_cleared", account_id=account_id, by=by))


def _folded(number: str) -> str:
    return number.replace("\0", "").strip().upper()
