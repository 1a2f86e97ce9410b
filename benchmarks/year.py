"""A year of a large community, as its desk would have lived through it: people declare, answer, tell, resolve and close on a clock that
begins a year ago, and the real engine, sender and gateway do the rest."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from benchmarks.big_town import HOMES_PER_BUILDING, place_lines, resident_line
from benchmarks.rig import StopwatchGateway
from incidents.actors import Actor
from incidents.answers.answers import SaidToDesk, answer_for_somebody
from incidents.desk import changes
from incidents.desk.changes import Desk
from incidents.desk.declare import Declaration, Declared, declare
from incidents.desk.reports import Reporter
from incidents.desk.tasks import finish_task
from incidents.errors import NotReadyToCloseError
from incidents.plans import adopt_library
from incidents.views.lists import open_incidents, playbook_of, summary, tasks
from incidents.views.room import room
from notifiers.delivery.worker import Sender
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway
from people.bulk import add_people, add_places
from people.communities import NewCommunity, add_community, add_company
from people.persons import PersonAtHome, person_by_phone
from people.places import resolve_place
from playbooks.library import load_library
from tests.harness.clock import StoryClock
from tests.harness.forward import Story
from tests.harness.processes import SECRET_KEY
from tests.harness.small_town import SmallTown, employ_staff, list_outside_numbers
from tocsin.app.demo.plan import read_plan
from tocsin.app.worker import Worker
from tocsin.base.database import Database, connect
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

CLERK = Actor("account", "陈静")
YEAR = timedelta(days=365)
BATCH = 5000
REACHABLE_SHARE = 0.97
"""Of the homes, those in which somebody has an address that works."""
KINDS = ("power_cut", "elevator_entrapment", "water_cut", "burst_pipe", "elevator_entrapment", "gas_smell", "other_emergency", "power_cut")
"""What happens in turn: elevators and power most often."""
TO_THE_WHOLE_COMMUNITY_EVERY = 80
"""Every so many cases a weather warning that all homes are told of."""


@dataclass
class LargeCommunity:
    """What there is, and the people who act in it."""

    database: Database
    owner_url: str
    company_id: int
    community_id: int
    secrets: Secrets
    settings: Settings
    story: Story
    wakeups: Wakeups
    town: SmallTown
    homes: list[str]
    phones: list[str]
    chance: Random
    gateway: StopwatchGateway

    async def go_to(self, instant: datetime) -> None:
        """Story time is `instant`; what was due on the way happens late, as after downtime."""
        await self.story.clock.set_clock(instant)
        await self.story.settle()

    async def declare(self, kind: str, place: str, *, reporters: int = 1) -> Declared:
        """Somebody calls, the clerk declares, others call about the same."""
        async with self.database.community(self.community_id) as tx:
            where = await resolve_place(tx, place)
            first = await self._caller(await person_by_phone(tx, self.chance.choice(self.phones)))
            declared = await declare(tx, self.wakeups, Declaration(kind=kind, place_id=where.id, reporter=first), CLERK)
            for _ in range(reporters - 1):
                again = await self._caller(await person_by_phone(tx, self.chance.choice(self.phones)))
                await changes.add_report(Desk(tx, self.wakeups, CLERK), declared.incident_id, again)
        await self.story.settle()
        return declared

    async def _caller(self, known: list[PersonAtHome]) -> Reporter:
        who = known[0]
        return Reporter(who.name, "", who.home_id, who.person_id, "phone", "家里没电了，什么时候能来？", "help", None)

    async def live_through(self, kind: str, place: str, began: datetime) -> None:
        """From the call to the end: everybody answers within minutes, residents are told, and it is closed or cancelled."""
        await self.go_to(began)
        case = (await self.declare(kind, place, reporters=self.chance.choice((1, 1, 2, 4)))).incident_id
        async with self.database.community(self.community_id) as tx:
            alerted = [one.people[-1].person_id for one in (await room(tx, case)).ladders if one.people]
        for word in ("received", "on_scene", "done"):
            for person in alerted:
                async with self.database.community(self.community_id) as tx:
                    await answer_for_somebody(tx, self.wakeups, SaidToDesk(case, person, word, None, "radio"), CLERK)
            if word == "on_scene":
                async with self.desk() as desk:
                    await changes.tell_residents_now(desk, case)
            await self.story.settle()
        await self._end(case)

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """A transaction in which the clerk acts."""
        async with self.database.community(self.community_id) as tx:
            yield Desk(tx, self.wakeups, CLERK)

    async def _end(self, case: int) -> None:
        async with self.desk() as desk:
            for task in await tasks(desk.tx, case):
                await finish_task(desk, task.id, (task.does.get("results") or [None])[0])
        async with self.desk() as desk:
            await changes.resolve(desk, case)
        await self.story.settle()
        try:
            async with self.desk() as desk:
                for need in (await playbook_of(desk.tx, await summary(desk.tx, case))).needs:
                    await changes.confirm(desk, case, need)
                await changes.close(desk, case)
        except NotReadyToCloseError:
            async with self.desk() as desk:
                await changes.cancel(desk, case, "benchmark")
        async with self.desk() as desk:
            for opened in await open_incidents(desk.tx):
                await changes.cancel(desk, opened.summary.id, "benchmark")
        await self.story.settle()


@asynccontextmanager
async def large_community(owner_url: str, *, homes: int, seed: int) -> AsyncIterator[LargeCommunity]:
    """The community a year ago: its homes, 30,000 residents for 10,000 of them, staff on duty for two years, and a gateway that accepts."""
    chance = Random(seed)
    clock = StoryClock(owner_url)
    await clock.install()
    await clock.set_clock(datetime.now().astimezone() - YEAR)
    database = await connect(owner_url)
    secrets, settings = Secrets(SECRET_KEY), Settings(public_url="http://tocsin.test", listen="127.0.0.1:0")
    async with StopwatchGateway().running() as gateway:
        async with database.floor() as tx:
            company = await add_company(tx, "Anju")
            names = {"zh-CN": "云栖花园", "en": "Cloud Garden"}
            community = await add_community(tx, NewCommunity(company, names, desk_phone="0571-88001234"))
            ways = [await add_gateway(tx, new, secrets) for new in _gateways(company, gateway.port)]
        lines, codes, _ = place_lines(homes)
        plan, town = read_plan(), SmallTown(community)
        reachable = {code for code in codes if chance.random() < REACHABLE_SHARE}
        residents = [
            line if code in reachable else replace(line, addresses=())
            for code in codes
            for line in (resident_line(plan, chance, code) for _ in range(chance.choice((2, 3, 4))))
        ]
        load_library()
        async with database.community(community) as tx:
            for rank, way in enumerate(ways, start=1):
                await add_channel(tx, NewChannel(way, rank=rank, signature="安居物业"))
            await add_places(tx, lines)
            await employ_staff(tx, town, days=800)
            await list_outside_numbers(tx)
            await adopt_library(tx)
        for start in range(0, len(residents), BATCH):
            async with database.community(community) as tx:
                await add_people(tx, residents[start : start + BATCH])
        wakeups = Wakeups(database)
        sender = Sender(database, secrets, wakeups, settings)
        story = Story(clock, database, Worker(database, wakeups, secrets, settings), sender)
        phones = [one.addresses[0].address for one in residents if one.addresses]
        try:
            yield LargeCommunity(
                database, owner_url, company, community, secrets, settings, story, wakeups, town, codes, phones, chance, gateway
            )
        finally:
            await sender.close()
            await database.close()


def _gateways(company: int, port: int) -> tuple[NewGateway, NewGateway]:
    here = f"http://127.0.0.1:{port}/v1"
    address = {
        "url": f"{here}/messages", "batch_url": f"{here}/batches", "batch_size": 200, "receipts": False,
        "allow_private_addresses": ["127.0.0.1"],
    }  # fmt: skip
    sms = NewGateway(company, "http_sms", "stopwatch", address, "a secret of sixteen", sink=True, rate_per_second=100_000, burst=100_000)
    return sms, NewGateway(company, "by_hand", "desk", sink=True)


async def live_a_year(here: LargeCommunity, *, cases: int) -> None:
    """So many cases, evenly over the year that ends now; every eightieth a weather warning for all homes."""
    began = await here.story.clock.now()
    buildings = len(here.homes) // HOMES_PER_BUILDING
    for number in range(cases):
        kind = KINDS[number % len(KINDS)]
        building = here.chance.randrange(1, buildings + 1)
        unit = f"{building}-{here.chance.choice((1, 2))}"
        place = f"{unit}-L1" if kind == "elevator_entrapment" else unit
        if number % TO_THE_WHOLE_COMMUNITY_EVERY == TO_THE_WHOLE_COMMUNITY_EVERY - 1:
            kind, place = "severe_weather", "0"
        await here.live_through(kind, place, began + YEAR * (number / cases))
    await here.story.clock.set_clock(datetime.now().astimezone())
    await here.story.settle()
