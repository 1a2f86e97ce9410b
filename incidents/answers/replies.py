"""An SMS, a key or a button that answers an alert, and the word that goes back: recorded, not understood, or which one is meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from incidents.actors import Actor
from incidents.answers.answers import Answering, alert_of, answer
from incidents.errors import AlertUnknownError, IncidentEndedError
from notifiers.announcements import Announcement, People, Text, To, announce
from notifiers.delivery.replies import RecordedReply
from people.communities import get_community
from people.persons import person_by_phone
from playbooks.engine.events import AnswerWord
from tocsin.base.database import Tx
from tocsin.base.texts import say
from tocsin.base.work import Wakeups

MEANING: dict[int, AnswerWord] = {1: "received", 2: "on_the_way", 3: "on_scene", 4: "done", 9: "cannot"}
"""What the digits of a reply mean; the texts of alerts say so."""
SaidBy = Literal["sms", "voice", "chat"]
"""How it came: written back, a key pressed during a call, a button pressed or words written in a chat."""
NOTICE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class ReplyTaken:
    """What became of a reply, and what whoever sent it is told, in his language ("" for nothing)."""

    outcome: Literal["answered", "asked_which", "not_understood", "over", "unmatched", "duplicate"]
    words: str = ""


async def answer_reply(tx: Tx, wakeups: Wakeups, reply: RecordedReply, evidence: SaidBy = "sms", *, shown: bool = False) -> ReplyTaken:
    """Take a recorded reply: answer its alert, or ask which one; never guess. Whoever wrote hears what was understood.

    `shown`: the gateway shows the words at once, where the reply was given, and no message need bring them.
    """
    if reply.duplicate:
        return ReplyTaken("duplicate")
    if reply.outcome == "unmatched":
        return ReplyTaken("unmatched")
    back = None if shown else wakeups
    if reply.outcome == "ambiguous":
        words = await _tell(tx, back, reply, "answer.which", codes=reply.codes, example=f"{reply.codes[0]}1")
        return ReplyTaken("asked_which", words)
    digit = reply.parsed.digit
    if reply.outcome == "not_understood" or reply.message_id is None or reply.no is None or digit not in MEANING:
        return ReplyTaken("not_understood", await _tell(tx, back, reply, "answer.not_understood"))
    return await _take(tx, wakeups, reply, MEANING[digit], evidence, shown=shown)


async def _take(tx: Tx, wakeups: Wakeups, reply: RecordedReply, kind: AnswerWord, evidence: SaidBy, *, shown: bool) -> ReplyTaken:
    if reply.message_id is None or reply.no is None:
        return ReplyTaken("unmatched")
    back = None if shown else wakeups
    try:
        alert = await alert_of(tx, reply.message_id, reply.no)
        actor = Actor(evidence, "", person_id=alert.person_id)
        said = await answer(tx, wakeups, Answering(alert, kind, reply.parsed.minutes, evidence, actor))
    except (IncidentEndedError, AlertUnknownError):
        return ReplyTaken("over", await _tell(tx, back, reply, "answer.over"))
    community = await get_community(tx, tx.community)
    at = said.at.astimezone(ZoneInfo(community.zone)).strftime("%H:%M")
    key = f"answer.heard.{kind}" if not said.others or kind == "cannot" else f"answer.heard_too.{kind}"
    # Whoever pressed a key during a call has heard it there.
    heard = evidence == "voice"
    return ReplyTaken("answered", await _tell(tx, None if heard else back, reply, key, code=said.code, at=at, others=said.others))


async def _tell(tx: Tx, wakeups: Wakeups | None, reply: RecordedReply, key: str, **values: object) -> str:
    """What whoever replied is told, in his language; it goes out as a message unless there are no `wakeups`: then it is shown otherwise."""
    community = await get_community(tx, tx.community)
    known = {"phone": community.desk_phone, **values}
    texts = {language: _text(language, key, known) for language in community.languages}
    if wakeups is not None:
        await _write_back(tx, wakeups, reply, texts)
    return texts.get(reply.language, texts[community.languages[0]]).text


async def _write_back(tx: Tx, wakeups: Wakeups, reply: RecordedReply, texts: Mapping[str, Text]) -> None:
    to = reply.person_ids[:1] or await _whose_telephone(tx, reply.address)
    if not to:
        return
    announcement = Announcement(
        subject=None, effect_key=f"reply/{reply.id}", kind="notice", lane="alert", means="write", audience_kind="staff",
        to=To(People(to)), drill=False, life_safety=False, code="", link="", expires_seconds=NOTICE_SECONDS,
        texts=texts,
    )  # fmt: skip
    await announce(tx, announcement)
    wakeups.after_commit(tx, "alert")


def _text(language: str, key: str, values: Mapping[str, object]) -> Text:
    """The answer in one language; where several are named, as that language lists them."""
    comma = say(language, "answer.comma")
    known = {name: comma.join(value) if isinstance(value, list | tuple) else str(value) for name, value in values.items()}
    return Text(key=key, variables=known, text=say(language, key, **known))


async def _whose_telephone(tx: Tx, address: str) -> tuple[int, ...]:
    """The member of staff with this number: a reply that matched no alert names nobody, and still deserves an answer."""
    return tuple(one.person_id for one in await person_by_phone(tx, address) if one.kind == "staff")[:1]
