"""One line of a sender: some lanes with room of their own on the wire, claimed, sent and settled in turns.

Claims fill the room that is free, settles write down what came back; each in a transaction of its own for each community, side by side,
and sends beside both, never inside a transaction. Whatever happens to the database, results are kept until they are settled or their lease
has run out.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic

from notifiers.delivery import permits
from notifiers.delivery.claims import BEFORE_ALL, Claimed, Place, Room, WaitingChannel, claim, open_codes, rest_lane
from notifiers.delivery.detour import PAGE, hindrance, ranges_to_rows, sent_all_the_same, take_other_ways
from notifiers.delivery.reach import SQL, Settled
from notifiers.delivery.settling import settle, settle_unsent
from notifiers.delivery.wire import SETTLE_SECONDS, Bench, Slot, Wire, claim_limit
from tocsin.base.database import CONNECTION_LOST
from tocsin.base.logs import logger
from tocsin.base.work import Lane

log = logger("sender")
COMMUNITIES_A_TURN = 50
SIDE_BY_SIDE = 2
"""So many communities are claimed for, and so many settled, at the same time: the connections are shared with everything else."""
COUNTED_UP_TO = 2_000
LOOK_SECONDS = 0.25
"""So far what waits at a channel is counted, and for so long a line goes by that count, unless there is news or a gateway fails."""
LONGEST_LOOK_SECONDS = 2.0
"""For so long where counting takes its time: beside somebody's old transaction it passes over everything that was claimed since."""
IDLE_SECONDS = 1.0
AGAIN_SECONDS = 0.5
"""A community whose results could not be settled is left alone for so long."""
LOOKING_SHARE = 0.1
"""Of a line's time, what may go into looking again and again at a long queue that cannot leave."""


@dataclass(frozen=True, slots=True)
class Here:
    """A community with deliveries due in a lane."""

    community_id: int
    lane: Lane


@dataclass(slots=True)
class Count:
    """What waited here when it was last counted, none of it hindered, good for some seconds; by channel, as far as this line knows, what is
    `left` and behind which place of the queue."""

    channels: Sequence[WaitingChannel]
    left: dict[int, int]
    counted_at: float
    good_for: float
    behind: dict[int, Place] = field(default_factory=dict)

    @property
    def waiting(self) -> list[WaitingChannel]:
        """The channels as they should stand now; none where that is no longer good to go by."""
        if monotonic() - self.counted_at >= self.good_for:
            return []
        return [replace(one, waiting=self.left[one.channel_id]) for one in self.channels if self.left[one.channel_id] > 0]


