"""Addresses: masked everywhere, and whole for whoever has to dial, which is noted; how good they are, as the desk learns it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.errors import PermissionLackingError
from api.fields import Body, Shown, Versioned
from api.route import Call
from api.v1.records import Removed, WhyBody, looker, masked_address, unless_stale
from api.v1.shapes import Id
from people.contact.quality import say_quality
from people.directory.access import look_at_address
from people.directory.contact_points import (
    ContactPoint,
    ContactPointChange,
    change_contact_point,
    contact_point,
    give_contact_point,
    remove_contact_point,
)
from people.directory.persons import check_version, person_in_full
from people.persons import ContactKind, NewContactPoint, Quality

Purpose = Literal["alert", "emergency", "notice"]


class ProxyBody(Body):
    """Somebody else whose address it is; the person counts as reached only when they confirm."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    relation: Annotated[str, Field(min_length=1, max_length=40, examples=["son"])]


class _AddressFields(Body):
    consent: Annotated[list[Purpose], Field(max_length=3, description="Purposes; left out: all that go with the person")] | None = None
    consent_source: Annotated[str, Field(max_length=120, examples=["form of 2026-03-01"])] = ""
    proxy: ProxyBody | None = None


class AddressBody(_AddressFields):
    """An address as people write it; a landline can only be called."""

    kind: ContactKind
    address: Annotated[str, Field(min_length=1, max_length=120, examples=["138 0013 8000"])]


class NewAddressBody(AddressBody):
    """An address of somebody; rank 0 is tried first."""

    rank: int = Field(0, ge=0, le=100)


class ContactPointBody(_AddressFields):
    """What is to be noted of an address; another address is another contact point."""

    rank: int = Field(ge=0, le=100)
    consent: Annotated[list[Purpose], Field(max_length=3)]


class QualityBody(Body):
    """What the desk learnt: it works, it is wrong, it belongs to somebody else, its owner wants no more texts."""

    said: Literal["confirmed", "wrong_number", "belongs_to_other", "opted_out", "unproven"]


class ProxyShown(Shown):
    """Whose address it is."""

    name: str
    relation: str


class ContactPointShown(Versioned):
    """An address, masked."""

    id: Id
    person: Id
    kind: str
    address: str
    rank: int
    consent: list[str]
    consent_source: str
    quality: Quality
    quality_reason: str | None
    quality_at: datetime | None
    failures: int = Field(description="In a row since it last worked")
    proxy: ProxyShown | None


class AddressShown(Shown):
    """The whole address; that it was looked at is noted."""

    id: Id
    kind: str
    address: str


_SAID: dict[str, Quality] = {
    "confirmed": "good", "wrong_number": "wrong", "belongs_to_other": "wrong", "opted_out": "opted_out", "unproven": "unproven",
}  # fmt: skip


async def create_contact_point(call: Call, body: NewAddressBody) -> ContactPointShown:
    """Add an address of somebody."""
    person_id = call.id_of("person")
    await check_version(call.tx, person_id)
    kind = (await person_in_full(call.tx, person_id)).kind
    new = NewContactPoint(
        person_id, body.kind, body.address, body.rank, consent_of(body, kind), proxy=proxy_of(body), consent_source=body.consent_source
    )
    return await shown_contact_point(call, await give_contact_point(call.tx, new))


async def change_contact_point_record(call: Call, body: ContactPointBody) -> ContactPointShown:
    """Change the order, the consent or the proxy of an address."""
    point_id = call.id_of("point")
    change = ContactPointChange(body.rank, body.consent, body.consent_source, proxy_of(body))
    await unless_stale(call, change_contact_point(call.tx, point_id, call.version_seen(), change), shown_contact_point, point_id)
    return await shown_contact_point(call, point_id)


async def remove_contact_point_record(call: Call) -> Removed:
    """Remove an address that is not somebody's any more."""
    point_id = call.id_of("point")
    await unless_stale(call, remove_contact_point(call.tx, point_id, call.version_seen()), shown_contact_point, point_id)
    return Removed(id=str(point_id))


async def judge_contact_point(call: Call, body: QualityBody) -> ContactPointShown:
    """Say what the desk learnt of an address."""
    point_id = call.id_of("point")
    await contact_point(call.tx, point_id)
    await say_quality(call.tx, point_id, _SAID[body.said], reason=body.said, by=call.caller.actor.name)
    return await shown_contact_point(call, point_id)


async def look_at_contact_point(call: Call, body: WhyBody) -> AddressShown:
    """See a whole number or mailbox; who looked, and what for, is noted."""
    point = await contact_point(call.tx, call.id_of("point"))
    if not call.caller.may("desk") and (await person_in_full(call.tx, point.person_id)).kind != "staff":
        raise PermissionLackingError(permission="desk", roles=", ".join(sorted(call.caller.roles)))
    address = await look_at_address(call.tx, point.id, looker(call), body.why)
    return AddressShown(id=str(point.id), kind=point.kind, address=address)


async def shown_contact_point(call: Call, point_id: int) -> ContactPointShown:
    """An address as the interface shows it; raises ContactPointUnknownError."""
    return show_point(await contact_point(call.tx, point_id))


def show_point(point: ContactPoint) -> ContactPointShown:
    """An address, masked."""
    proxy = ProxyShown(name=point.proxy_name, relation=point.proxy_relation or "") if point.proxy_name else None
    return ContactPointShown(
        id=str(point.id), person=str(point.person_id), kind=point.kind, address=masked_address(point.address), rank=point.rank,
        consent=point.consent, consent_source=point.consent_source, quality=point.quality, quality_reason=point.quality_reason,
        quality_at=point.quality_at, failures=point.failures, proxy=proxy, version=point.version,
    )  # fmt: skip


def consent_of(body: _AddressFields, kind: str) -> tuple[str, ...]:
    """The purposes that were agreed to; where none are named, those that go with the person: alerts for staff, news for residents."""
    if body.consent is not None:
        return tuple(dict.fromkeys(body.consent))
    return ("alert", "emergency", "notice") if kind == "staff" else ("emergency", "notice")


def proxy_of(body: _AddressFields) -> tuple[str, str] | None:
    """Whose address it is, if not the person's own."""
    return (body.proxy.name, body.proxy.relation) if body.proxy else None
