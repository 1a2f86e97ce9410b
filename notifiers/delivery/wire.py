"""What a line has on the wire: its room by gateway, the calls under way, and what came back and is not settled yet."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from notifiers.channels.shape import Channel, Outcome
from notifiers.delivery import permits
from notifiers.delivery.breaker import Breaker, of_a_probe
from notifiers.delivery.claims import Claimed, WaitingChannel
from notifiers.delivery.open_channels import OpenChannels
from notifiers.delivery.retry_budget import RetryBudget
from notifiers.delivery.sending import SEND_SHARE, Call, make_and_send, pause_asked, result_of, tries_of, went_well
from notifiers.delivery.settling import Result
from notifiers.delivery.tally import Tally
from tocsin.base.database import Database
from tocsin.base.deadlines import Deadlines
from tocsin.base.logs import logger
from tocsin.base.secrets import Secrets
from tocsin.base.work import Lane, Wakeups

log = logger("sender")
BULK_SHARE = 0.8
"""Of a gateway's places on the wire, what broadcasts may fill: when they all hang there, an alert still finds one."""
CLAIM_LIMIT = 500
SETTLE_AT = 500
"""So many are claimed, and so many results settled, at once at most, and while more is on the wire."""
CLAIM_CALLS = 5
"""Where a call carries many, so many calls' worth is claimed at once if that is more: in whole calls."""
SETTLE_SECONDS = 0.02
"""So long at most a result waits for others to be settled with, and free room for more of it."""


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


def claim_limit(channel: Channel) -> int:
    """How much of a channel is claimed at once at most."""
    size = max(1, channel.abilities.batch_size)
    most = max(CLAIM_LIMIT, CLAIM_CALLS * size)
    return most - most % size


@dataclass(slots=True)
class Slot:
    """Room that is held on the wire for `room` deliveries of one channel, with permits already reserved but for a `probe`."""

    waiting: WaitingChannel
    channel: Channel
    room: int
    probe: bool = False


