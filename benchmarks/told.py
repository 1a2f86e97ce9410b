"""An open incident that very many residents were told of: what they press behind their links, and what the desk looks at meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from api.auth.tokens import NewToken, create_token
from benchmarks.crowd import TEXT, Crowd, Line, settle_people
from benchmarks.sender_rig import SenderRig, sender_rig
from incidents.actors import Actor
from incidents.desk.declare import Declaration, declare
from notifiers.announcements import Announcement, ResidentsOf, Text, To, announce
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway
from people.communities import NewCommunity, add_community
from people.persons import NewContactPoint, add_contact_point, add_person
from people.rosters import NewShift, add_shift
from tests.harness.processes import SECRET_KEY
from tests.harness.small_town import SmallTown, build_small_town
from tocsin.base.database import Tx
from tocsin.base.secrets import Secrets
from tocsin.base.work import Wakeups

BY_BATCH = Line(batch=200, in_flight=8)
NAMES = {"zh-CN": "云栖花园", "en": "Cloud Garden"}


@dataclass(frozen=True, slots=True)
class Case:
    """The incident, its number, the crowd that it concerns, the small town around it, and a supervisor's token for the interface."""

    incident_id: int
    number: int
    crowd: Crowd
    town: SmallTown
    token: str


@asynccontextmanager
async def case_rig(people: int, line: Line = BY_BATCH, *, crew: int = 0) -> AsyncIterator[tuple[SenderRig, Case]]:
    """The sender's rig with one open incident in a community of so many, and `crew` more engineers on duty for it.

    No resident is told of it yet, and no process runs.
    """
    async with sender_rig() as rig:
        yield rig, await open_case(rig, people, line, crew=crew)


async def open_case(rig: SenderRig, people: int, line: Line, *, crew: int = 0) -> Case:
    """A community of so many, with one open incident and `crew` more engineers on duty for it."""
    gateway = await rig.connected(line)
    async with rig.database.floor() as tx:
        community = await add_community(tx, NewCommunity(rig.company, NAMES, desk_phone="0571-88001234"))
        by_hand = await add_gateway(tx, NewGateway(rig.company, "by_hand", f"desk {people}", sink=True), Secrets(SECRET_KEY))
    async with rig.database.community(community) as tx:
        await add_channel(tx, NewChannel(gateway, rank=0, signature="安居物业"))
        await add_channel(tx, NewChannel(by_hand, rank=9))
    town = await build_small_town(rig.database, community)
    await settle_people(rig.embedded.url, community, town.places["0"], people)
    async with rig.database.community(community) as tx:
        await put_on_duty(tx, crew)
    async with rig.database.community(community) as tx:
        declared = await declare(tx, Wakeups(rig.database), Declaration("power_cut", town.places["3-2"]), Actor("system", "benchmark"))
    async with rig.database.floor() as tx:
        token = await create_token(tx, NewToken(rig.company, community, "benchmark", "supervisor"))
    crowd = Crowd(rig.company, community, town.places["0"], people)
    return Case(declared.incident_id, declared.number, crowd, town, token)


async def put_on_duty(tx: Tx, engineers: int) -> None:
    """So many engineers more, on duty now, each with a telephone."""
    for number in range(engineers):
        person = await add_person(tx, kind="staff", name=f"工程{number}")
        await add_contact_point(tx, NewContactPoint(person, "mobile", f"+8613700{number:06d}", quality="good"))
        starts, ends = tx.now - timedelta(hours=1), tx.now + timedelta(hours=8)
        await add_shift(tx, NewShift("engineering", "duty", person, starts, ends))


async def tell_everybody(rig: SenderRig, case: Case, key: str) -> tuple[int, float]:
    """A message of the incident to all residents: its id, and the instant (monotonic) just before it was posted."""
    began, wakeups = monotonic(), Wakeups(rig.database)
    async with rig.database.community(case.crowd.community) as tx:
        new = Announcement(
            case.incident_id, key, "broadcast", "urgent", "write", "residents", To(ResidentsOf(case.crowd.root)), False, False, "",
            "resident", 7200, {"zh-CN": Text("bench", {}, TEXT)},
        )  # fmt: skip
        announced = await announce(tx, new)
        wakeups.after_commit(tx, "fan_out")
    return announced.message_id, began
