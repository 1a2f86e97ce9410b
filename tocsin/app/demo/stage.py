"""Where the demo's history is acted out: the real service, its worker stepped by hand, story time moved from scene to scene."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from api.console.directory import numbers_of
from api.keys import Context
from api.routes import make_app
from incidents.actors import Actor
from incidents.answers.answers import SaidToDesk, answer_for_somebody
from incidents.desk.changes import Desk
from incidents.desk.tasks import finish_task
from incidents.views.lists import TaskView, tasks
from incidents.views.room import AlertedPerson, room
from notifiers.delivery.worker import Sender
from people.persons import PersonAtHome, person_by_phone
from playbooks.engine.events import AnswerWord
from tocsin.app.demo.catchers import Catchers
from tocsin.app.demo.past_clock import PastClock, past_clock
from tocsin.app.wiring import Service
from tocsin.app.worker import Worker
from tocsin.base import work

MOST_PASSES = 60
QUICK_RECEIPT_SECONDS = 0.02
RECEIPT_PATIENCE_SECONDS = 5.0


@dataclass
class Stage:
    """What the scenes of the history are played with. Everything goes through the same functions as the pages."""

    service: Service
    community_id: int
    catchers: Catchers
    clock: PastClock
    worker: Worker
    sender: Sender

    async def go_to(self, instant: datetime) -> None:
        """Story time goes on to `instant`, stopping wherever something is due."""
        while (due := await work.next_story_due(self.service.database)) is not None and due <= instant:
            await self._set(max(due, await self.clock.now()))
            await self.settle()
        await self._set(instant)
        await self.settle()

    async def _set(self, instant: datetime) -> None:
        await self.clock.set(instant)
        self.catchers.book.now = instant.timestamp

    async def settle(self) -> None:
        """Everything that is due is done, sent, and confirmed by the handsets."""
        for _ in range(MOST_PASSES):
            done = await self.worker.run_once() + await self.sender.run_once()
            await self.catchers.all_told(RECEIPT_PATIENCE_SECONDS)
            if done == 0:
                return

    @asynccontextmanager
    async def desk(self, actor: Actor) -> AsyncGenerator[Desk]:
        """A transaction in which somebody at the desk acts."""
        async with self.service.database.community(self.community_id) as tx:
            yield Desk(tx, self.service.wakeups, actor)

    async def alerted(self, incident_id: int, step: str) -> AlertedPerson:
        """Whom a step alerted last."""
        async with self.service.database.community(self.community_id) as tx:
            ladders = (await room(tx, incident_id)).ladders
        return next(one for one in ladders if one.step == step).people[-1]

    async def texts_back(self, incident_id: int, step: str, text: str) -> None:
        """Whom a step alerted last replies by SMS."""
        person = await self.alerted(incident_id, step)
        async with self.service.database.community(self.community_id) as tx:
            number = (await numbers_of(tx, [person.person_id]))[person.person_id]
        await self.catchers.sms.reply(number, text)

    async def says_by_radio(self, incident_id: int, step: str, word: AnswerWord, actor: Actor, minutes: int | None = None) -> None:
        """Whom a step alerted last says it by radio, and the desk writes it down."""
        person = await self.alerted(incident_id, step)
        async with self.desk(actor) as desk:
            said = SaidToDesk(incident_id, person.person_id, word, minutes, "radio")
            await answer_for_somebody(desk.tx, desk.wakeups, said, actor)

    async def finish(self, incident_id: int, step: str, result: str | None, actor: Actor, *, how_many: int = 1) -> None:
        """Open tasks of a step are done with this result; none is open: nothing happens."""
        async with self.desk(actor) as desk:
            for task in (await self._open(desk, incident_id, step))[:how_many]:
                await finish_task(desk, task.id, result)

    async def _open(self, desk: Desk, incident_id: int, step: str) -> list[TaskView]:
        return [one for one in await tasks(desk.tx, incident_id) if one.key.partition("#")[0] == step]

    async def caller(self, phone: str) -> PersonAtHome:
        """Who calls from this number."""
        async with self.service.database.community(self.community_id) as tx:
            return (await person_by_phone(tx, phone))[0]

    def nobody_takes_calls(self) -> None:
        """Every call that rings now is not taken."""
        for caught in self.catchers.book.since():
            if caught.medium == "voice" and caught.state == "ringing":
                self.catchers.voice.hang_up(caught.no)


@asynccontextmanager
async def stage(service: Service, community_id: int, catchers: Catchers, owner_url: str) -> AsyncGenerator[Stage]:
    """The stage for as long as the block: served, so that gateways reach the hooks, and worked by hand."""
    context = Context(service.database, service.wakeups, service.secrets, service.settings)
    runner = web.AppRunner(make_app(context), access_log=None, shutdown_timeout=1.0)
    worker = Worker(service.database, service.wakeups, service.secrets, service.settings)
    sender = Sender(service.database, service.secrets, service.wakeups, service.settings)
    slow = catchers.sms.receipt_seconds
    async with AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, service.settings.host, service.settings.port, reuse_address=True).start()
        stack.push_async_callback(sender.close)
        clock = await stack.enter_async_context(past_clock(owner_url))
        catchers.sms.receipt_seconds = QUICK_RECEIPT_SECONDS
        try:
            yield Stage(service, community_id, catchers, clock, worker, sender)
        finally:
            catchers.sms.receipt_seconds = slow
            catchers.book.go_by_the_clock()
            await asyncio.sleep(0)
