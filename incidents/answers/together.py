"""Answers by link that come in at one moment are taken together.

Everybody alerted by one message waits for the same incident's lock, and a transaction costs ten times what folding an answer does.
So one transaction takes all that gathered while the one before it was at work; nobody is told that an answer counts before it is
committed. What fails together is tried again one by one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from incidents.actors import Actor
from incidents.answers.answers import Answered, Answering, alerts_of, answer_all, check_answer, must_not_be_old
from incidents.conductor.case import open_case
from incidents.errors import AlertUnknownError, MessageExpiredError
from notifiers.links import LinkTarget
from playbooks.engine.events import AnswerWord
from tocsin.base.database import CONNECTION_LOST, Database, Tx
from tocsin.base.errors import TocsinError
from tocsin.base.logs import logger
from tocsin.base.work import Wakeups

MOST = 64
"""Answers of one transaction."""
log = logger("answers")


@dataclass(frozen=True, slots=True)
class _Waiting:
    no: int
    kind: AnswerWord
    minutes: int | None
    answered: asyncio.Future[Answered]


@dataclass
class AnswersTogether:
    """Takes answers by link for one process."""

    database: Database
    wakeups: Wakeups
    _waiting: dict[tuple[int, int], list[_Waiting]] = field(default_factory=lambda: defaultdict(list))
    _at_work: dict[tuple[int, int], asyncio.Task[None]] = field(default_factory=dict)

    async def answer(self, target: LinkTarget, kind: str, minutes: int | None) -> Answered:
        """Answered on the page behind a link, once it is committed; `minutes` until they are there.

        Raises AnswerWrongError, AlertUnknownError, IncidentEndedError, MessageExpiredError.
        """
        word = check_answer(kind, minutes)
        message = (target.community_id, target.message_id)
        one = _Waiting(target.no, word, minutes, asyncio.get_running_loop().create_future())
        self._waiting[message].append(one)
        if message not in self._at_work:
            self._at_work[message] = asyncio.create_task(self._take_all(message))
        return await one.answered

    async def _take_all(self, message: tuple[int, int]) -> None:
        try:
            while gathered := self._waiting.pop(message, None):
                for start in range(0, len(gathered), MOST):
                    await self._take(message, gathered[start : start + MOST])
        finally:
            del self._at_work[message]

    async def _take(self, message: tuple[int, int], gathered: Sequence[_Waiting]) -> None:
        try:
            async with self.database.community(message[0]) as tx:
                outcomes = await _answer_in(tx, self.wakeups, message[1], gathered)
        except Exception as problem:
            if len(gathered) > 1 and not isinstance(problem, (TocsinError, *CONNECTION_LOST)):
                log.exception("answers_failed_together", community=message[0], message=message[1], count=len(gathered))
                for one in gathered:
                    await self._take(message, [one])
                return
            outcomes = [problem] * len(gathered)
        for one, outcome in zip(gathered, outcomes, strict=True):
            if one.answered.done():
                continue
            if isinstance(outcome, Exception):
                one.answered.set_exception(outcome)
            else:
                one.answered.set_result(outcome)


async def _answer_in(tx: Tx, wakeups: Wakeups, message_id: int, gathered: Sequence[_Waiting]) -> list[Answered | Exception]:
    """Each one's answer as it counts, or why it does not."""
    alerts = await alerts_of(tx, message_id, [one.no for one in gathered])
    if not alerts:
        return [AlertUnknownError(value=f"{message_id}-{one.no}") for one in gathered]
    case = await open_case(tx, wakeups, next(iter(alerts.values())).incident_id)
    outcomes: list[Answered | Exception] = [AlertUnknownError(value=f"{message_id}-{one.no}") for one in gathered]
    counting: list[tuple[int, Answering]] = []
    for place, one in enumerate(gathered):
        if one.no in alerts:
            alert = alerts[one.no]
            answering = Answering(alert, one.kind, one.minutes, "link", Actor("link", "", person_id=alert.person_id))
            try:
                must_not_be_old(tx, answering)
            except MessageExpiredError as too_old:
                outcomes[place] = too_old
            else:
                counting.append((place, answering))
    if counting:
        for (place, _), answered in zip(counting, await answer_all(case, [one for _, one in counting]), strict=True):
            outcomes[place] = answered
    return outcomes
