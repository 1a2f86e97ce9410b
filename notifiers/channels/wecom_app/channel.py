"""Turns messages into those of a WeCom application, and buttons that were pressed into replies."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import orjson
from yarl import URL

from notifiers.channels.shape import (
    Abilities,
    Accepted,
    ChannelSettings,
    HookReading,
    HookRequest,
    Outcome,
    Outgoing,
    Refused,
)
from notifiers.channels.wecom_app.callbacks import read_callback
from notifiers.channels.wecom_app.cards import make_message
from notifiers.channels.wecom_app.codes import CODES, TOKEN_OVER
from notifiers.channels.wecom_app.settings import WecomAppSettings
from notifiers.channels.wire.answers import parse_json
from notifiers.channels.wire.calls import JSON_TYPE, Answer, Called, Caller
from notifiers.channels.wire.codebook import Said, without_code
from notifiers.channels.wire.tokens import Token, TokenKeeper
from notifiers.channels.wire.unsigned import Entry, text_of

_TOKEN_SECONDS = 7200
_PARTLY = ("invaliduser", "unlicenseduser")


class WecomAppChannel:
    """An open connection to one application. Equal messages to a member within the duplicate check are one."""

    def __init__(self, settings: WecomAppSettings, secret: str) -> None:
        corp_secret, _, callback = secret.partition(":")
        self._callback_token, _, self._aes_key = callback.partition(":")
        self._settings = settings
        self._corp_secret = corp_secret
        self._secrets = tuple(filter(None, (corp_secret, self._callback_token, self._aes_key)))
        self._caller = Caller(settings)
        self._tokens = TokenKeeper(self._fetch_token)
        self._origin = URL(settings.endpoint).origin()
        self.abilities = Abilities(
            medium="chat",
            contact_kinds=("chat",),
            receipts=False,
            replies=bool(self._aes_key),
            tells_repeats_apart=True,
            in_flight=settings.in_flight,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One call for each message; Accepted means that WeCom has it for this member."""
        return list(await asyncio.gather(*map(self._send_one, batch)))

    async def _send_one(self, message: Outgoing) -> Outcome:
        if not message.address or "|" in message.address or message.address == "@all":
            return Refused("address_malformed", "address_malformed")
        body = orjson.dumps(make_message(message, self._settings.agent_id, self._settings.duplicate_check_seconds))
        for attempt in range(2):
            token = await self._tokens.get()
            if not isinstance(token, str):
                return token
            called = await self._caller.post(self._url("message/send", access_token=token), body, {"Content-Type": JSON_TYPE})
            document = parse_json(called) if isinstance(called, Answer) else None
            if attempt == 0 and isinstance(document, dict) and text_of(document, "errcode") in TOKEN_OVER:
                self._tokens.forget(token)
                continue
            return self._read(called, document, message.address)
        raise AssertionError("the second attempt always returns")

    def _read(self, called: Called, document: object, address: str) -> Outcome:
        if not isinstance(called, Answer):
            return called
        if not isinstance(document, dict) or not text_of(document, "errcode"):
            return without_code(called)
        outcome = self._outcome(called, document, address)
        missed = next((name for name in _PARTLY if text_of(document, name)), None)
        # Inside a success: the only member it was for did not get it.
        return Refused(missed, missed) if missed and isinstance(outcome, Accepted) else outcome

    def _outcome(self, answer: Answer, document: Entry, address: str = "") -> Outcome:
        said = Said(text_of(document, "errcode"), text_of(document, "errmsg"), document.get("msgid"))
        return CODES.outcome(answer, said, (*self._secrets, address))

    async def _fetch_token(self) -> Token | Outcome:
        called = await self._caller.get(self._url("gettoken", corpid=self._settings.corp_id, corpsecret=self._corp_secret))
        if not isinstance(called, Answer):
            return called
        document = parse_json(called)
        if not isinstance(document, dict):
            return without_code(called)
        token, lasts = text_of(document, "access_token"), document.get("expires_in")
        if token and text_of(document, "errcode") in ("", "0"):
            return Token(token, float(lasts) if isinstance(lasts, int) else _TOKEN_SECONDS)
        return self._outcome(called, document) if text_of(document, "errcode") else without_code(called)

    def _url(self, path: str, **query: str) -> URL:
        pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return URL(f"{self._origin}/cgi-bin/{path}?{pairs}", encoded=True)

    def read_hook(self, request: HookRequest) -> HookReading:
        """A button, words, or the address being tried; the callback's token proves them and its key opens them."""
        return read_callback(request, self._callback_token, self._aes_key, self._settings.corp_id)

    async def close(self) -> None:
        await self._caller.close()


def open_wecom_app(settings: ChannelSettings, secret: str, hook_url: str = "") -> WecomAppChannel:
    """Open the channel; `secret` is the application's, and after colons the callback's token and its EncodingAESKey."""
    return WecomAppChannel(WecomAppSettings.model_validate(settings), secret)
