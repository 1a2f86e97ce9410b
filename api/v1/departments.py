"""Departments, the posts that are held by name, certificates, and whether somebody will be there."""

from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import Field

from api.fields import Body, Shown, Versioned
from api.route import Call
from api.v1.canaries import WayShown, show_way
from api.v1.outside_numbers import OutsideNumberRecord, show_number
from api.v1.people import CertificateShown
from api.v1.records import Key, Names, Removed, in_language, today, unless_stale
from api.v1.shapes import Id
from notifiers.canaries.ways import ways_not_proven
from people.directory.posts import leave_post, posts
from people.duty.certificates import Certificate, certificates, give_certificate, remove_certificate
from people.duty.departments import (
    DepartmentInFull,
    Hours,
    change_department,
    department_in_full,
    departments_in_full,
    found_department,
)
from people.duty.readiness import DAYS, Gap, readiness
from people.errors import DepartmentUnknownError
from people.rosters import Tier, add_post

Weekday = Annotated[int, Field(ge=1, le=7, description="Monday is 1")]


class HoursBody(Body):
    """From `opens` on this day until the next `closes` after it, by the community's wall clock; 00:00 closes at midnight."""

    tier: Tier
    weekday: Weekday
    opens: time
    closes: time


class DepartmentBody(Body):
    """A team to be added; `key` is the playbooks' word for it."""

    key: Key = Field(examples=["building_3"])
    names: Names


class DepartmentChangeBody(Body):
    """All that is to be noted of a team; a tier without hours is to be filled around the clock."""

    names: Names
    tiers: Annotated[list[Tier], Field(max_length=3)] = ["duty", "backup", "lead"]
    hours: Annotated[list[HoursBody], Field(max_length=100)] = []


class HoursShown(Shown):
    """When a tier is to be filled."""

    tier: Tier
    weekday: int
    opens: time
    closes: time


class DepartmentRecord(Versioned):
    """A team."""

    id: Id
    key: str
    name: str
    names: dict[str, str]
    tiers: list[Tier]
    hours: list[HoursShown]


class DepartmentList(Shown):
    """All teams."""

    items: list[DepartmentRecord]


class PostBody(Body):
    """Who holds a post; `role` is the playbooks' word for it."""

    role: Key = Field(examples=["night_manager"])
    person: Id


class PostShown(Shown):
    """Who holds a post."""

    role: str
    person: Id
    name: str


class PostList(Shown):
    """All posts that are held."""

    items: list[PostShown]


class CertificateBody(Body):
    """What a member of staff is certified for; a renewal is the same kind once more."""

    person: Id
    kind: Key = Field(examples=["elevator_rescue"])
    number: Annotated[str, Field(max_length=60)] = ""
    expires_on: date = Field(description="Valid through this day")


class CertificateQuery(Body):
    """Of one person, or of all."""

    person: Id | None = None


class CertificateList(Shown):
    """The soonest to expire first."""

    items: list[CertificateShown]


class ReadinessQuery(Body):
    """How far ahead."""

    days: int = Field(DAYS, ge=1, le=60)


class GapShown(Shown):
    """Nobody is there although somebody should be, or no alert could reach who is."""

    department: str
    department_name: str
    tier: Tier
    starts_at: datetime
    ends_at: datetime
    why: Literal["nobody", "unreachable"]
    name: str | None


class UnwakeableShown(Shown):
    """Somebody whom no telephone can wake."""

    person: Id
    name: str


class ReadinessShown(Shown):
    """What is not ready: gaps by department and tier, certificates about to expire, numbers that nobody rang lately, ways to residents
    that the test of the day did not prove."""

    starts_at: datetime
    ends_at: datetime
    gaps: list[GapShown]
    expiring: list[CertificateShown]
    unchecked: list[OutsideNumberRecord]
    ways_not_proven: list[WayShown]
    unwakeable: list[UnwakeableShown] = Field(
        description="On duty in these days, and only mail or chat reaches them: no telephone can wake them"
    )


async def list_departments(call: Call) -> DepartmentList:
    """List all departments."""
    return DepartmentList(items=[show_department(one, call.language) for one in await departments_in_full(call.tx)])


async def create_department(call: Call, body: DepartmentBody) -> DepartmentRecord:
    """Add a department."""
    await found_department(call.tx, body.key, dict(body.names))
    return show_department(await department_in_full(call.tx, body.key), call.language)


