"""Turns messages into calls that speak, and keys that were pressed into replies."""

import asyncio
from collections.abc import Mapping, Sequence

import orjson

from notifiers.channels.http_voice.settings import HttpVoiceSettings
from notifiers.channels.shape import (
    Abilities,
    ChannelSettings,
    HookReading,
    HookRequest,
    Outcome,
    Outgoing,
)
from notifiers.channels.wire.answers import Reading
from notifiers.channels.wire.calls import JSON_TYPE, Answer, Caller
from notifiers.channels.wire.hooks import State, read_signed_hook
from notifiers.channels.wire.signatures import credentials

_STATES: Mapping[str, tuple[State, bool]] = {
    "accepted": ("accepted", False),
    "ringing": ("accepted", False),
    "answered": ("delivered", False),
    "no_answer": ("failed", True),
    "busy": ("failed", True),
    "switched_off": ("failed", True),
    "rejected": ("failed", True),
    "number_unknown": ("failed", True),
    "failed": ("failed", True),
}


class HttpVoiceChannel:
    """An open connection to one HTTP voice gateway."""

    def __init__(self, settings: HttpVoiceSettings, secret: str) -> None:
        self._settings = settings
        self._secret = secret
        self._caller = Caller(settings)
        self._reading = Reading(settings.codes, settings.fields, secret)
        self.abilities = Abilities(
            medium="voice",
            contact_kinds=("mobile", "landline"),
            receipts=settings.receipts,
            replies=settings.replies,
            rings=True,
            tells_repeats_apart=settings.tells_repeats_apart,
            in_flight=settings.in_flight,
            max_length=settings.max_length,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One call for each message; Accepted means that it will be placed."""
        return list(await asyncio.gather(*map(self._place_call, batch)))

    async def _place_call(self, message: Outgoing) -> Outcome:
        body = orjson.dumps(self._body(message))
        said = {"Content-Type": JSON_TYPE, "Idempotency-Key": message.reference, **credentials(self._settings.auth, self._secret, body)}
        answer = await self._caller.post(self._settings.url, body, said)
        return self._reading.single(answer) if isinstance(answer, Answer) else answer

    def _body(self, message: Outgoing) -> dict[str, object]:
        names = self._settings.fields
        optional = {
            names.language: message.language,
            names.play_times: self._settings.play_times,
            names.digits: self._settings.digits,
        }
        return {
            **self._settings.fixed,
            names.reference: message.reference,
            names.to: message.address,
            names.speech: spoken(message),
            **{name: value for name, value in optional.items() if name is not None},
        }

    def read_hook(self, request: HookRequest) -> HookReading:
        """How calls ended, and keys that were pressed, from a signed request."""
        return read_signed_hook(self._secret, request, states=_STATES, text_field="digits")

    async def close(self) -> None:
        await self._caller.close()


def spoken(message: Outgoing) -> str:
    """The text as it is read aloud: a link cannot be listened to."""
    return message.text.replace(message.link, "").strip() if message.link else message.text


def open_http_voice(settings: ChannelSettings, secret: str, hook_url: str = "") -> HttpVoiceChannel:
    """Open the channel; nothing is connected before the first call."""
    return HttpVoiceChannel(HttpVoiceSettings.model_validate(settings), secret)
