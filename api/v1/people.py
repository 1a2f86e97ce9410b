"""People: who lives and works there, where, in which language, and by what means they want to be told."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown, Versioned
from api.route import Call
from api.v1.contact_points import AddressBody, ContactPointShown, consent_of, proxy_of, show_point
from api.v1.records import Tag, in_language, today, unless_stale
from api.v1.shapes import Id, Page, PlaceText, find_place
from people.contact.quality import lacks_phone
from people.directory.contact_points import contact_points_of, give_contact_point
from people.directory.needs import need_of
from people.directory.persons import (
    PersonChange,
    change_person,
    check_version,
    end_residence,
    list_people,
    merge_person,
    person_in_full,
    residences_of,
    set_plates,
)
from people.duty.certificates import certificates
from people.persons import NewContactPoint, NewResidence, PreferredMeans, add_person, add_residence
from people.search.index import reindex_people

Plates = Annotated[list[Annotated[str, Field(min_length=2, max_length=15)]], Field(max_length=20)]
ResidentRole = Literal["owner", "tenant", "family"]


class PersonFields(Body):
    """What may be noted of somebody."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    language: Tag = Field("zh-CN", description="BCP 47; yue and wuu are possible", examples=["zh-CN", "en", "yue"])
    preferred_means: PreferredMeans = "write"
    dialect: Annotated[str, Field(max_length=80)] = Field("", examples=["speaks Wenzhounese, ask Chen"])
    note: Annotated[str, Field(max_length=500)] = ""
    plates: Plates = []


class ResidenceBody(Body):
    """Somebody moves in; dates are the community's."""

    home: PlaceText
    role: ResidentRole = "owner"
    since: date | None = None
    until: date | None = None


class PersonBody(PersonFields):
    """Somebody to be added, with their addresses and homes."""

    kind: Literal["staff", "resident"]
    contact_points: Annotated[list[AddressBody], Field(max_length=20)] = []
    homes: Annotated[list[ResidenceBody], Field(max_length=50)] = []


class MoveOutBody(Body):
    """Somebody moves out; from `on` they live there no more. Without it: from today."""

    home: PlaceText
    on: date | None = None


class MergeBody(Body):
    """The entry that stays."""

    into: Id


class PeoplePage(Page):
    """Residents or staff, in the order of their pinyin."""

    kind: Literal["staff", "resident"]


class PersonListed(Shown):
    """One line."""

    id: Id
    kind: str
    name: str
    language: str
    preferred_means: str


class PeopleList(Shown):
    """A page of people."""

    items: list[PersonListed]
    next: str | None


class ResidenceShown(Shown):
    """A home somebody lives or lived in."""

    home: Id
    code: str
    name: str
    role: str
    since: date | None
    until: date | None


class CertificateShown(Shown):
    """What a member of staff is certified for, through `expires_on`."""

    id: Id
    person: Id
    name: str
    kind: str
    number: str
    expires_on: date
    valid: bool


class NeedShown(Shown):
    """Who is told and confirmed first; why is not shown here."""

    powered_device: bool
    confirmer_role: str


class PersonRecord(Versioned):
    """Somebody as a whole; addresses are masked."""

    id: Id
    kind: str
    name: str
    language: str
    preferred_means: PreferredMeans
    dialect: str
    note: str
    plates: list[str]
    posts: list[str]
    merged_into: Id | None
    contact_points: list[ContactPointShown]
    homes: list[ResidenceShown]
    certificates: list[CertificateShown]
    need: NeedShown | None
    warnings: list[Literal["no_phone"]] = Field(description="no_phone: only mail or chat reaches them, so nobody can wake them at night")


async def list_all_people(call: Call, query: PeoplePage) -> PeopleList:
    """List residents or staff."""
    after = read_cursor(query.after, 1)[0] if query.after else 0
    found = await list_people(call.tx, query.kind, after=after, limit=query.limit)
    return PeopleList(
        items=[
            PersonListed(id=str(one.id), kind=one.kind, name=one.name, language=one.language, preferred_means=one.preferred_means)
            for one in found
        ],
        next=make_cursor(found[-1].id) if len(found) == query.limit else None,
    )


async def get_person(call: Call) -> PersonRecord:
    """Read one person with everything that is noted of them; addresses are masked."""
    return await shown_person(call, call.id_of("person"))


