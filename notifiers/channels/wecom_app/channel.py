"""Turns messages into those of a WeCom application, and buttons that were pressed into replies."""

import asyncio
from collections.abc import Sequence

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
from notifiers.channels.wire.calls import JSON_TYPE, Answer, Called, Caller, url_of
from notifiers.channels.wire.codebook import Said, without_code
from notifiers.channels.wire.tokens import Token, TokenKeeper, fetch_token, send_with_token
from notifiers.channels.wire.unsigned import text_of

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
        called = await send_with_token(self._tokens, lambda token: self._post(token, body), TOKEN_OVER)
        return self._read(called, message.address) if isinstance(called, Answer) else called

    async def _post(self, token: str, body: bytes) -> Called:
        return await self._caller.post(url_of(self._origin, "cgi-bin/message/send", access_token=token), body, {"Content-Type": JSON_TYPE})

    def _read(self, answer: Answer, address: str) -> Outcome:
        document = parse_json(answer)
        if not isinstance(document, dict) or not text_of(document, "errcode"):
            return without_code(answer)
        said = Said(text_of(document, "errcode"), text_of(document, "errmsg"), document.get("msgid"))
        outcome = CODES.outcome(answer, said, (*self._secrets, address))
        missed = next((name for name in _PARTLY if text_of(document, name)), None)
        # Inside a success: the only member it was for did not get it.
        return Refused(missed, missed) if missed and isinstance(outcome, Accepted) else outcome

    async def _fetch_token(self) -> Token | Outcome:
        url = url_of(self._origin, "cgi-bin/gettoken", corpid=self._settings.corp_id, corpsecret=self._corp_secret)
        return await fetch_token(self._caller, url, CODES, self._secrets)

    def read_hook(self, request: HookRequest) -> HookReading:
        """A button, words, or the address being tried; the callback's token proves them and its key opens them."""
        return read_callback(request, self._callback_token, self._aes_key, self._settings.corp_id)

    async def close(self) -> None:
        await self._caller.close()


def open_wecom_app(settings: ChannelSettings, secret: str, hook_url: str = "") -> WecomAppChannel:
    """Open the channel; `secret` is the application's, and after colons the callback's token and its EncodingAESKey."""
    return WecomAppChannel(WecomAppSettings.model_validate(settings), secret)
