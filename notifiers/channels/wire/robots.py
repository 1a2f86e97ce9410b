"""Robots of chat groups: whom a message mentions, what it says, and the one call that posts it.

A robot is a mirror. It knows of no receipts, no read state and no replies, so every text that asks for an answer says where the answer goes.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson
from pydantic import Field
from yarl import URL

from notifiers.channels.shape import Abilities, HookReading, HookRefusedError, HookRequest, NotSent, Outcome, Outgoing, Refused
from notifiers.channels.wire.answers import parse_json, wait_in
from notifiers.channels.wire.calls import JSON_TYPE, Answer, Caller
from notifiers.channels.wire.codebook import Codebook, Said, without_code
from notifiers.channels.wire.settings import CallSettings, Plain
from notifiers.channels.wire.unsigned import text_of
from notifiers.channels.wire.words import storable
from tocsin.base.texts import say

MentionKind = Literal["group", "all", "mobile", "user"]
_MOBILE = re.compile(r"\+?[0-9]{6,15}", re.ASCII)
_USER = re.compile(r"[A-Za-z][A-Za-z0-9_.@-]{0,63}", re.ASCII)
_CUT = "…"


class RobotSettings(CallSettings):
    """Settings that the robots of all vendors have; `endpoint` is the vendor's fixed host."""

    endpoint: Plain
    in_flight: int = Field(default=4, ge=2, le=64)

    def urls(self) -> dict[str, str]:
        return {"endpoint": self.endpoint}

    def secret_length_min(self) -> int:
        """The key in the robot's address is all that keeps strangers from posting."""
        return 16


@dataclass(frozen=True, slots=True)
class Mention:
    """Whom a message calls by name: nobody ("group"), everybody ("all"), or one by mobile number (national form) or the vendor's user id."""

    kind: MentionKind
    value: str = ""

    @property
    def names_one(self) -> bool:
        return self.kind in ("mobile", "user")


@dataclass(frozen=True, slots=True)
class RobotCall:
    """What one message becomes: the address it is posted to and the document."""

    url: URL
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Robot:
    """What sets one vendor's robots apart. Sizes are bytes of UTF-8; `pauses` are seconds to rest after a code.

    `call(origin, message text, mention)` may sign. `secrets` are kept out of every reason.
    """

    codes: Codebook
    code_fields: Sequence[str]
    words_fields: Sequence[str]
    text_bytes_max: int
    mentions: frozenset[MentionKind]
    call: Callable[[str, Mention], RobotCall]
    secrets: tuple[str, ...]
    pauses: Mapping[str, float]
    wait_header: str = ""


def read_mention(address: str) -> Mention | None:
    """Whom a contact point of the kind "chat" means: `group`, `all`, a mobile number or a user id; None for anything else."""
    match address:
        case "group":
            return Mention("group")
        case "all":
            return Mention("all")
        case _ if _MOBILE.fullmatch(address):
            return Mention("mobile", address.removeprefix("+86").removeprefix("+"))
        case _ if _USER.fullmatch(address):
            return Mention("user", address)
    return None


def robot_text(message: Outgoing, mention: Mention, bytes_max: int) -> str:
    """The text as the group reads it, at most `bytes_max` bytes: what is too long loses its end, never its link or its note.

    A link answers in the name of one person, so it stands only where that person is mentioned.
    """
    link = message.link if mention.names_one else ""
    text = storable(message.text, bytes_max)
    if message.link and not link:
        text = text.replace(message.link, "").rstrip()
    note = ""
    if message.code or message.link:
        note = "\n" + say(message.language, "chat.note_link" if link else "chat.note")
    if len((text + note).encode()) <= bytes_max:
        return text + note
    tail = f"{_CUT}\n{link}{note}" if link else f"{_CUT}{note}"
    head = text.replace(link, "").rstrip() if link else text
    return head.encode()[: bytes_max - len(tail.encode())].decode(errors="ignore") + tail


class RobotChannel:
    """An open connection to one robot. A repeat would be posted again."""

    def __init__(self, settings: RobotSettings, robot: Robot) -> None:
        self._robot = robot
        self._caller = Caller(settings)
        self.abilities = Abilities(medium="chat", contact_kinds=("chat",), receipts=False, replies=False, in_flight=settings.in_flight)

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One post for each message; Accepted means that it stands in the group."""
        return list(await asyncio.gather(*map(self._send_one, batch)))

    async def _send_one(self, message: Outgoing) -> Outcome:
        mention = read_mention(message.address)
        if mention is None or mention.kind not in self._robot.mentions:
            return Refused("address_malformed", "address_malformed")
        call = self._robot.call(robot_text(message, mention, self._robot.text_bytes_max), mention)
        answer = await self._caller.post(call.url, orjson.dumps(call.document), {"Content-Type": JSON_TYPE})
        return self._read(answer, mention) if isinstance(answer, Answer) else answer

    def _read(self, answer: Answer, mention: Mention) -> Outcome:
        robot = self._robot
        document = parse_json(answer)
        if not isinstance(document, dict):
            return without_code(answer)
        code = _first(document, robot.code_fields)
        if not code:
            return without_code(answer)
        outcome = robot.codes.outcome(answer, Said(code, _first(document, robot.words_fields)), (*robot.secrets, mention.value))
        if isinstance(outcome, NotSent) and outcome.retry_after_seconds is None:
            return NotSent(outcome.reason, robot.pauses.get(code, wait_in(answer.headers, robot.wait_header)))
        return outcome

    def read_hook(self, request: HookRequest) -> HookReading:
        """Robots never call back."""
        raise HookRefusedError("a robot never calls back")

    async def close(self) -> None:
        await self._caller.close()


def _first(document: Mapping[str, object], names: Sequence[str]) -> str:
    return next((text for name in names if (text := text_of(document, name))), "")


def split_secret(secret: str) -> tuple[str, str]:
    """The key in the robot's address, and after a colon the secret that it signs with; '' where it does not sign."""
    key, _, signing = secret.partition(":")
    return key, signing
