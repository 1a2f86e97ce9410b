"""Turns messages into calls of an HTTP SMS gateway, one by one or in batches."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from types import MappingProxyType

import orjson

from notifiers.channels.http_sms.settings import HttpSmsSettings
from notifiers.channels.shape import (
    TEMPLATE_MISSING,
    Abilities,
    ChannelSettings,
    HookReading,
    HookRequest,
    Outcome,
    Outgoing,
    Refused,
    TemplateRules,
)
from notifiers.channels.wire.answers import Reading
from notifiers.channels.wire.calls import JSON_TYPE, Answer, Called, Caller
from notifiers.channels.wire.hooks import State, read_signed_hook
from notifiers.channels.wire.signatures import credentials
from notifiers.channels.wire.words import under_signature

_STATES: Mapping[str, tuple[State, bool]] = {
    "accepted": ("accepted", False),
    "delivered": ("delivered", False),
    "failed": ("failed", False),
}


class HttpSmsChannel:
    """An open connection to one HTTP SMS gateway."""

    def __init__(self, settings: HttpSmsSettings, secret: str) -> None:
        self._settings = settings
        self._secret = secret
        self._caller = Caller(settings)
        self._reading = Reading(settings.codes, settings.fields, secret)
        self.abilities = Abilities(
            medium="sms",
            contact_kinds=("mobile",),
            receipts=settings.receipts,
            replies=settings.replies,
            tells_repeats_apart=settings.tells_repeats_apart,
            templates=TemplateRules() if settings.mode == "template" else None,
            batch_size=settings.batch_size if settings.batch_url else 1,
            in_flight=settings.in_flight,
            max_length=settings.max_length,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One outcome for each message, in order: a batch call where there is one and it is worth it, else single calls."""
        if len(batch) == 1:
            return [await self._send_single(batch[0])]
        if self._settings.batch_url is None:
            return list(await asyncio.gather(*map(self._send_single, batch)))
        bodies = [self._body(message) for message in batch]
        ready = [message for message, body in zip(batch, bodies, strict=True) if not isinstance(body, Refused)]
        documents = [body for body in bodies if not isinstance(body, Refused)]
        outcomes = iter(await self._send_batch(self._settings.batch_url, ready, documents))
        return [body if isinstance(body, Refused) else next(outcomes) for body in bodies]

    async def _send_batch(self, url: str, ready: Sequence[Outgoing], documents: Sequence[dict[str, object]]) -> list[Outcome]:
        if len(ready) < 2:
            return [await self._send_single(message) for message in ready]
        names = self._settings.fields
        answer = await self._post(url, {names.messages: documents})
        if not isinstance(answer, Answer):
            return [answer] * len(ready)
        references = [message.reference for message in ready]
        return self._reading.batch(answer, references, results=names.results, reference=names.reference)

    async def _send_single(self, message: Outgoing) -> Outcome:
        document = self._body(message)
        if isinstance(document, Refused):
            return document
        answer = await self._post(self._settings.url, document, {"Idempotency-Key": message.reference})
        return self._reading.single(answer) if isinstance(answer, Answer) else answer

    def _post(self, url: str, document: Mapping[str, object], headers: Mapping[str, str] = MappingProxyType({})) -> Awaitable[Called]:
        body = orjson.dumps(document)
        said = {"Content-Type": JSON_TYPE, **headers, **credentials(self._settings.auth, self._secret, body)}
        return self._caller.post(url, body, said)

    def _body(self, message: Outgoing) -> dict[str, object] | Refused:
        names = self._settings.fields
        body: dict[str, object] = {
            **self._settings.fixed,
            names.reference: message.reference,
            names.to: message.address,
        }
        if self._settings.mode == "template":
            if message.template is None:
                return TEMPLATE_MISSING
            body[names.template] = message.template.code
            body[names.variables] = self._variables(message.template.variables)
        else:
            body[names.text] = self._text(message)
        if names.signature is not None:
            body[names.signature] = message.signature
        if names.language is not None:
            body[names.language] = message.language
        return body

    def _text(self, message: Outgoing) -> str:
        in_text = self._settings.signature_in == "text" and message.signature
        return under_signature(message.signature, message.text) if in_text else message.text

    def _variables(self, variables: Mapping[str, str]) -> object:
        match self._settings.variables_as:
            case "object":
                return dict(variables)
            case "list":
                return list(variables.values())
            case "json_text":
                return orjson.dumps(dict(variables)).decode()

    def read_hook(self, request: HookRequest) -> HookReading:
        """Receipts and replies of a signed request."""
        return read_signed_hook(self._secret, request, states=_STATES, text_field="text")

    async def close(self) -> None:
        await self._caller.close()


def open_http_sms(settings: ChannelSettings, secret: str, hook_url: str = "") -> HttpSmsChannel:
    """Open the channel; nothing is connected before the first message."""
    return HttpSmsChannel(HttpSmsSettings.model_validate(settings), secret)