class Line:
    """Claims, sends and settles deliveries of some lanes, the most urgent first."""

    def __init__(self, bench: Bench, lanes: Sequence[Lane]) -> None:
        self.bench = bench
        self.lanes = tuple(lanes)
        self.stopping = False
        self._awake, self._results = asyncio.Event(), asyncio.Event()
        self._news = False
        self.wire = Wire(bench, self._awake.set, self._results.set)
        self._refused: dict[int, float] = {}
        self._counts: dict[Here, Count] = {}
        self._served: dict[Here, float] = {}
        self._look_again: dict[tuple[int, Lane], float] = {}
        self._wait_seconds = IDLE_SECONDS

    @property
    def sent(self) -> int:
        """How many deliveries came back from their gateways."""
        return self.wire.sent

    @property
    def is_idle(self) -> bool:
        """Nothing on the wire and nothing left to settle."""
        return self.wire.is_idle

    async def drain(self) -> None:
        """Wait for everything on the wire to come back."""
        await self.wire.drain()

    def wake(self) -> None:
        """There is something new to look at."""
        self._news = True
        self._awake.set()
        self._results.set()

    @property
    def has_reason_to_claim(self) -> bool:
        """News, or as much room as is worth a claim."""
        return self._news or self.wire.has_room

    @property
    def is_settled(self) -> bool:
        """Nothing that came back waits to be written down."""
        return self.wire.unsettled == 0

    async def until_claims(self, seconds: float) -> None:
        """Until there is reason to claim, for `seconds` at most."""
        if self.has_reason_to_claim or seconds <= 0:
            await asyncio.sleep(0)
        else:
            # What woke the line while it was at work is not waited for again: how things stand says whether there is more to do.
            await _rest(self._awake, min(seconds, SETTLE_SECONDS) if self.wire.has_some_room else seconds)

    async def until_results(self, seconds: float) -> None:
        """Until results are worth settling, for `seconds` at most."""
        waiting = any(results and community not in self._refused for community, results in self.wire.finished.items())
        if self._refused or not self.wire.has_results:
            # What could not be settled a moment ago is no reason to hurry; what came for others meanwhile is.
            await _rest(self._results, min(seconds, SETTLE_SECONDS) if waiting else seconds)

    async def turn(self) -> None:
        """Settle what finished, claim as much again and send it. For tests and single shots."""
        await self.settle()
        await self.claim()

    async def settle(self) -> float:
        """Settle what finished; after how many seconds to look again when nothing wakes the line."""
        now = monotonic()
        self._refused = {community: until for community, until in self._refused.items() if until > now}
        ready = [community for community, results in self.wire.finished.items() if results and community not in self._refused]
        abreast = asyncio.Semaphore(SIDE_BY_SIDE)
        await _all(self._alone(self._settle_at(community, abreast)) for community in ready)
        return AGAIN_SECONDS if self._refused else IDLE_SECONDS

    async def _settle_at(self, community_id: int, abreast: asyncio.Semaphore) -> bool:
        async with abreast:
            return await self._settle_all_of(community_id)

    async def _settle_all_of(self, community_id: int) -> bool:
        results, since = self.wire.take_finished(community_id)
        try:
            async with self.bench.database.community(community_id) as tx:
                if await settle(tx, results, tx.machine_now):
                    self.bench.wakeups.after_commit(tx, "outcomes")
        except BaseException:
            self.wire.keep(community_id, results, since)
            self._refused[community_id] = monotonic() + AGAIN_SECONDS
            raise
        self.bench.tally.settled(monotonic() - since)
        return True

    async def claim(self) -> float:
        """Claim as much as there is room for and send it; after how many seconds to look again when nothing wakes the line."""
        if self._news:
            self._counts.clear()
        self._news = False
        self._wait_seconds = IDLE_SECONDS
        self.wire.begin_claims()
        places = (
            [] if self.stopping else await self.bench.database.at_once(SQL.waiting_in_lanes, Here, list(self.lanes), COMMUNITIES_A_TURN)
        )
        # Where little room is shared, whoever had of it last waits for the others; the table's own order changes only when it is looked at.
        places.sort(key=lambda here: (self.lanes.index(here.lane), self._served.get(here, 0.0)))
        self._served = {here: self._served[here] for here in places if here in self._served}
        abreast = asyncio.Semaphore(SIDE_BY_SIDE)
        worked = await _all(self._visit(here, abreast) for here in places)
        if len(places) == COMMUNITIES_A_TURN and any(worked):
            self._wait_seconds = 0.0
        return self._wait_seconds

    async def _visit(self, here: Here, abreast: asyncio.Semaphore) -> bool:
        """Do what there is to do here, and say when it is due next; whether there was anything."""
        async with abreast:
            # Where nothing can be written down, nothing more is sent.
            if self._refused.get(here.community_id, 0.0) > monotonic():
                return False
            count = self._counts.get(here)
            known = count.waiting if count is not None else []
            if known and not any(self.bench.breaker.doubts(one.gateway_id) for one in known):
                return await self._alone(self._fill(here, known, []))
            worked = await self._alone(self._work_at(here))
            await rest_lane(self.bench.database, here.community_id, here.lane)
            return worked

    async def _alone(self, work: Awaitable[object]) -> bool:
        """Whether this work found anything. What goes wrong in one community keeps no other waiting; a database that is away does."""
        try:
            return bool(await work)
        except CONNECTION_LOST:
            raise
        except Exception:
            log.exception("turn_failed", lanes=self.lanes)
            return False

    async def _work_at(self, here: Here) -> bool:
        """Claim and send what is due here, and lead what cannot leave to its other ways; whether there was anything."""
        begun = monotonic()
        async with self.bench.database.community(here.community_id) as tx:
            now = tx.machine_now
            waiting = await tx.rows(SQL.waiting_by_channel, WaitingChannel, here.community_id, here.lane, now, COUNTED_UP_TO)
        hindered = [one for one in waiting if hindrance(one, here.lane)]
        self._note(here, waiting, hindered, monotonic() - begun)
        worked = await self._fill(here, [one for one in waiting if one not in hindered], hindered)
        for one in hindered:
            if await self._pass_by(here, one):
                self._wait_seconds, worked = 0.0, True
        return worked

    def _note(self, here: Here, waiting: Sequence[WaitingChannel], hindered: Sequence[WaitingChannel], counting_seconds: float) -> None:
        if hindered or not waiting:
            self._counts.pop(here, None)
        else:
            good_for = min(max(LOOK_SECONDS, counting_seconds / LOOKING_SHARE), LONGEST_LOOK_SECONDS)
            self._counts[here] = Count(waiting, {one.channel_id: one.waiting for one in waiting}, monotonic(), good_for)

    async def _fill(self, here: Here, free: Sequence[WaitingChannel], probed: Sequence[WaitingChannel]) -> bool:
        """Claim and send as much as there is room for; whether there was anything."""
        slots: list[Slot] = []
        try:
            for one in free:
                await self._reserve(slots, one, here.lane)
            for one in probed:
                await self._reserve_probe(slots, one, here.lane)
            claimed = await self._claim_for(here, slots)
        except BaseException as problem:
            for slot in slots:
                self.wire.let_go(slot.waiting.gateway_id, slot.room)
            if isinstance(problem, Exception) and not isinstance(problem, CONNECTION_LOST):
                await self._give_back(here, slots, [])
            raise
        await self._give_back(here, slots, claimed)
        await self._settle_expired(here.community_id, [one for one in claimed if one.expired])
        return bool(claimed) or await self._expire_ranges(here, slots)

    async def _give_back(self, here: Here, slots: Sequence[Slot], claimed: Sequence[Claimed]) -> None:
        for slot in slots:
            got = sum(1 for one in claimed if one.channel_id == slot.waiting.channel_id and not one.expired)
            if here in self._counts:
                left = self._counts[here].left
                left[slot.waiting.channel_id] -= slot.room if got else left[slot.waiting.channel_id]
            if got < slot.room and not slot.probe:
                await permits.give_back(self.bench.database, slot.waiting.gateway_id, slot.room - got, here.lane)

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
        sent = last_ways and await self._fill(here, [replace(waiting, waiting=passed.stay)], [])
        return sent or passed.left > 0

    async def _reserve(self, slots: list[Slot], waiting: WaitingChannel, lane: Lane) -> None:
        """Room for a channel: what is free on the wire, then what its gateway's rate permits."""
        channel = await self.bench.channels.of(waiting.gateway_id)
        most = claim_limit(channel)
        held = self.wire.hold(waiting.gateway_id, channel, lane, min(waiting.waiting, most))
        if held <= 0:
            return
        try:
            granted = await permits.reserve(self.bench.database, waiting.gateway_id, held, lane)
        except BaseException:
            self.wire.let_go(waiting.gateway_id, held)
            raise
        self.wire.let_go(waiting.gateway_id, held - granted.granted)
        if granted.granted < held:
            self._wait_seconds = min(self._wait_seconds, max(granted.wait_seconds, 0.005))
        elif held == most < waiting.waiting:
            self._wait_seconds = 0.0
        if granted.granted > 0:
            slots.append(Slot(waiting, channel, granted.granted))

    async def _reserve_probe(self, slots: list[Slot], waiting: WaitingChannel, lane: Lane) -> None:
        """Room for the one message that tries whether a gateway that was set aside is back."""
        if not (waiting.enabled and waiting.set_aside and await self.bench.breaker.may_probe(waiting.gateway_id, alert=lane == "alert")):
            return
        channel = await self.bench.channels.of(waiting.gateway_id)
        self.wire.let_go(waiting.gateway_id, -1)
        slots.append(Slot(waiting, channel, 1, probe=True))

    async def _claim_for(self, here: Here, slots: Sequence[Slot]) -> list[Claimed]:
        """Claim what these slots have room for; it leaves only when its claim's commit is confirmed."""
        if not slots:
            return []
        behind = self._counts[here].behind if here in self._counts else {}
        async with self.bench.database.community(here.community_id) as tx:
            rooms = [_room(one, behind.get(one.waiting.channel_id, BEFORE_ALL)) for one in slots]
            claimed = await claim(tx, here.lane, rooms, now=tx.machine_now, lease_seconds=self.bench.lease_seconds)
            await open_codes(tx, self.bench.secrets, claimed)
        if claimed:
            self._served[here] = monotonic()
        for one in (each for each in claimed if not each.range_id):
            behind[one.channel_id] = max(one.place, behind.get(one.channel_id, BEFORE_ALL))
        for slot in slots:
            own = [one for one in claimed if one.channel_id == slot.waiting.channel_id and not one.expired]
            self.wire.let_go(slot.waiting.gateway_id, slot.room - len(own))
            self.wire.start(here.community_id, slot, own)
        return claimed

    async def _expire_ranges(self, here: Here, slots: Sequence[Slot]) -> bool:
        """Where nothing was left to claim, what is past its time becomes rows, which the next look finds and ends; whether there was anything."""
        found = False
        for slot in slots:
            if slot.waiting.in_ranges and await ranges_to_rows(
                self.bench.database, here.community_id, here.lane, slot.waiting.channel_id, expired=True
            ):
                self._counts.pop(here, None)
                self._wait_seconds, found = 0.0, True
        return found

    async def _settle_expired(self, community_id: int, expired: Sequence[Claimed]) -> None:
        if not expired:
            return
        unsent = [Settled(one.message_id, one.no, "unknown" if one.maybe_sent else "expired", "expired") for one in expired]
        async with self.bench.database.community(community_id) as tx:
            await settle_unsent(tx, unsent, tx.machine_now)


def _room(slot: Slot, behind: Place) -> Room:
    waiting = slot.waiting
    in_rows = waiting.waiting > waiting.in_ranges
    return Room(waiting.channel_id, slot.room, slot.channel.abilities.tells_repeats_apart, behind, waiting.in_ranges > 0, in_rows)


async def _all(works: Iterable[Coroutine[object, object, bool]]) -> list[bool]:
    """Await all of these side by side, to the end of each; then raise what one of them raised."""
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome is True for outcome in outcomes]


async def _rest(event: asyncio.Event, seconds: float) -> None:
    """Until the event comes, for `seconds` at most."""
    event.clear()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
