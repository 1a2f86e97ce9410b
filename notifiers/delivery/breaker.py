"""Which gateways are plainly dead, or fail half of their calls where there is another: set aside, so that what has another way takes it at once; tried again by single probes; taken back.

It is the company's gateway, so what one worker finds out holds for all workers and communities. A gateway is judged by whole calls: one that
answers, be it with a refusal of a number, is alive. A text that is not registered says nothing of the others.
"""

from collections import defaultdict
from collections.abc import Sequence
from time import monotonic
from typing import Literal

from notifiers.channels.registry import KINDS
from notifiers.channels.shape import Accepted, ChannelMedium, NotSent, Outcome, Refused, Unknown
from notifiers.delivery.failing_share import FailingShare
from notifiers.delivery.reach import SQL
from notifiers.delivery.sending import NOT_MADE
from tocsin.base.database import Database, Tx
from tocsin.base.logs import logger

log = logger("sender")
DEAD_CALLS = 5
"""Calls in a row that got no answer, after which a gateway is set aside. A refusal of the account does it at once."""
FIRST_PROBE_SECONDS = 1.0
PROBE_SECONDS = 5.0
"""How soon, and then how often, one message tries whether the gateway is back."""
ALERT_PROBES_AFTER_SECONDS = 60.0
"""An alert that has another way is the probe only where nothing less urgent was for so long."""
DOUBT_SECONDS = 1.0
NO_ANSWER = "no_answer"
OFTEN_NO_ANSWER = "often_no_answer"

Said = Literal["alive", "no_answer", "nothing"]


def what_it_says(outcomes: Sequence[Outcome]) -> Said | Refused:
    """What one call says of its gateway: it is alive, it gave no answer, it refused the account (that refusal), or nothing. Pure."""
    telling = [one for one in outcomes if not (isinstance(one, Refused) and _is_no_word_of_it(one))]
    if any(isinstance(one, Accepted) or (isinstance(one, Refused) and not one.account) for one in telling):
        return "alive"
    for one in telling:
        if isinstance(one, Refused):
            return one
    if telling and all(isinstance(one, Unknown) or (isinstance(one, NotSent) and _unanswered(one)) for one in telling):
        return "no_answer"
    return "nothing"


def of_a_probe(outcome: Outcome) -> Outcome:
    """What came of the message that tried a dead gateway: refused with the account it was not sent, and waits on like all others. Pure."""
    return NotSent(outcome.code) if isinstance(outcome, Refused) and outcome.account else outcome


def _is_no_word_of_it(refusal: Refused) -> bool:
    """A text that is not registered says nothing of other texts, and what we could not make was never offered."""
    return refusal.code == NOT_MADE or (refusal.account and "template" in refusal.code.lower())


def _unanswered(outcome: NotSent) -> bool:
    return outcome.retry_after_seconds is None and outcome.reason not in ("throttled", "claimed_too_long_ago")


class Breaker:
    """Hears what this process's calls say of gateways, and tells all others."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unanswered: dict[int, int] = defaultdict(int)
        self._failed_at: dict[int, float] = {}
        self._shares: dict[int, FailingShare] = {}

    async def hear(self, gateway_id: int, outcomes: Sequence[Outcome], *, set_aside: bool, medium: ChannelMedium | None = None) -> None:
        """Take in what came of one call; `set_aside`: the gateway was when the call was made. `medium`: what it sends, so that it can be left for
        another gateway; None: only calls in a row count."""
        if not (set_aside or self.watches(gateway_id)) and all(isinstance(one, Accepted) for one in outcomes):
            return
        said = what_it_says(outcomes)
        if said == "no_answer" or isinstance(said, Refused):
            self._failed_at[gateway_id] = monotonic()
        if isinstance(said, Refused):
            await self._set_aside(gateway_id, said.code)
        elif said == "no_answer":
            self._unanswered[gateway_id] += 1
            if self._unanswered[gateway_id] >= DEAD_CALLS and await self._set_aside(gateway_id, NO_ANSWER):
                # Another worker may take it back: then it is judged anew.
                self._unanswered.pop(gateway_id, None)
        elif said == "alive":
            self._unanswered.pop(gateway_id, None)
            if set_aside:
                self._shares.pop(gateway_id, None)
                await self._take_back(gateway_id)
        if said in ("no_answer", "alive") and medium is not None and not set_aside:
            await self._weigh(gateway_id, medium, failed=said == "no_answer")

    def watches(self, gateway_id: int) -> bool:
        """Whether it failed a call lately, so that each of its calls has to be heard; otherwise those that it simply took say nothing new."""
        return gateway_id in self._unanswered or gateway_id in self._shares

    def doubts(self, gateway_id: int) -> bool:
        """Whether it failed a call of this process a moment ago, so that others may have set it aside by now."""
        return monotonic() - self._failed_at.get(gateway_id, -DOUBT_SECONDS) < DOUBT_SECONDS

    async def may_probe(self, gateway_id: int, *, alert: bool) -> bool:
        """Whether one message may try now whether a gateway is back; of all workers, one is told so."""
        async with self._database.floor() as tx:
            overdue = ALERT_PROBES_AFTER_SECONDS if alert else 0.0
            return await tx.value(SQL.reserve_probe, gateway_id, overdue, PROBE_SECONDS) is not None

    async def _weigh(self, gateway_id: int, medium: ChannelMedium, *, failed: bool) -> None:
        """Half of its calls are better than none: one that fails the others is left only where another gateway takes what it would."""
        share = self._shares.get(gateway_id)
        if share is None:
            if not failed:
                return
            share = self._shares[gateway_id] = FailingShare()
        if share.hear(monotonic(), failed=failed):
            del self._shares[gateway_id]
            kinds = [name for name, kind in KINDS.items() if kind.medium == medium]
            await self._set_aside(gateway_id, OFTEN_NO_ANSWER, PROBE_SECONDS, kinds)
        elif share.is_well:
            del self._shares[gateway_id]

    async def _set_aside(
        self, gateway_id: int, why: str, probe_seconds: float = FIRST_PROBE_SECONDS, unless_alone_of: Sequence[str] | None = None
    ) -> bool:
        """Whether that could be noted; not done where the company has no other gateway `unless_alone_of` these kinds."""
        try:
            async with self._database.floor() as tx:
                new = await tx.value(SQL.set_aside, gateway_id, why, probe_seconds, unless_alone_of)
        except Exception as problem:  # noqa: BLE001 - whatever the database says, what came of the call must be settled
            log.warning("gateway_state_not_noted", gateway=gateway_id, problem=type(problem).__name__)
            return False
        if new is not None:
            log.error("gateway_set_aside", gateway=gateway_id, why=why)
        return True

    async def _take_back(self, gateway_id: int) -> None:
        try:
            async with self._database.floor() as tx:
                await take_back(tx, gateway_id)
        except Exception as problem:  # noqa: BLE001 - whatever the database says, what came of the call must be settled
            log.warning("gateway_state_not_noted", gateway=gateway_id, problem=type(problem).__name__)


async def take_back(tx: Tx, gateway_id: int) -> None:
    """It answers, or was changed: messages leave by it again from this transaction's commit on."""
    if await tx.value(SQL.take_back, gateway_id) is not None:
        log.info("gateway_taken_back", gateway=gateway_id)
