"""Desk devices: which browsers are a desk of the community, seen when, and their withdrawal. One is enrolled at the browser itself."""

from datetime import datetime

from pydantic import Field

from api.auth.devices import list_devices, withdraw
from api.fields import Shown
from api.route import Call
from api.v1.changes import Empty
from api.v1.shapes import Id


class DeskDeviceShown(Shown):
    """A browser that is or was a desk; `signed_on` is who is at it by PIN now."""

    id: Id
    name: str
    enrolled_by: str
    enrolled_at: datetime
    last_seen_at: datetime
    signed_on: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None


class DeskDeviceList(Shown):
    """Every one, those in use first."""

    items: list[DeskDeviceShown] = Field(description="Those in use first")


async def list_desk_devices(call: Call) -> DeskDeviceList:
    """List the browsers that are or were a desk, and who is signed on at them."""
    return DeskDeviceList(
        items=[
            DeskDeviceShown(
                id=str(one.id), name=one.name, enrolled_by=one.enrolled_by, enrolled_at=one.enrolled_at, last_seen_at=one.last_seen_at,
                signed_on=one.signed_on, withdrawn_at=one.withdrawn_at, withdrawn_by=one.withdrawn_by,
            )
            for one in await list_devices(call.tx)
        ]
    )  # fmt: skip


async def withdraw_desk_device(call: Call) -> Empty:
    """End a desk device and whoever is signed on at it, at once."""
    await withdraw(call.tx, call.id_of("device"), call.caller.actor.name)
    return Empty()
