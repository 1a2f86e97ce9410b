"""Answers by link that come in at one moment are taken together: everybody alerted by one message waits for the same incident's lock."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.actors import Actor
from incidents.answers.answers import Answered, Answering, alerts_of, answer_all, check_answer, must_not_be_old
from incidents.answers.responses import Pressed, check_kind, respond_all
from incidents.conductor.case import open_case
from incidents.errors import AlertUnknownError, MessageExpiredError
from notifiers.links import LinkTarget
from playbooks.engine.events import AnswerWord
from tocsin.base.database import Database, Tx
from tocsin.base.together import Together
from tocsin.base.work import Wakeups

MOST = 64
"""Answers of one transaction."""
MOST_RESPONSES = 500
"""Residents' responses of one transaction: thousands may press within a second, and one costs a few rows."""
Message = tuple[int, int]
"""A community's id and its message's."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    no: int
    kind: AnswerWord
    minutes: int | None


class AnswersTogether:
    """Takes what is answered behind links, for one process."""

    def __init__(self, database: Database, wakeups: Wakeups) -> None:
        self._database = database
        self._wakeups = wakeups
        self._answers = Together[Message, _Waiting, Answered](self._take_answers, MOST)
        self._responses = Together[Message, Pressed, None](self._take_responses, MOST_RESPONSES)

    async def answer(self, target: LinkTarget, kind: str, minutes: int | None) -> Answered:
        """Answered on the page behind a link, once it is committed; `minutes` until they are there.

        Raises AnswerWrongError, AlertUnknownError, IncidentEndedError, MessageExpiredError.
        """
        word = check_answer(kind, minutes)
        return await self._answers.ask((target.community_id, target.message_id), _Waiting(target.no, word, minutes))

    async def respond(self, target: LinkTarget, kind: str, words: str) -> None:
        """A resident's response from the page behind a link; returns once it is committed.

        Raises AnswerWrongError, AlertUnknownError, IncidentEndedError, MessageExpiredError.
        """
        await self.responding(target, kind, words)

    def responding(self, target: LinkTarget, kind: str, words: str = "") -> asyncio.Future[None]:
        """What `respond` waits for; raises AnswerWrongError at once."""
        return self._responses.join((target.community_id, target.message_id), Pressed(target.no, check_kind(kind), words))

    async def _take_answers(self, message: Message, gathered: Sequence[_Waiting]) -> list[Answered | Exception]:
        async with self._database.community(message[0]) as tx:
            return await _answer_in(tx, self._wakeups, message[1], gathered)

    async def _take_responses(self, message: Message, gathered: Sequence[Pressed]) -> list[None | Exception]:
        self._database.unconfirmed.refuse_if_hopeless()
        async with self._database.community(message[0]) as tx:
            return await respond_all(tx, self._wakeups, message[1], gathered)


async def _answer_in(tx: Tx, wakeups: Wakeups, message_id: int, gathered: Sequence[_Waiting]) -> list[Answered | Exception]:
    """Each one's answer as it counts, or why it does not."""
    alerts, incident = await alerts_of(tx, message_id, [one.no for one in gathered])
    if not alerts:
        return [AlertUnknownError(value=f"{message_id}-{one.no}") for one in gathered]
    case = await open_case(tx, wakeups, next(iter(alerts.values())).incident_id, locked=incident)
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
