"""One call of a gateway: from claimed deliveries to what came of each. Whatever a channel does ends as an outcome."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from notifiers.channels.shape import Accepted, Channel, NotSent, Outcome, Outgoing, Refused, Unknown
from notifiers.delivery.claims import Claimed
from notifiers.delivery.outgoing import make_outgoing
from notifiers.delivery.retry_budget import Try
from notifiers.delivery.settling import Result
from notifiers.delivery.verdicts import standing_of
from tocsin.base.logs import logger
from tocsin.base.secrets import Secrets

log = logger("sender")
SEND_SHARE = 0.75
"""Of the lease: a send that takes longer is given up as unknown while its word still counts."""
NOT_MADE = "not_made"
"""The code of a refusal that is ours: the gateway was not asked."""
LATE_SHARE = 0.5
"""Of the lease: a claim that waited longer in this process is not sent any more."""

LONGEST_PAUSE_SECONDS = 600.0
"""A gateway that asks to be left alone for longer is asked again after that: its word may be nonsense, and it may be somebody's last way."""


@dataclass(slots=True, eq=False)
class Call:
    """Deliveries of one channel that one call carries; claimed at `claimed_at` on the monotonic clock. `set_aside`: its gateway was then,
    and with `probe` this is the one message that tries whether it is back. `overdue`: it is being given up."""

    community_id: int
    gateway_id: int
    channel: Channel
    claimed: Sequence[Claimed]
    claimed_at: float
    set_aside: bool = False
    probe: bool = False
    overdue: bool = False


def make_and_send(call: Call, secrets: Secrets, public_url: str, lease_seconds: float) -> Awaitable[list[Outcome]]:
    """Make what leaves of each claimed delivery and `send` it; one outcome each, in order. What cannot be made is refused as `not_made`, and
    keeps no other of its batch. Makes at once, and sends when it is awaited."""
    made: list[Outgoing] = []
    broken: dict[int, Outcome] = {}
    for place, one in enumerate(call.claimed):
        try:
            made.append(make_outgoing(one, call.community_id, secrets, public_url))
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with one message must not stop the others
            log.error("message_not_made", message=one.message_id, no=one.no, problem=type(problem).__name__)
            broken[place] = Refused(NOT_MADE, type(problem).__name__)
    return _send_but(call, made, broken, lease_seconds) if broken else send(call, made, lease_seconds)


async def _send_but(call: Call, made: Sequence[Outgoing], broken: dict[int, Outcome], lease_seconds: float) -> list[Outcome]:
    """`send` what was made; of the others, by their place in the call, it is known already what came of them."""
    outcomes = iter(await send(call, made, lease_seconds) if made else ())
    return [broken[place] if place in broken else next(outcomes) for place in range(len(call.claimed))]


async def send(call: Call, batch: Sequence[Outgoing], lease_seconds: float) -> list[Outcome]:
    """Hand the batch to the channel; one outcome each, in order. Raises nothing but cancellation.

    Whoever cancels it because SEND_SHARE of the lease is over says so first (`call.overdue`).
    """
    if monotonic() - call.claimed_at > lease_seconds * LATE_SHARE:
        return [NotSent("claimed_too_long_ago")] * len(batch)
    try:
        outcomes = await call.channel.send(batch)
    except asyncio.CancelledError:
        if not call.overdue:
            raise
        _take_back_cancellation()
        return [Unknown("time_out")] * len(batch)
    except TimeoutError:
        return [Unknown("time_out")] * len(batch)
    except Exception as problem:  # noqa: BLE001 - a channel's defect must not end the loop, and it may have sent
        log.error("channel_raised", gateway=call.gateway_id, problem=type(problem).__name__)
        return [Unknown(f"channel_raised: {type(problem).__name__}")] * len(batch)
    if len(outcomes) != len(batch):
        log.error("channel_miscounted", gateway=call.gateway_id, sent=len(batch), outcomes=len(outcomes))
        return [Unknown("channel_miscounted")] * len(batch)
    return list(outcomes)


def went_well(call: Call, outcomes: Sequence[Outcome]) -> bool:
    """Whether all of it were first tries and taken, so that nobody has to look at each."""
    # Loops, not all(): this is asked of each call, and most carry one message.
    for outcome in outcomes:
        if not isinstance(outcome, Accepted):
            return False
    for one in call.claimed:  # noqa: SIM110
        if one.attempts != 1:
            return False
    return True


def _take_back_cancellation() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def tries_of(call: Call, outcomes: Sequence[Outcome]) -> list[Try]:
    """What the retry budget has to know of a call."""
    told_apart = call.channel.abilities.tells_repeats_apart
    return [Try(one.attempts, one.alert, told_apart, outcome) for one, outcome in zip(call.claimed, outcomes, strict=True)]


def result_of(claimed: Claimed, outcome: Outcome, channel: Channel, budget_seconds: float = 0.0) -> Result:
    """The result of one delivery, ready to be settled; a repeat has to wait so long for the gateway's retry budget."""
    able = channel.abilities
    standing = standing_of(claimed.attempts, claimed.maybe_sent, able.tells_repeats_apart, claimed.life_safety, claimed.alert)
    if budget_seconds:
        standing = replace(standing, budget_seconds=budget_seconds)
    return Result(
        claimed.message_id, claimed.no, claimed.token, outcome, standing,
        by_hand=able.medium == "by_hand", named_by_gateway=not able.gives_references_back, receipts=able.receipts,
        range_id=claimed.range_id, member_no=claimed.member_no,
    )  # fmt: skip


def pause_asked(outcomes: Sequence[Outcome]) -> float:
    """The longest pause in seconds that the gateway asked for, within reason; 0 where it asked for none."""
    return min(LONGEST_PAUSE_SECONDS, max((one.retry_after_seconds or 0.0 for one in outcomes if isinstance(one, NotSent)), default=0.0))
