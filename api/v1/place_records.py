"""Places one by one: what is noted of them, what is read to 119 and 120, who lives there."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown, Versioned
from api.route import Call
from api.v1.records import Names, Removed, in_language, unless_stale
from api.v1.shapes import Id, PlaceText, find_place
from people.directory.persons import members_of
from people.directory.places import PlaceChange, PlaceInFull, change_place, place_in_full, remove_place
from people.places import FacilityKind, HomeUse, NewPlace, Occupancy, PlaceKind, add_place

Texts = Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=20)]
Address = Annotated[str, Field(min_length=1, max_length=200)]
RescueCode = Annotated[str, Field(pattern="^[0-9A-Za-z]{3,20}$")]


class _PlaceFields(Body):
    names: Names
    label: Annotated[str, Field(max_length=60, description="Within the place around it: 15, 1502, Elevator 1", examples=["3"])]
    rank: int = Field(0, ge=-1000, le=100_000, description="Order within the place around it; a floor's label is not its height")
    rescue_code: RescueCode | None = None
    occupancy: Occupancy = "occupied"
    home_use: HomeUse = "dwelling"
    civil_address: Address | None = Field(None, description="As 119 and 120 need it; null: that of the place around it")
    gate: Address | None = Field(None, description="The gate for engines and ambulances; null: that of the place around it")
    intercom: Annotated[str, Field(min_length=1, max_length=30)] | None = None
    cameras: Texts = []
    aliases: Texts = []


class NewPlaceBody(_PlaceFields):
    """A place to be added under another one."""

    kind: PlaceKind = Field(examples=["building"])
    parent: PlaceText = Field(examples=["0"])
    code: Annotated[str, Field(min_length=1, max_length=60, examples=["13"])]
    facility_kind: FacilityKind | None = None


class PlaceChangeBody(_PlaceFields):
    """All that is to be noted of a place; its code and the place around it stay."""

    serves: Annotated[list[PlaceText], Field(max_length=500)] = []


class PlaceRecord(Versioned):
    """A place as a whole."""

    id: Id
    kind: str
    parent: Id | None
    facility_kind: str | None
    code: str
    name: str
    names: dict[str, str]
    label: str
    rank: int
    rescue_code: str | None
    occupancy: Occupancy
    home_use: HomeUse
    civil_address: str | None
    gate: str | None
    intercom: str | None
    cameras: list[str]
    aliases: list[str]
    serves: list[Id]
    served_by: list[Id]
    address_to_read: str = Field(description="What is read to 119 and 120")
    gate_to_read: str


class MemberShown(Shown):
    """Somebody who lives, or lived, in a home."""

    person: Id
    name: str
    language: str
    preferred_means: str
    role: str
    since: date | None
    until: date | None
    needs_help: bool


class MemberList(Shown):
    """Those who live there first."""

    items: list[MemberShown]


async def get_place_record(call: Call) -> PlaceRecord:
    """Read one place with everything that is noted of it."""
    return await shown_place(call, call.id_of("place"))


async def create_place(call: Call, body: NewPlaceBody) -> PlaceRecord:
    """Add a place."""
    parent = await find_place(call.tx, body.parent, "/parent")
    if (body.kind == "facility") != (body.facility_kind is not None):
        raise BodyInvalidError([FieldFault("/facility_kind", "field.goes_with_facilities", {}, body.facility_kind)])
    _check_home_fields(body, body.kind)
    new = NewPlace(
        body.kind, parent.id, body.code, dict(body.names), body.label, body.rank, body.facility_kind, body.rescue_code, body.occupancy,
        body.home_use, body.civil_address, body.gate, body.intercom, tuple(body.cameras), tuple(body.aliases),
    )  # fmt: skip
    return await shown_place(call, await add_place(call.tx, new))


async def change_place_record(call: Call, body: PlaceChangeBody) -> PlaceRecord:
    """Change what is noted of a place."""
    place_id = call.id_of("place")
    present = await place_in_full(call.tx, place_id)
    _check_home_fields(body, present.kind)
    if body.serves and present.kind != "facility":
        raise BodyInvalidError([FieldFault("/serves", "field.goes_with_facilities", {}, None)])
    serves = [(await find_place(call.tx, one, f"/serves/{index}")).id for index, one in enumerate(body.serves)]
    change = PlaceChange(
        dict(body.names), body.label, body.rank, body.rescue_code, body.occupancy, body.home_use, body.civil_address, body.gate,
        body.intercom, body.cameras, body.aliases, serves,
    )  # fmt: skip
    await unless_stale(call, change_place(call.tx, place_id, call.version_seen(), change), shown_place, place_id)
    return await shown_place(call, place_id)


async def remove_place_record(call: Call) -> Removed:
    """Remove a place that was entered by mistake and that nothing stands on."""
    place_id = call.id_of("place")
    await unless_stale(call, remove_place(call.tx, place_id, call.version_seen()), shown_place, place_id)
    return Removed(id=str(place_id))


async def list_members(call: Call) -> MemberList:
    """List who lives and lived in a home."""
    place_id = call.id_of("place")
    await place_in_full(call.tx, place_id)
    return MemberList(
        items=[
            MemberShown(
                person=str(one.person_id), name=one.name, language=one.language, preferred_means=one.preferred_means, role=one.role,
                since=one.since, until=one.until, needs_help=one.needs_help,
            )
            for one in await members_of(call.tx, place_id)
        ]
    )  # fmt: skip


async def shown_place(call: Call, place_id: int) -> PlaceRecord:
    """One place as the interface shows it; raises PlaceUnknownError."""
    return show(await place_in_full(call.tx, place_id), call.language)


def show(place: PlaceInFull, language: str) -> PlaceRecord:
    """A place in the caller's language."""
    return PlaceRecord(
        id=str(place.id), kind=place.kind, parent=str(place.parent_id) if place.parent_id is not None else None,
        facility_kind=place.facility_kind, code=place.code, name=in_language(place.names, language), names=place.names,
        label=place.label, rank=place.rank, rescue_code=place.rescue_code, occupancy=place.occupancy, home_use=place.home_use,
        civil_address=place.civil_address, gate=place.gate, intercom=place.intercom, cameras=place.cameras, aliases=place.aliases,
        serves=[str(one) for one in place.serves], served_by=[str(one) for one in place.served_by],
        address_to_read=place.address_to_read, gate_to_read=place.gate_to_read, version=place.version,
    )  # fmt: skip


def _check_home_fields(body: _PlaceFields, kind: str) -> None:
    """What is said of homes only is not said of anything else."""
    faults = [
        FieldFault(f"/{name}", "field.goes_with_homes", {}, value)
        for name, value, usual in (("occupancy", body.occupancy, "occupied"), ("home_use", body.home_use, "dwelling"))
        if kind != "home" and value != usual
    ]
    if faults:
        raise BodyInvalidError(faults)