async def change_department_record(call: Call, body: DepartmentChangeBody) -> DepartmentRecord:
    """Change what a department is called, and when its tiers are to be filled."""
    department_id = call.id_of("department")
    key = await _key_of(call, department_id)
    hours = [Hours(one.tier, one.weekday, one.opens, one.closes) for one in body.hours]
    change = change_department(call.tx, key, call.version_seen(), names=dict(body.names), tiers=body.tiers, hours=hours)
    await unless_stale(call, change, _shown_department, department_id)
    return await _shown_department(call, department_id)


async def list_posts(call: Call) -> PostList:
    """List who holds which post."""
    return PostList(items=[PostShown(role=one.role, person=str(one.person_id), name=one.name) for one in await posts(call.tx)])


async def give_post(call: Call, body: PostBody) -> PostList:
    """Let a member of staff hold a post."""
    await add_post(call.tx, body.role, int(body.person))
    return await list_posts(call)


async def take_post(call: Call, body: PostBody) -> PostList:
    """Let somebody hold a post no more."""
    await leave_post(call.tx, body.role, int(body.person))
    return await list_posts(call)


async def list_certificates(call: Call, query: CertificateQuery) -> CertificateList:
    """List certificates, the soonest to expire first."""
    found = await certificates(call.tx, person_id=int(query.person) if query.person else None)
    day = await today(call.tx)
    return CertificateList(items=[show_certificate(one, day) for one in found])


async def note_certificate(call: Call, body: CertificateBody) -> CertificateList:
    """Note a certificate, or its renewal."""
    await give_certificate(call.tx, int(body.person), body.kind, body.number, body.expires_on)
    return await list_certificates(call, CertificateQuery(person=body.person))


async def remove_certificate_record(call: Call) -> Removed:
    """Remove a certificate that was withdrawn."""
    certificate_id = call.id_of("certificate")
    await remove_certificate(call.tx, certificate_id)
    return Removed(id=str(certificate_id))


async def read_readiness(call: Call, query: ReadinessQuery) -> ReadinessShown:
    """Say what is not ready in the coming days."""
    found = await readiness(call.tx, days=query.days)
    names = {one.key: in_language(one.names, call.language) for one in await departments_in_full(call.tx)}
    day = await today(call.tx)
    return ReadinessShown(
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        gaps=[_gap(one, names) for one in found.gaps],
        expiring=[show_certificate(one, day) for one in found.expiring],
        unchecked=[show_number(one, call.language) for one in found.unchecked],
        ways_not_proven=[show_way(one, call.language) for one in await ways_not_proven(call.tx)],
        unwakeable=[UnwakeableShown(person=str(one.person_id), name=one.name) for one in found.unwakeable],
    )


def show_certificate(one: Certificate, day: date) -> CertificateShown:
    """A certificate, and whether it is valid on `day`."""
    return CertificateShown(
        id=str(one.id), person=str(one.person_id), name=one.name, kind=one.kind, number=one.number, expires_on=one.expires_on,
        valid=one.expires_on >= day,
    )  # fmt: skip


def show_department(one: DepartmentInFull, language: str) -> DepartmentRecord:
    """A department in the caller's language."""
    hours = [HoursShown(tier=hour.tier, weekday=hour.weekday, opens=hour.opens, closes=hour.closes) for hour in one.cover]
    return DepartmentRecord(
        id=str(one.id), key=one.key, name=in_language(one.names, language), names=one.names, tiers=one.tiers, hours=hours,
        version=one.version,
    )  # fmt: skip


def _gap(gap: Gap, names: dict[str, str]) -> GapShown:
    return GapShown(
        department=gap.department, department_name=names.get(gap.department, gap.department), tier=gap.tier, starts_at=gap.starts_at,
        ends_at=gap.ends_at, why=gap.why, name=gap.name,
    )  # fmt: skip


async def _key_of(call: Call, department_id: int) -> str:
    for one in await departments_in_full(call.tx):
        if one.id == department_id:
            return one.key
    raise DepartmentUnknownError(value=department_id)


async def _shown_department(call: Call, department_id: int) -> DepartmentRecord:
    return show_department(await department_in_full(call.tx, await _key_of(call, department_id)), call.language)