class Wire:
    """Holds room, carries calls, and collects results until they are settled. Calls `claim` when so much room is free that a claim is worth
    its while, `settle` when results are."""

    def __init__(self, bench: Bench, claim: Callable[[], None], settle: Callable[[], None]) -> None:
        self.sent = 0
        self.finished: dict[int, list[Result]] = defaultdict(list)
        self.unsettled = 0
        self._since: dict[int, float] = {}
        self._bench = bench
        self._claim = claim
        self._settle = settle
        self._held: dict[int, int] = defaultdict(int)
        self._back: dict[int, int] = defaultdict(int)
        self._calls: dict[Call, asyncio.Task[None]] = {}
        self._deadlines = Deadlines(bench.lease_seconds * SEND_SHARE, self._give_up)
        self._timer: asyncio.TimerHandle | None = None
        self._short = self._room_again = False

    @property
    def is_idle(self) -> bool:
        """Nothing on the wire and nothing left to settle."""
        return not self._calls and not any(self.finished.values())

    @property
    def held(self) -> dict[int, int]:
        """How many deliveries are on the wire or about to be, by gateway."""
        return {gateway: count for gateway, count in self._held.items() if count}

    async def drain(self) -> None:
        """Wait for everything on the wire to come back."""
        while self._calls:
            await asyncio.wait(set(self._calls.values()))
            self._calls = {call: task for call, task in self._calls.items() if not task.done()}

    def hold(self, gateway_id: int, channel: Channel, lane: Lane, most: int) -> int:
        """Take room for up to `most` deliveries; how many there is room for. What is not used is let go."""
        able = channel.abilities
        places = int(able.in_flight * BULK_SHARE) if lane in permits.BULK_LANES else able.in_flight
        # Where the database does not keep up, what came back and is not settled takes room: no more is ever in doubt than was bargained for.
        behind = max(0, self.unsettled - SETTLE_AT)
        free = max(1, places) * max(1, able.batch_size) - self._held[gateway_id]
        held = max(0, min(most, free - behind))
        self._short = self._short or held < min(most, free)
        # Whole calls, where there is enough for one.
        held -= held % able.batch_size if held > able.batch_size > 1 else 0
        self._held[gateway_id] += held
        return held

    def let_go(self, gateway_id: int, room: int) -> None:
        """Give up room that was held and is not needed."""
        self._held[gateway_id] -= room

    def take_finished(self, community_id: int) -> tuple[list[Result], float]:
        """What came back for this community and is to be settled now, and since when (monotonic) the first of it waits; put it back with `keep`
        where that failed."""
        results, since = self.finished.pop(community_id, []), self._since.pop(community_id, monotonic())
        self.unsettled -= len(results)
        if self._short:
            self._short, self._room_again = False, True
            self._claim()
        return results, since

    def keep(self, community_id: int, results: Sequence[Result], since: float | None = None) -> None:
        """These are not settled yet."""
        self._since.setdefault(community_id, monotonic() if since is None else since)
        self.finished[community_id].extend(results)
        self.unsettled += len(results)

    def begin_claims(self) -> None:
        """The room that is free now is about to be filled."""
        self._back.clear()
        self._room_again = False

    @property
    def has_room(self) -> bool:
        """Whether as much came back from a gateway since as it still has, or a whole claim; or what took the room is being settled."""
        return self._room_again or any(back >= min(CLAIM_LIMIT, max(1, self._held[gateway])) for gateway, back in self._back.items())

    @property
    def has_some_room(self) -> bool:
        """Whether anything came back since."""
        return any(self._back.values())

    @property
    def has_results(self) -> bool:
        """Whether as much came back as is worth settling, or all there is."""
        return self.unsettled >= SETTLE_AT or (self.unsettled > 0 and not self._calls)

    def start(self, community_id: int, slot: Slot, claimed: Sequence[Claimed]) -> None:
        """Send what was claimed for this slot, in calls of as many as the gateway takes; its room is let go as they come back."""
        size = max(1, slot.channel.abilities.batch_size)
        waiting, create_task = slot.waiting, asyncio.get_running_loop().create_task
        for start in range(0, len(claimed), size):
            few = claimed[start : start + size]
            call = Call(community_id, waiting.gateway_id, slot.channel, few, monotonic(), waiting.set_aside, slot.probe)
            self._deadlines.watch(call, call.claimed_at)
            self._calls[call] = create_task(self._carry_out(call))

    def _give_up(self, call: Call) -> None:
        task = self._calls.get(call)
        if task is not None:
            call.overdue = True
            task.cancel()

    async def _carry_out(self, call: Call) -> None:
        bench, gateway = self._bench, call.gateway_id
        try:
            try:
                outcomes = await make_and_send(call, bench.secrets, bench.public_url, bench.lease_seconds)
            finally:
                self._deadlines.forget(call)
            if went_well(call, outcomes) and not (call.set_aside or bench.breaker.watches(gateway)):
                results = self._all_taken(call, outcomes)
            else:
                results = await self._hear(call, outcomes)
        finally:
            del self._calls[call]
        self._held[gateway] -= len(results)
        self._back[gateway] += len(results)
        self.keep(call.community_id, results)
        self.sent += len(results)
        if self._back[gateway] >= min(CLAIM_LIMIT, max(1, self._held[gateway])):
            self._claim()
        if self.unsettled >= SETTLE_AT or not self._calls:
            self._settle()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._ring)

    def _all_taken(self, call: Call, outcomes: Sequence[Outcome]) -> list[Result]:
        """Take in that all of a call were first tries and taken, by a gateway that is not watched: what most calls are, and so in few steps."""
        self._bench.budget.earn(call.gateway_id, len(outcomes))
        self._bench.tally.all_accepted(call.gateway_id, len(outcomes))
        return [result_of(one, outcome, call.channel) for one, outcome in zip(call.claimed, outcomes, strict=True)]

    async def _hear(self, call: Call, outcomes: Sequence[Outcome]) -> list[Result]:
        """Take in whatever came of a call."""
        bench, tries = self._bench, tries_of(call, outcomes)
        bench.tally.hear(call.gateway_id, tries)
        waits = bench.budget.hear(call.gateway_id, tries)
        await self._pause(call.gateway_id, pause_asked(outcomes))
        await bench.breaker.hear(call.gateway_id, outcomes, set_aside=call.set_aside, medium=call.channel.abilities.medium)
        if call.probe:
            outcomes = [of_a_probe(one) for one in outcomes]
        found = zip(call.claimed, outcomes, waits, strict=True)
        return [result_of(one, outcome, call.channel, budget_seconds) for one, outcome, budget_seconds in found]

    def _ring(self) -> None:
        self._timer = None
        self._claim()
        self._settle()

    async def _pause(self, gateway_id: int, seconds: float) -> None:
        if seconds > 0:
            try:
                await permits.pause(self._bench.database, gateway_id, seconds)
            except Exception as problem:  # noqa: BLE001 - whatever the database says, what came of the call must be settled
                log.warning("pause_not_noted", gateway=gateway_id, problem=type(problem).__name__)
