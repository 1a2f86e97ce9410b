"""The clerk of a simulation: declares, tells, brings news, stops, resumes, answers for others and ends, in an order that the seed decides."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from incidents.actors import Actor
from incidents.answers.answers import SaidToDesk, answer_for_somebody
from incidents.desk import changes
from incidents.desk.declare import Declaration, declare
from incidents.desk.messages import resume_message, stop_message
from incidents.desk.telling import Telling, Whom, tell
from tests.harness.small_town import SmallTown
from tests.simulation.scheduler import Died, Process
from tocsin.base.database import Database, Tx
from tocsin.base.errors import TocsinError
from tocsin.base.work import Wakeups

CLERK = Actor("account", "陈静", account_id=1)
WORDS = {"zh-CN": "3栋大堂有工程车，请绕行。", "en": "Work vehicles in the lobby of building 3. Please go round."}
KINDS = (("elevator_entrapment", "3-2-L1"), ("power_cut", "3"), ("water_cut", "3-2"), ("fire", "3"))
MOST_INCIDENTS = 2


@dataclass
class Clerk:
    """Works for as long as something may fail. Whoever is killed at the desk sits down again, and does not know what became of it."""

    process: Process
    town: SmallTown
    database: Database
    incidents: list[int] = field(default_factory=list)

    async def live(self) -> None:
        """Act after act."""
        chance = self.process.sim.chance
        acts: dict[Callable[[Tx], Awaitable[None]], int] = {
            self._declare: 3, self._tell: 4, self._update: 2, self._stop: 3, self._resume: 4, self._answer: 4, self._end: 1,
        }  # fmt: skip
        while True:
            for _ in range(chance.choice((1, 3, 9))):
                await self.process.turn("does something else")
            if not self.process.sim.faults:
                return
            act = chance.choices(list(acts), list(acts.values()))[0] if self.incidents else self._declare
            with suppress(Died, TocsinError):
                async with self.database.community(self.town.community_id) as tx:
                    await act(tx)
            self.process.dead = False

    async def _declare(self, tx: Tx) -> None:
        if len(self.incidents) < MOST_INCIDENTS:
            kind, place = self.process.sim.chance.choice(KINDS)
            declared = await declare(tx, Wakeups(self.database), Declaration(kind, self.town.places[place]), CLERK)
            self.incidents.append(declared.incident_id)

    async def _tell(self, tx: Tx) -> None:
        chance = self.process.sim.chance
        whom = Whom(residents_of=(self.town.places[chance.choice(("0", "3"))],))
        await tell(self._desk(tx), self._one(), Telling(whom, WORDS, night="send", undo_seconds=chance.choice((0, 0, 5))))

    async def _update(self, tx: Tx) -> None:
        await changes.post_update(self._desk(tx), self._one(), WORDS, None)

    async def _stop(self, tx: Tx) -> None:
        if found := await tx.connection.fetch("SELECT id FROM message WHERE kind = 'broadcast' ORDER BY id"):
            await stop_message(self._desk(tx), self.process.sim.chance.choice(found)["id"])

    async def _resume(self, tx: Tx) -> None:
        if found := await tx.connection.fetch("SELECT id FROM message WHERE stopped_at IS NOT NULL ORDER BY id"):
            await resume_message(self._desk(tx), self.process.sim.chance.choice(found)["id"])

    async def _answer(self, tx: Tx) -> None:
        chance = self.process.sim.chance
        kind, who = chance.choice(("received", "cannot", "on_scene", "done")), chance.choice(("zhang", "li", "zhao"))
        said = SaidToDesk(self._one(), self.town.people[who], kind, None, "radio")
        await answer_for_somebody(tx, Wakeups(self.database), said, CLERK)

    async def _end(self, tx: Tx) -> None:
        if self.process.sim.chance.random() < 0.5:
            await changes.cancel(self._desk(tx), self._one(), "看错了")
        else:
            await changes.resolve(self._desk(tx), self._one())

    def _desk(self, tx: Tx) -> changes.Desk:
        return changes.Desk(tx, Wakeups(self.database), CLERK)

    def _one(self) -> int:
        return self.process.sim.chance.choice(self.incidents)
