"""Turns messages into those of a Feishu application, and buttons that were pressed into replies."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import orjson
from yarl import URL

from notifiers.channels.feishu_app.callbacks import Keys, read_callback
from notifiers.channels.feishu_app.cards import make_message
from notifiers.channels.feishu_app.codes import CODES, TOKEN_OVER
from notifiers.channels.feishu_app.settings import FeishuAppSettings
from notifiers.channels.shape import (
    Abilities,
    Asked,
    ChannelSettings,
    HookReading,
    HookRequest,
    NotSent,
    Outcome,
    Outgoing,
    ReceiptIn,
    Refused,
)
from notifiers.channels.wire.answers import parse_json, read_object, wait_in
from notifiers.channels.wire.calls import JSON_TYPE, Answer, Called, Caller, url_of
from notifiers.channels.wire.codebook import Said, without_code
from notifiers.channels.wire.tokens import Token, TokenKeeper, send_with_token
from notifiers.channels.wire.unsigned import digest, said_in, text_of

_WAIT_HEADER = "x-ogw-ratelimit-reset"
_ADDRESS_MAX = 254
_LASTS_SECONDS = 7200.0


class FeishuAppChannel:
    """An open connection to one application. A message of the same uuid is sent once within an hour, however often it is asked for."""

    def __init__(self, settings: FeishuAppSettings, secret: str) -> None:
        app_secret, _, proofs = secret.partition(":")
        token, _, encrypt_key = proofs.partition(":")
        self._settings = settings
        self._app_secret = app_secret
        self._keys = Keys(token, encrypt_key)
        self._secrets = tuple(filter(None, (app_secret, token, encrypt_key)))
        self._caller = Caller(settings)
        self._tokens = TokenKeeper(self._fetch_token)
        self._origin = URL(settings.endpoint).origin()
        hears = bool(token or encrypt_key)
        self.abilities = Abilities(
            medium="chat",
            contact_kinds=("chat",),
            receipts=settings.receipts and hears,
            replies=hears,
            tells_repeats_apart=True,
            gives_references_back=False,
            asks=True,
            in_flight=settings.in_flight,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One call for each message; Accepted means that it stands in the member's conversation with the application."""
        return list(await asyncio.gather(*map(self._send_one, batch)))

    async def _send_one(self, message: Outgoing) -> Outcome:
        if not message.address.isprintable() or not 0 < len(message.address) <= _ADDRESS_MAX:
            return Refused("address_malformed", "address_malformed")
        body = orjson.dumps(make_message(message, self._settings.address_type))
        called = await send_with_token(self._tokens, lambda token: self._post(token, body), TOKEN_OVER, code_field="code")
        return self._read(called, message.address) if isinstance(called, Answer) else called

    async def _post(self, token: str, body: bytes) -> Called:
        url = url_of(self._origin, "open-apis/im/v1/messages", receive_id_type=self._settings.address_type)
        return await self._caller.post(url, body, {"Content-Type": JSON_TYPE, "Authorization": f"Bearer {token}"})

    def _read(self, answer: Answer, *private: str) -> Outcome:
        document = parse_json(answer)
        if not isinstance(document, dict) or not text_of(document, "code"):
            return without_code(answer)
        data = document.get("data")
        said = Said(
            text_of(document, "code"), text_of(document, "msg"), data.get("message_id") if isinstance(data, dict) else None
        )  # fmt: skip
        outcome = CODES.outcome(answer, said, (*self._secrets, *private))
        if isinstance(outcome, NotSent) and outcome.retry_after_seconds is None:
            return NotSent(outcome.reason, wait_in(answer.headers, _WAIT_HEADER))
        return outcome

    async def _fetch_token(self) -> Token | Outcome:
        url = url_of(self._origin, "open-apis/auth/v3/tenant_access_token/internal")
        body = orjson.dumps({"app_id": self._settings.app_id, "app_secret": self._app_secret})
        called = await self._caller.post(url, body, {"Content-Type": JSON_TYPE})
        if not isinstance(called, Answer):
            return called
        document = parse_json(called)
        token = text_of(document, "tenant_access_token") if isinstance(document, dict) else ""
        if not isinstance(document, dict) or not token or text_of(document, "code") != "0" or called.status >= 300:
            return self._read(called)
        lasts = document.get("expire")
        return Token(token, float(lasts) if isinstance(lasts, int) else _LASTS_SECONDS)

    async def ask(self, asked: Asked) -> list[ReceiptIn]:
        """Who has read the message, for seven days; without its id nothing can be asked. It was for one member: any reader is that one."""
        if not asked.gateway_ref:
            return []
        path = f"open-apis/im/v1/messages/{quote(asked.gateway_ref, safe='')}/read_users"
        url = url_of(self._origin, path, user_id_type="open_id")
        called = await send_with_token(
            self._tokens, lambda token: self._caller.get(url, {"Authorization": f"Bearer {token}"}), TOKEN_OVER, code_field="code"
        )
        document = read_object(called) if isinstance(called, Answer) else {}
        data = document.get("data") if text_of(document, "code") == "0" else None
        readers = data.get("items") if isinstance(data, dict) else None
        reader = readers[0] if isinstance(readers, list) and readers and isinstance(readers[0], dict) else None
        if reader is None:
            return []
        return [ReceiptIn(asked.reference, "delivered", None, said_in(reader, "timestamp"), digest("read", asked.gateway_ref))]

    def read_hook(self, request: HookRequest) -> HookReading:
        """A button, words, a message that was read, or the address being tried; signature, Encrypt Key and token prove them."""
        return read_callback(request, self._keys, self._settings)

    async def close(self) -> None:
        await self._caller.close()


def open_feishu_app(settings: ChannelSettings, secret: str, hook_url: str = "") -> FeishuAppChannel:
    """Open the channel; `secret` is the application's, and after colons its Verification Token and its Encrypt Key."""
    return FeishuAppChannel(FeishuAppSettings.model_validate(settings), secret)
