"""One line of a sender: some lanes with room of their own on the wire, claimed, sent and settled in turns.

A turn settles what came back and claims as much again, in one transaction for each community; sends run beside it, never
inside a transaction. Whatever happens to the database, results are kept until they are settled or their lease has run out.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from notifiers.channels.shape import Channel, Outcome, Outgoing
from notifiers.delivery import permits
from notifiers.delivery.breaker import Breaker, of_a_probe
from notifiers.delivery.claims import Claimed, Room, WaitingChannel, claim, open_codes, rest_lane
from notifiers.delivery.detour import PAGE, hindrance, sent_all_the_same, take_other_ways
from notifiers.delivery.open_channels import OpenChannels
from notifiers.delivery.outgoing import make_outgoing
from notifiers.delivery.reach import SQL, Settled
from notifiers.delivery.retry_budget import RetryBudget
from notifiers.delivery.sending import Call, make_and_send, pause_asked, result_of, tries_of, went_well
from notifiers.delivery.settling import Result, settle, settle_unsent
from notifiers.delivery.tally import Tally
from tocsin.base.database import CONNECTION_LOST, Database
from tocsin.base.logs import logger
from tocsin.base.secrets import Secrets
from tocsin.base.work import Lane, Wakeups

log = logger("sender")
COMMUNITIES_A_TURN = 50
CLAIM_LIMIT = 500
IDLE_SECONDS = 1.0
LOOKING_SHARE = 0.1
"""Of a line's time, what may go into looking again and again at a long queue that cannot leave."""
BULK_SHARE = 0.8
"""Of a gateway's places on the wire, what broadcasts may fill: when they all hang there, an alert still finds one."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a line works with; `public_url` is where phones reach the service."""

    database: Database
    secrets: Secrets
    wakeups: Wakeups
    channels: OpenChannels
    breaker: Breaker
    budget: RetryBudget
    tally: Tally
    public_url: str
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Here:
    """A community with deliveries due in a lane."""

    community_id: int
    lane: Lane


@dataclass(frozen=True, slots=True)
class Slot:
    """Room on the wire for one channel, with permits already reserved but for a `probe`."""

    waiting: WaitingChannel
    channel: Channel
    room: int
    probe: bool = False


