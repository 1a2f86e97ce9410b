"""The page of the ways to residents: what the test of the day proved, who gets it, when it goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from aiohttp import web

from api.console.caller import whole_number
from api.console.page import see_other
from api.console.visit import Visit
from api.console.words import Speaker, speaker
from api.errors import BodyInvalidError, FieldFault
from notifiers.canaries.named import Canary, canaries, name_canary, withdraw_canary
from notifiers.canaries.plan import canary_plan, change_canary_plan, next_test
from notifiers.canaries.sending import send_test_now
from notifiers.canaries.ways import PastTest, Way, past_tests, ways
from people.place_words import COMMUNITY_CODE
from people.places import Place, children, name_of, resolve_place
from people.search.box import FoundPerson, search

TESTS_SHOWN = 14
MOST_FOUND = 8
LONGEST_WAIT, SHORTEST_WAIT = 720, 5


@dataclass(frozen=True, slots=True)
class ShownWay:
    """A way in words: `about` names it, `why` says why it is not proven and `next` what to do."""

    way: Way
    place: str
    channel: str
    about: str
    why: str
    next: str


@dataclass(frozen=True, slots=True)
class WaysOfPlace:
    """A place, its ways by the order of the channels, and who stands for it."""

    place: str
    ways: tuple[ShownWay, ...]
    canaries: tuple[Canary, ...]


NEXT_STEPS = {
    "no_receipt": "handset", "unknown": "handset", "no_test": "worker", "not_sent": "worker", "expired": "worker", "sends_no_receipts": "answer",
    "wrong_number": "contact", "no_consent": "contact", "opted_out": "contact", "no_contact": "contact", "no_channel": "contact",
    "withdrawn": "contact",
}  # fmt: skip
"""What to do about each reason; all others are the gateway's word."""


async def show_ways(visit: Visit) -> web.Response:
    """GET /ways"""
    plan, named = await canary_plan(visit.tx), await canaries(visit.tx)
    shown = [show_way(visit, one) for one in await ways(visit.tx)]
    root = await resolve_place(visit.tx, COMMUNITY_CODE)
    buildings = [one for one in await children(visit.tx, root.id) if one.kind == "building"]
    own = {one.place_id for one in named}
    return visit.page(
        "ways.html",
        closed=[one for one in shown if one.way.state == "not_proven"],
        places=[_place(one, visit.language, shown, named) for one in (root, *buildings) if one.id in own],
        without=[name_of(one, visit.language) for one in buildings if one.id not in own],
        community_has=root.id in own,
        choices=[(one.id, name_of(one, visit.language)) for one in (root, *buildings)],
        found=await _people(visit),
        typed=visit.query("q"),
        plan=plan,
        next_at=next_test(plan, visit.community.zone, visit.tx.now) if plan.enabled and named else None,
        named=named,
        waiting=any(one.way.state == "waiting" for one in shown),
        past=await past_tests(visit.tx, before=None, limit=TESTS_SHOWN),
        speak=_speaker(visit),
        summary=_summary,
        shortest=SHORTEST_WAIT,
        longest=LONGEST_WAIT,
    )


def show_way(visit: Visit, way: Way) -> ShownWay:
    """A way in the visitor's language."""
    speak = _speaker(visit)
    place = way.place_names.get(visit.language) or way.place_code
    channel = speak.say("console.way.channel", medium=speak.coded("console.way.medium", way.medium), gateway=way.gateway)
    since = visit.clocks.time(way.proven_at) if way.proven_at else ""
    about = speak.say("console.way.since" if since else "console.way.never", place=place, channel=channel, time=since)
    step = NEXT_STEPS.get(way.why or "", "gateway")
    why = speak.coded("console.way.why", way.why)
    return ShownWay(way, place, channel, about, why, speak.say(f"console.way.next.{step}") if way.state == "not_proven" else "")


def _speaker(visit: Visit) -> Speaker:
    return speaker(visit.language, visit.community, ())


def _place(place: Place, language: str, shown: Sequence[ShownWay], named: Sequence[Canary]) -> WaysOfPlace:
    return WaysOfPlace(
        name_of(place, language),
        tuple(one for one in shown if one.way.place_id == place.id),
        tuple(one for one in named if one.place_id == place.id),
    )


def _summary(test: PastTest) -> tuple[int, int]:
    """Of how many places a test proved the way, and of how many it was to."""
    return sum(one.proven_at is not None for one in test.places), len(test.places)


async def _people(visit: Visit) -> list[FoundPerson]:
    if not visit.query("q") or not visit.session.may("directory"):
        return []
    return [one.person for one in await search(visit.tx, visit.query("q"), limit=MOST_FOUND) if one.person is not None]


async def do_name(visit: Visit) -> web.Response:
    """POST /ways/name: somebody stands for a place."""
    place, person = whole_number(visit.field("place")), whole_number(visit.field("person"))
    await name_canary(visit.tx, place, person, by=visit.session.name)
    return see_other("/ways#named")


async def do_withdraw(visit: Visit) -> web.Response:
    """POST /ways/withdraw: they do no more."""
    await withdraw_canary(visit.tx, whole_number(visit.field("place")), whole_number(visit.field("person")))
    return see_other("/ways#named")


async def do_test(visit: Visit) -> web.Response:
    """POST /ways/test: a test beside the day's own."""
    await send_test_now(visit.tx)
    visit.context.wakeups.after_commit(visit.tx, "notice")
    return see_other("/ways")


async def do_plan(visit: Visit) -> web.Response:
    """POST /ways/plan: when the test of each day goes out."""
    minutes = whole_number(visit.field("within_minutes"))
    if not SHORTEST_WAIT <= minutes <= LONGEST_WAIT:
        raise BodyInvalidError([FieldFault("/within_minutes", "field.wrong", {}, visit.field("within_minutes"))])
    try:
        test_at = time.fromisoformat(visit.field("test_at"))
    except ValueError:
        raise BodyInvalidError([FieldFault("/test_at", "field.wrong", {}, visit.field("test_at"))]) from None
    await change_canary_plan(visit.tx, test_at=test_at, within_minutes=minutes, enabled=visit.field("enabled") == "on")
    return see_other("/ways#plan")