async def create_person(call: Call, body: PersonBody) -> PersonRecord:
    """Add somebody, with their addresses and homes."""
    if body.kind == "staff" and body.homes:
        raise BodyInvalidError([FieldFault("/homes", "field.goes_with_residents", {}, None)])
    person_id = await add_person(
        call.tx, kind=body.kind, name=body.name, language=body.language, preferred_means=body.preferred_means, dialect=body.dialect,
        note=body.note,
    )  # fmt: skip
    await set_plates(call.tx, person_id, body.plates)
    for rank, one in enumerate(body.contact_points):
        new = NewContactPoint(
            person_id, one.kind, one.address, rank, consent_of(one, body.kind), proxy=proxy_of(one), consent_source=one.consent_source
        )
        await give_contact_point(call.tx, new)
    for index, residence in enumerate(body.homes):
        await _move_in(call, person_id, residence, f"/homes/{index}")
    await reindex_people(call.tx, [person_id])
    return await shown_person(call, person_id)


async def change_person_record(call: Call, body: PersonFields) -> PersonRecord:
    """Change what is noted of somebody."""
    person_id = call.id_of("person")
    change = PersonChange(body.name, body.language, body.preferred_means, body.dialect, body.note, body.plates)
    await unless_stale(call, change_person(call.tx, person_id, call.version_seen(), change), shown_person, person_id)
    return await shown_person(call, person_id)


async def move_in(call: Call, body: ResidenceBody) -> PersonRecord:
    """Let somebody live in a home, or change since when and until when they do."""
    person_id = call.id_of("person")
    await check_version(call.tx, person_id)
    await _move_in(call, person_id, body, "")
    return await shown_person(call, person_id)


async def _move_in(call: Call, person_id: int, body: ResidenceBody, field: str) -> None:
    home = await find_place(call.tx, body.home, f"{field}/home")
    if home.kind != "home":
        raise BodyInvalidError([FieldFault(f"{field}/home", "field.not_a_home", {}, body.home)])
    if body.since is not None and body.until is not None and body.until <= body.since:
        raise BodyInvalidError([FieldFault(f"{field}/until", "field.before_its_beginning", {}, body.until.isoformat())])
    await add_residence(call.tx, NewResidence(person_id, home.id, body.role, body.since, body.until))


async def move_out(call: Call, body: MoveOutBody) -> PersonRecord:
    """Let somebody live in a home no more, from a date on."""
    person_id = call.id_of("person")
    home = await find_place(call.tx, body.home, "/home")
    await end_residence(call.tx, person_id, home.id, body.on or await today(call.tx))
    return await shown_person(call, person_id)


async def merge_people(call: Call, body: MergeBody) -> PersonRecord:
    """Make two entries of one resident one; what belonged to this one goes to the other."""
    into = int(body.into)
    await merge_person(call.tx, call.id_of("person"), into)
    return await shown_person(call, into)


async def shown_person(call: Call, person_id: int) -> PersonRecord:
    """Somebody as the interface shows them; raises PersonUnknownError."""
    person = await person_in_full(call.tx, person_id)
    need = await need_of(call.tx, person_id)
    day, points = await today(call.tx), await contact_points_of(call.tx, person_id)
    return PersonRecord(
        id=str(person.id), kind=person.kind, name=person.name, language=person.language, preferred_means=person.preferred_means,
        dialect=person.dialect, note=person.note, plates=person.plates, posts=person.posts, version=person.version,
        merged_into=str(person.merged_into) if person.merged_into is not None else None,
        contact_points=[show_point(one) for one in points],
        homes=[
            ResidenceShown(
                home=str(one.home_id), code=one.code, name=in_language(one.names, call.language), role=one.role, since=one.since,
                until=one.until,
            )
            for one in await residences_of(call.tx, person_id)
        ],
        certificates=[
            CertificateShown(
                id=str(one.id), person=str(one.person_id), name=one.name, kind=one.kind, number=one.number, expires_on=one.expires_on,
                valid=one.expires_on >= day,
            )
            for one in await certificates(call.tx, person_id=person_id)
        ],
        need=NeedShown(powered_device=need.powered_device, confirmer_role=need.confirmer_role) if need else None,
        warnings=["no_phone"] if lacks_phone((one.kind, one.quality) for one in points) else [],
    )  # fmt: skip
