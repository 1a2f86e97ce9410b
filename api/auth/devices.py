"""Desk devices: browsers that a supervisor has enrolled. What they may do without anybody signed on is `roles.DEVICE_GRANTS`.

A device's cookie is opaque, stored as its hash, and ends with its withdrawal. It opens no list and no whole number, and not the JSON interface.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg
from aiohttp import web

from api.auth import cookies
from api.auth.desk_log import Noted, note
from api.auth.random_tokens import digest, new_token
from api.errors import DeviceNameTakenError, DeviceNameWrongError, NotFoundError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.settings import Settings
from tocsin.base.work import lower

SQL = load_queries(__package__)
COOKIE = "tocsin-desk"
COOKIE_SECONDS = 400 * 24 * 3600
"""The longest that Chrome keeps a cookie; the desk's page renews it."""
LONGEST_NAME = 40
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled browser; `csrf` goes into every form that it is shown."""

    id: int
    community_id: int
    name: str
    csrf: str = field(repr=False)
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as its page lists it; the instants are story time."""

    id: int
    name: str
    enrolled_by: str
    enrolled_at: datetime
    last_seen_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    signed_on: str | None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device and the value of its cookie, which is not shown again."""

    device_id: int
    cookie: str = field(repr=False)


async def enrol(tx: Tx, name: str, by: str) -> Enrolled:
    """Make a device of the transaction's community; raises DeviceNameWrongError, DeviceNameTakenError."""
    token, shown = new_token(), _name(name)
    try:
        device_id: int = await tx.value(SQL.insert_device, tx.community, digest(token), new_token(), shown, by, tx.now)
    except asyncpg.UniqueViolationError as problem:
        raise DeviceNameTakenError(field="/name", value=shown) from problem
    lower(tx, "handovers", tx.now)  # from now on a change of shift can be signed, and missed
    await note(tx, Noted("enrolled", device_id=device_id, by=by, words=shown))
    return Enrolled(device_id, token)


async def rename(tx: Tx, device_id: int, name: str, by: str) -> None:
    """Give a device another name; the record keeps the old one. Raises NotFoundError, DeviceNameWrongError, DeviceNameTakenError."""
    shown = _name(name)
    try:
        if not await tx.run(SQL.rename_device, tx.community, device_id, shown):
            raise NotFoundError(value=device_id)
    except asyncpg.UniqueViolationError as problem:
        raise DeviceNameTakenError(field="/name", value=shown) from problem
    await note(tx, Noted("renamed", device_id=device_id, by=by, words=shown))


async def withdraw(tx: Tx, device_id: int, by: str) -> None:
    """End a device and whoever is signed on at it, at once; twice is once. Raises NotFoundError."""
    name = await tx.value(SQL.withdraw_device, tx.community, device_id, tx.now, by)
    if name is None:
        if await tx.value(SQL.device_of_community, tx.community, device_id) is None:
            raise NotFoundError(value=device_id)
        return
    await tx.run(SQL.delete_sessions_at, device_id)
    await note(tx, Noted("withdrawn", device_id=device_id, by=by, words=name))


async def list_devices(tx: Tx) -> list[DeviceRow]:
    """Every device there is or was, those in use first; who is signed on at it by PIN."""
    return await tx.rows(SQL.devices, DeviceRow, tx.community, tx.now)


async def read_device(tx: Tx, token: str) -> Device | None:
    """The device with this cookie, which was seen just now; None where there is none in use."""
    device = await tx.maybe(SQL.read_device, Device, digest(token))
    if device is not None and tx.now - device.last_seen_at >= SEEN_EVERY:
        await tx.run(SQL.device_seen, device.id, tx.now)
    return device


def cookie_of(request: web.Request, settings: Settings) -> str | None:
    """The device's cookie that came with a request."""
    return request.cookies.get(cookies.cookie_name(settings, COOKIE))


def keep_cookie(response: web.StreamResponse, settings: Settings, token: str) -> None:
    """Make the browser a desk device, or let it stay one."""
    cookies.keep(response, settings, COOKIE, token, COOKIE_SECONDS)


def _name(sent: str) -> str:
    name = " ".join(sent.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise DeviceNameWrongError(field="/name", value=name[:80], longest=LONGEST_NAME)
    return name