class Line:
    """Claims, sends and settles deliveries of some lanes, the most urgent first."""

    def __init__(self, bench: Bench, lanes: Sequence[Lane]) -> None:
        self.bench = bench
        self.lanes = tuple(lanes)
        self.wake = asyncio.Event()
        self.stopping = False
        self.sent = 0
        self._on_wire: dict[int, int] = defaultdict(int)
        self._finished: dict[int, list[Result]] = defaultdict(list)
        self._finished_at: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._look_again: dict[tuple[int, Lane], float] = {}
        self._wait_seconds = IDLE_SECONDS

    @property
    def is_idle(self) -> bool:
        """Nothing on the wire and nothing left to settle."""
        return not self._tasks and not any(self._finished.values())

    @property
    def on_wire(self) -> dict[int, int]:
        """How many deliveries are on the wire, by gateway."""
        return {gateway: count for gateway, count in self._on_wire.items() if count}

    async def turn(self) -> float:
        """Settle what finished, claim as much again and send it; after how many seconds to look again when nothing wakes the line."""
        self._wait_seconds = IDLE_SECONDS
        for here in [] if self.stopping else await self._look_around():
            if await self._alone(self._work_at(here)):
                self._wait_seconds = 0.0
            await rest_lane(self.bench.database, here.community_id, here.lane)
        for community_id in [community for community, results in self._finished.items() if results]:
            await self._alone(self._exchange(community_id, None, []))
        return self._wait_seconds

    async def _alone(self, work: Awaitable[object]) -> bool:
        """Whether this work found anything. What goes wrong in one community keeps no other waiting; a database that is away does."""
        try:
            return bool(await work)
        except CONNECTION_LOST:
            raise
        except Exception:
            log.exception("turn_failed", lanes=self.lanes)
            return False

    async def drain(self) -> None:
        """Wait for everything on the wire to come back."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _look_around(self) -> list[Here]:
        async with self.bench.database.floor() as tx:
            return await tx.rows(SQL.waiting_in_lanes, Here, list(self.lanes), COMMUNITIES_A_TURN)

    async def _work_at(self, here: Here) -> bool:
        """Claim and send what is due here, and lead what cannot leave to its other ways; whether there was anything."""
        async with self.bench.database.community(here.community_id) as tx:
            now = tx.machine_now
            waiting = await tx.rows(SQL.waiting_by_channel, WaitingChannel, here.community_id, here.lane, now, CLAIM_LIMIT)
        hindered = [one for one in waiting if hindrance(one, here.lane)]
        slots = [await self._reserve(one, here.lane) for one in waiting if one not in hindered]
        probes = [await self._reserve_probe(one, here.lane) for one in hindered]
        claimed = await self._fill(here, [slot for slot in (*slots, *probes) if slot is not None])
        for one in hindered:
            claimed |= await self._pass_by(here, one)
        return claimed

    async def _fill(self, here: Here, slots: Sequence[Slot]) -> bool:
        """Claim and send as much as there is room for; whether there was anything."""
        try:
            claimed = await self._exchange(here.community_id, here.lane, slots)
        except CONNECTION_LOST:
            raise
        except Exception:
            await self._give_back(here.lane, slots, [])
            raise
        await self._give_back(here.lane, slots, claimed)
        await self._settle_expired(here.community_id, [one for one in claimed if one.expired])
        return bool(claimed)

    async def _give_back(self, lane: Lane, slots: Sequence[Slot], claimed: Sequence[Claimed]) -> None:
        for slot in slots:
            got = sum(1 for one in claimed if one.channel_id == slot.waiting.channel_id and not one.expired)
            if got < slot.room and not slot.probe:
                await permits.give_back(self.bench.database, slot.waiting.gateway_id, slot.room - got, lane)

    async def _pass_by(self, here: Here, waiting: WaitingChannel) -> bool:
        """What waits at a channel that takes nothing now takes its other way; an alert without one is sent all the same where its gateway
        is only believed dead. Whether anything moved."""
        begun, key = monotonic(), (waiting.channel_id, here.lane)
        if begun < self._look_again.get(key, 0.0):
            return False
        passed = await take_other_ways(self.bench.database, here.community_id, here.lane, waiting)
        if passed.stay > PAGE:
            self._look_again[key] = monotonic() + (monotonic() - begun) / LOOKING_SHARE
        last_ways = sent_all_the_same(waiting, here.lane) and passed.stay > 0
        slot = await self._reserve(replace(waiting, waiting=passed.stay), here.lane) if last_ways else None
        sent = slot is not None and await self._fill(here, [slot])
        return sent or passed.left > 0

    async def _reserve(self, waiting: WaitingChannel, lane: Lane) -> Slot | None:
        """Room for a channel: what is free on the wire, then what its gateway's rate permits."""
        channel = await self.bench.channels.of(waiting.gateway_id)
        able = channel.abilities
        places = int(able.in_flight * BULK_SHARE) if lane in permits.BULK_LANES else able.in_flight
        free = max(1, places) * max(1, able.batch_size) - self._on_wire[waiting.gateway_id]
        asked = min(free, waiting.waiting, CLAIM_LIMIT)
        if asked <= 0:
            return None
        granted = await permits.reserve(self.bench.database, waiting.gateway_id, asked, lane)
        if granted.granted < asked:
            self._wait_seconds = min(self._wait_seconds, max(granted.wait_seconds, 0.005))
        return Slot(waiting, channel, granted.granted) if granted.granted > 0 else None

    async def _reserve_probe(self, waiting: WaitingChannel, lane: Lane) -> Slot | None:
        """Room for the one message that tries whether a gateway that was set aside is back."""
        if not (waiting.enabled and waiting.set_aside and await self.bench.breaker.may_probe(waiting.gateway_id, alert=lane == "alert")):
            return None
        return Slot(waiting, await self.bench.channels.of(waiting.gateway_id), 1, probe=True)

    async def _exchange(self, community_id: int, lane: Lane | None, slots: Sequence[Slot]) -> list[Claimed]:
        """Settle and claim in one transaction; what was claimed leaves only when its commit is confirmed."""
        results, finished_at = self._finished.pop(community_id, []), self._finished_at.pop(community_id, None)
        if not results and not slots:
            return []
        try:
            claimed = await self._settle_and_claim(community_id, lane, slots, results)
        except BaseException:
            self._finished[community_id].extend(results)
            if finished_at is not None:
                self._finished_at[community_id] = finished_at
            raise
        if finished_at is not None:
            self.bench.tally.settled(monotonic() - finished_at)
        channels = {slot.waiting.channel_id: slot for slot in slots}
        for channel_id, slot in channels.items():
            self._start(community_id, slot, [one for one in claimed if one.channel_id == channel_id and not one.expired])
        return claimed

    async def _settle_and_claim(
        self, community_id: int, lane: Lane | None, slots: Sequence[Slot], results: Sequence[Result]
    ) -> list[Claimed]:
        async with self.bench.database.community(community_id) as tx:
            now = tx.machine_now
            if await settle(tx, results, now):
                self.bench.wakeups.after_commit(tx, "outcomes")
            if lane is None or not slots:
                return []
            rooms = [Room(one.waiting.channel_id, one.room, one.channel.abilities.tells_repeats_apart) for one in slots]
            claimed = await claim(tx, lane, rooms, now=now, lease_seconds=self.bench.lease_seconds)
            await open_codes(tx, self.bench.secrets, claimed)
            return claimed

    async def _settle_expired(self, community_id: int, expired: Sequence[Claimed]) -> None:
        if not expired:
            return
        unsent = [Settled(one.message_id, one.no, "unknown" if one.maybe_sent else "expired", "expired") for one in expired]
        async with self.bench.database.community(community_id) as tx:
            await settle_unsent(tx, unsent, tx.machine_now)

    def _start(self, community_id: int, slot: Slot, claimed: Sequence[Claimed]) -> None:
        size = max(1, slot.channel.abilities.batch_size)
        for start in range(0, len(claimed), size):
            call = Call(
                community_id, slot.waiting.gateway_id, slot.channel, claimed[start : start + size], monotonic(), slot.waiting.set_aside,
                slot.probe,
            )  # fmt: skip
            self._on_wire[call.gateway_id] += len(call.claimed)
            task = asyncio.create_task(self._carry_out(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, call: Call) -> None:
        def make(one: Claimed) -> Outgoing:
            return make_outgoing(one, call.community_id, self.bench.secrets, self.bench.public_url)

        outcomes = await make_and_send(call, make, self.bench.lease_seconds)
        waits = self._count(call, outcomes)
        await self._pause(call.gateway_id, pause_asked(outcomes))
        await self.bench.breaker.hear(call.gateway_id, outcomes, set_aside=call.set_aside)
        if call.probe:
            outcomes = [of_a_probe(one) for one in outcomes]
        found = zip(call.claimed, outcomes, waits, strict=True)
        results = [result_of(one, outcome, call.channel, budget_seconds) for one, outcome, budget_seconds in found]
        self._on_wire[call.gateway_id] -= len(call.claimed)
        self._finished[call.community_id].extend(results)
        self._finished_at.setdefault(call.community_id, monotonic())
        self.sent += len(results)
        self.wake.set()

    def _count(self, call: Call, outcomes: Sequence[Outcome]) -> Sequence[float]:
        """Take in what came of a call; how long a repeat of each has to wait for the gateway's retry budget."""
        if went_well(call, outcomes):
            self.bench.budget.earn(call.gateway_id, len(outcomes))
            self.bench.tally.all_accepted(call.gateway_id, len(outcomes))
            return [0.0] * len(outcomes)
        tries = tries_of(call, outcomes)
        self.bench.tally.hear(call.gateway_id, tries)
        return self.bench.budget.hear(call.gateway_id, tries)

    async def _pause(self, gateway_id: int, seconds: float) -> None:
        if seconds > 0:
            try:
                await permits.pause(self.bench.database, gateway_id, seconds)
            except Exception as problem:  # noqa: BLE001 - whatever the database says, what came of the call must be settled
                log.warning("pause_not_noted", gateway=gateway_id, problem=type(problem).__name__)
