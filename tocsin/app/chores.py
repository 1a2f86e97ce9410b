"""Everything that happens by itself, in one ordered list. Chores meet in tables and never call each other.

Each is led to a community by the `work` table, runs under a time limit and its own error fence, and may run in any number of
processes at once. Deliveries are sent by `notifiers.delivery.worker` beside them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api import idempotency
from incidents.answers import tallies
from incidents.conductor import outcomes, timers
from incidents.handover import shift_changes
from incidents.planned import chore as planned
from notifiers.canaries import chore as canaries
from notifiers.delivery import asking, clock_steps, fan_out, leases, no_receipt, receipts
from notifiers.quality import chore as quality
from people.duty import wall
from people.imports import runs
from people.search import rebuild
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Lane, Wakeups


@dataclass(frozen=True, slots=True)
class Hands:
    """What every chore works with."""

    database: Database
    wakeups: Wakeups
    secrets: Secrets
    settings: Settings


@dataclass(frozen=True, slots=True)
class Chore:
    """One thing that happens by itself: `run_once(hands, community_id)` says how much it did.

    A row of `work` with its name as the lane leads to it; or, where `every_seconds` is given, nothing but the clock does. A worker begins it
    for one community no sooner than `rest_seconds` after it began it there before.
    """

    lane: Lane
    run_once: Callable[[Hands, int], Awaitable[int]]
    limit_seconds: float = 30
    every_seconds: float | None = None
    rest_seconds: float = 0


async def _timers(hands: Hands, community_id: int) -> int:
    return await timers.run_once(hands.database, hands.wakeups, community_id)


async def _outcomes(hands: Hands, community_id: int) -> int:
    return await outcomes.run_once(hands.database, hands.wakeups, community_id)


async def _tallies(hands: Hands, community_id: int) -> int:
    return await tallies.run_once(hands.database, hands.wakeups, community_id)


async def _fan_out(hands: Hands, community_id: int) -> int:
    return await fan_out.run_once(hands.database, hands.wakeups, community_id)


async def _leases(hands: Hands, community_id: int) -> int:
    return await leases.run_once(hands.database, community_id, hands.settings.lease_seconds)


async def _receipts(hands: Hands, community_id: int) -> int:
    return await receipts.run_once(hands.database, community_id)


async def _quality(hands: Hands, community_id: int) -> int:
    return await quality.run_once(hands.database, community_id)


async def _canaries(hands: Hands, community_id: int) -> int:
    return await canaries.run_once(hands.database, hands.wakeups, community_id)


async def _planned(hands: Hands, community_id: int) -> int:
    return await planned.run_once(hands.database, hands.wakeups, community_id)


async def _rosters(hands: Hands, community_id: int) -> int:
    return await wall.run_once(hands.database, community_id)


async def _handovers(hands: Hands, community_id: int) -> int:
    return await shift_changes.run_once(hands.database, hands.wakeups, community_id)


async def _search(hands: Hands, community_id: int) -> int:
    return await rebuild.run_once(hands.database, community_id)


async def _no_receipt(hands: Hands, community_id: int) -> int:
    return await no_receipt.run_once(hands.database, community_id)


async def _inquiries(hands: Hands, community_id: int) -> int:
    return await asking.run_once(hands.database, hands.secrets, hands.wakeups, hands.settings.public_url, community_id)


async def _idempotency(hands: Hands, community_id: int) -> int:
    return await idempotency.run_once(hands.database, community_id)


async def _imports(hands: Hands, community_id: int) -> int:
    return await runs.run_once(hands.database, community_id)


async def _clock_steps(hands: Hands, community_id: int) -> int:
    return await clock_steps.run_once(hands.database, community_id, float(hands.settings.lease_seconds))


CHORES = (
    Chore("timers", _timers),  # deadlines of runs: silence climbs its ladder
    Chore("outcomes", _outcomes),  # an alert that reached nobody ends its tier at once
    Chore("fan_out", _fan_out, limit_seconds=120),  # sealed members become deliveries
    Chore("leases", _leases),  # deliveries whose sender died become unknown
    Chore("receipts", _receipts),  # what gateways said later
    Chore("no_receipt", _no_receipt),  # what gateways never said: handed over does not stay grey
    Chore("inquiries", _inquiries, limit_seconds=120),  # gateways that can say are asked how a message stands
    Chore("tallies", _tallies, rest_seconds=1),  # residents' "safe", once a second
    Chore("quality", _quality, rest_seconds=1),  # how good addresses are, from what became of deliveries and what people texted back
    Chore("canaries", _canaries),  # the test of each day proves that the ways to residents are open
    Chore("planned", _planned),  # residents hear of planned cuts, and are reminded
    Chore("rosters", _rosters),  # coming shifts at their times on the wall
    Chore("handovers", _handovers),  # a change of shift that both have not signed is told
    Chore("search", _search, limit_seconds=600),  # the search box's terms, made anew where an update asked for it
    Chore("idempotency", _idempotency, every_seconds=3600),  # answers to repeated requests go after a day
    Chore("imports", _imports, every_seconds=3600),  # files that were brought in go after a month
    Chore("clock_steps", _clock_steps, every_seconds=60),  # nothing waits for a clock that was put back
)
