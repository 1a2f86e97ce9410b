"""Canaries: who gets the test message of each day for which building, and which ways to residents it has proven."""

from datetime import datetime, time
from typing import Literal

from pydantic import Field

from api.cursors import make_cursor, read_cursor
from api.fields import Body, Shown
from api.route import Call
from api.v1.changes import Empty
from api.v1.records import in_language
from api.v1.shapes import Id, Page, PlaceText, find_place
from notifiers.canaries.named import canaries, name_canary, withdraw_canary
from notifiers.canaries.plan import canary_plan, change_canary_plan
from notifiers.canaries.sending import send_test_now
from notifiers.canaries.ways import Evidence, PastTest, Way, past_tests, ways


class CanaryBody(Body):
    """Somebody who stands for a building, or for the whole community."""

    place: PlaceText = Field(examples=["3"])
    person: Id


class CanaryPlanBody(Body):
    """When the test of each day goes out, by the community's wall clock, and how long its proof is waited for."""

    test_at: time = Field(examples=["10:00:00"])
    within_minutes: int = Field(ge=5, le=720, examples=[30])
    enabled: bool = Field(examples=[True])


class CanaryPlanShown(Shown):
    """When the test of each day goes out."""

    test_at: time
    within_minutes: int
    enabled: bool


class CanaryShown(Shown):
    """Who stands for a place; `address_kinds` are the kinds of address by which they can be tested."""

    place: Id
    code: str
    place_name: str
    person: Id
    name: str
    named_by: str
    named_at: datetime
    address_kinds: list[str]


class CanaryList(Shown):
    """The plan, and all who are named."""

    plan: CanaryPlanShown
    items: list[CanaryShown]


class WayShown(Shown):
    """One way to the residents of a place. A place without canaries of its own is proven by the community's."""

    place: Id
    code: str
    place_name: str
    channel: Id
    medium: str
    gateway: str
    state: Literal["proven", "waiting", "not_proven", "untested", "nobody"]
    proven_at: datetime | None = Field(description="When it was proven last")
    evidence: Evidence | None
    why: str | None = Field(description="Why it is not proven, as a code")


class WayList(Shown):
    """Every way that has canaries, and how many of them must be looked after."""

    items: list[WayShown]
    not_proven: int


class TestSent(Shown):
    """How many channels a test left by."""

    sent: int


class TestedPlaceShown(Shown):
    """What a test came to at one place."""

    place: Id
    place_name: str
    proven_at: datetime | None
    evidence: Evidence | None
    why: str | None


class PastTestShown(Shown):
    """A test of the past."""

    id: Id
    channel: Id
    medium: str
    gateway: str
    sent_at: datetime
    due_at: datetime
    places: list[TestedPlaceShown]


class PastTestList(Shown):
    """The newest first."""

    items: list[PastTestShown]
    next: str | None


async def list_canaries(call: Call) -> CanaryList:
    """List who gets the test message of each day, and when it goes out."""
    plan = await canary_plan(call.tx)
    return CanaryList(
        plan=CanaryPlanShown(test_at=plan.test_at, within_minutes=plan.within_minutes, enabled=plan.enabled),
        items=[
            CanaryShown(
                place=str(one.place_id), code=one.place_code, place_name=in_language(one.place_names, call.language),
                person=str(one.person_id), name=one.name, named_by=one.named_by, named_at=one.named_at, address_kinds=one.address_kinds,
            )
            for one in await canaries(call.tx)
        ],
    )  # fmt: skip


async def give_canary(call: Call, body: CanaryBody) -> CanaryList:
    """Let somebody get the test messages for a building, or for the whole community."""
    place = await find_place(call.tx, body.place, "/place")
    await name_canary(call.tx, place.id, int(body.person), by=call.caller.actor.name)
    return await list_canaries(call)


async def take_canary(call: Call, body: CanaryBody) -> CanaryList:
    """Let somebody get the test messages of a place no more."""
    place = await find_place(call.tx, body.place, "/place")
    await withdraw_canary(call.tx, place.id, int(body.person))
    return await list_canaries(call)


async def change_canary_times(call: Call, body: CanaryPlanBody) -> CanaryList:
    """Change when the test of each day goes out, or whether it does."""
    await change_canary_plan(call.tx, test_at=body.test_at, within_minutes=body.within_minutes, enabled=body.enabled)
    return await list_canaries(call)


async def list_ways(call: Call) -> WayList:
    """List the ways to residents, building by building: proven, or since when not."""
    found = [show_way(one, call.language) for one in await ways(call.tx)]
    return WayList(items=found, not_proven=sum(one.state == "not_proven" for one in found))


async def test_ways(call: Call, body: Empty) -> TestSent:
    """Send a test message to all canaries now, beside the day's own."""
    return TestSent(sent=await send_test_now(call.tx))


async def list_past_tests(call: Call, query: Page) -> PastTestList:
    """List past test messages and what they proved, the newest first."""
    before = read_cursor(query.after, 1)[0] if query.after else None
    found = await past_tests(call.tx, before=before, limit=query.limit)
    return PastTestList(
        items=[_past(one, call.language) for one in found], next=make_cursor(found[-1].id) if len(found) == query.limit else None
    )


def show_way(one: Way, language: str) -> WayShown:
    """A way as the interface shows it."""
    return WayShown.model_validate({
        "place": str(one.place_id), "code": one.place_code, "place_name": in_language(one.place_names, language),
        "channel": str(one.channel_id), "medium": one.medium, "gateway": one.gateway, "state": one.state, "proven_at": one.proven_at,
        "evidence": one.evidence, "why": one.why,
    })  # fmt: skip


def _past(one: PastTest, language: str) -> PastTestShown:
    return PastTestShown(
        id=str(one.id), channel=str(one.channel_id), medium=one.medium, gateway=one.gateway, sent_at=one.sent_at, due_at=one.due_at,
        places=[
            TestedPlaceShown(
                place=str(result.place_id), place_name=in_language(result.names, language), proven_at=result.proven_at,
                evidence=result.evidence, why=result.why,
            )
            for result in one.places
        ],
    )  # fmt: skip
