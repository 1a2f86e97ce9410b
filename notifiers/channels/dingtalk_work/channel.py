"""Turns messages into work notices of a DingTalk application."""

import asyncio
import re
from collections.abc import Sequence

import orjson
from yarl import URL

from notifiers.channels.dingtalk_work.codes import CODES, TOKEN_OVER
from notifiers.channels.dingtalk_work.results import read_result
from notifiers.channels.dingtalk_work.settings import DingtalkWorkSettings
from notifiers.channels.shape import (
    Abilities,
    Asked,
    ChannelSettings,
    HookReading,
    HookRefusedError,
    HookRequest,
    Outcome,
    Outgoing,
    ReceiptIn,
    Refused,
)
from notifiers.channels.wire.answers import parse_json, read_object
from notifiers.channels.wire.calls import JSON_TYPE, Answer, Called, Caller, url_of
from notifiers.channels.wire.codebook import Said, without_code
from notifiers.channels.wire.tokens import Token, TokenKeeper, fetch_token, send_with_token
from notifiers.channels.wire.unsigned import text_of
from notifiers.channels.wire.words import storable
from tocsin.base.texts import say

_MEMBER = re.compile(r"[A-Za-z0-9_.@-]{1,64}", re.ASCII)
_TEXT_BYTES = 2048
_CUT = "…"


def notice_text(message: Outgoing) -> str:
    """The text, and on a line of its own its number: DingTalk drops, without a word, what a member was told before on that day.

    At most 2048 bytes; what is too long loses its end, never its link or its number.
    """
    number = "\n" + say(message.language, "chat.number", reference=message.reference)
    text = storable(message.text, _TEXT_BYTES)
    if len((text + number).encode()) <= _TEXT_BYTES:
        return text + number
    tail = f"{_CUT}\n{message.link}{number}" if message.link else f"{_CUT}{number}"
    head = text.replace(message.link, "").rstrip() if message.link else text
    return head.encode()[: _TEXT_BYTES - len(tail.encode())].decode(errors="ignore") + tail


class DingtalkWorkChannel:
    """An open connection to one application. A repeat is dropped by DingTalk without a word, and may be the first that arrives."""

    def __init__(self, settings: DingtalkWorkSettings, secret: str) -> None:
        self._settings = settings
        self._secret = secret
        self._caller = Caller(settings)
        self._tokens = TokenKeeper(self._fetch_token)
        self._origin = URL(settings.endpoint).origin()
        self.abilities = Abilities(
            medium="chat",
            contact_kinds=("chat",),
            receipts=settings.queries,
            replies=False,
            tells_repeats_apart=True,
            asks=settings.queries,
            in_flight=settings.in_flight,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One call for each message; Accepted means that DingTalk has made it a task."""
        return list(await asyncio.gather(*map(self._send_one, batch)))

    async def _send_one(self, message: Outgoing) -> Outcome:
        if not _MEMBER.fullmatch(message.address):
            return Refused("address_malformed", "address_malformed")
        document = {
            "agent_id": self._settings.agent_id,
            "userid_list": message.address,
            "to_all_user": False,
            "msg": {"msgtype": "text", "text": {"content": notice_text(message)}},
        }
        body = orjson.dumps(document)
        called = await send_with_token(self._tokens, lambda token: self._post("asyncsend_v2", token, body), TOKEN_OVER)
        return self._read(called, message.address) if isinstance(called, Answer) else called

    async def ask(self, asked: Asked) -> list[ReceiptIn]:
        """getsendresult: who has read the notice, and who could not get it; for 24 hours, and by its task alone."""
        if not asked.gateway_ref.isdecimal():
            return []
        body = orjson.dumps({"agent_id": self._settings.agent_id, "task_id": int(asked.gateway_ref)})
        called = await send_with_token(self._tokens, lambda token: self._post("getsendresult", token, body), TOKEN_OVER)
        document = read_object(called) if isinstance(called, Answer) else {}
        result = document.get("send_result") if text_of(document, "errcode") == "0" else None
        return read_result(result, asked) if isinstance(result, dict) else []

    async def _post(self, call: str, token: str, body: bytes) -> Called:
        url = url_of(self._origin, f"topapi/message/corpconversation/{call}", access_token=token)
        return await self._caller.post(url, body, {"Content-Type": JSON_TYPE})

    def _read(self, answer: Answer, address: str) -> Outcome:
        document = parse_json(answer)
        if not isinstance(document, dict) or not text_of(document, "errcode"):
            return without_code(answer)
        words = text_of(document, "sub_msg") or text_of(document, "errmsg")
        return CODES.outcome(answer, Said(text_of(document, "errcode"), words, document.get("task_id")), (self._secret, address))

    async def _fetch_token(self) -> Token | Outcome:
        url = url_of(self._origin, "gettoken", appkey=self._settings.app_key, appsecret=self._secret)
        return await fetch_token(self._caller, url, CODES, (self._secret,))

    def read_hook(self, request: HookRequest) -> HookReading:
        """Work notices never call back."""
        raise HookRefusedError("work notices never call back")

    async def close(self) -> None:
        await self._caller.close()


def open_dingtalk_work(settings: ChannelSettings, secret: str, hook_url: str = "") -> DingtalkWorkChannel:
    """Open the channel; `secret` is the application's (AppSecret). Nothing is connected before the first message."""
    return DingtalkWorkChannel(DingtalkWorkSettings.model_validate(settings), secret)
