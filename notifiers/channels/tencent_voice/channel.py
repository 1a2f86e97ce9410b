"""Turns messages into SendTtsVoice, and callbacks into receipts and pressed keys."""

import asyncio
from collections.abc import Sequence

from notifiers.channels.shape import (
    TEMPLATE_MISSING,
    Abilities,
    Accepted,
    ChannelSettings,
    HookReading,
    HookRequest,
    Outcome,
    Outgoing,
    ReceiptIn,
    ReplyIn,
    TemplateRules,
    Unknown,
)
from notifiers.channels.tencent_voice.codes import CODES, ENDED, WHY_NOT
from notifiers.channels.tencent_voice.settings import TencentVoiceSettings
from notifiers.channels.wire.answers import harmless_id
from notifiers.channels.wire.tencent import TAKEN, Response, TencentCaller, number_of, response_of
from notifiers.channels.wire.unsigned import Entry, check_peer, digest, entries_of, read_entries, said_in, text_of
from notifiers.channels.wire.words import storable


class TencentVoiceChannel:
    """An open connection to one application of one account."""

    def __init__(self, settings: TencentVoiceSettings, secret: str) -> None:
        self._settings = settings
        self._secret = secret
        self._caller = TencentCaller(settings, secret, service="vms", version="2020-09-02")
        self.abilities = Abilities(
            medium="voice",
            contact_kinds=("mobile", "landline"),
            receipts=settings.receipts,
            replies=settings.replies,
            rings=True,
            gives_references_back=False,
            templates=TemplateRules(variable_length=settings.variable_length, code_pattern=r"\d+"),
            in_flight=settings.in_flight,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One call for each message; Accepted means that it will be placed."""
        return list(await asyncio.gather(*map(self._place_call, batch)))

    async def _place_call(self, message: Outgoing) -> Outcome:
        if message.template is None:
            return TEMPLATE_MISSING
        document = {
            "TemplateId": message.template.code,
            "CalledNumber": message.address,
            "VoiceSdkAppid": self._settings.sdk_app_id,
            "TemplateParamSet": list(message.template.variables.values()),
            "PlayTimes": self._settings.play_times,
            "SessionContext": message.reference,
        }
        response = response_of(await self._caller.call("SendTtsVoice", document), CODES, self._secret)
        if not isinstance(response, Response):
            return response
        status = response.fields.get("SendStatus")
        call = harmless_id(status.get("CallId")) if isinstance(status, dict) else None
        return Unknown("not_understood") if call is None else Accepted(call)

    def read_hook(self, request: HookRequest) -> HookReading:
        """Every callback comes to one address and is told by its name: signed by nobody, naming only CallId and number."""
        check_peer(request, self._settings.hook_networks)
        entries = entries_of(request) if request.what in ("receipts", "replies") else [None]
        receipts, replies = read_entries(entries, _receipt), read_entries(entries, _reply)
        return HookReading(receipts, replies, TAKEN, not_understood=len(entries) - len(receipts) - len(replies))

    async def close(self) -> None:
        await self._caller.close()


def _named(entry: Entry, name: str) -> Entry:
    """The callback of that name within a post; nothing where it is another."""
    inner = entry.get(name)
    return inner if isinstance(inner, dict) and text_of(inner, "callid") else {}


def _receipt(entry: Entry) -> ReceiptIn | None:
    prompt, failure = _named(entry, "voiceprompt_callback"), _named(entry, "voice_failure_callback")
    word, why = text_of(prompt, "result"), text_of(failure, "failure_code")
    said = prompt or failure
    if word not in ENDED and not why:
        return None
    answered = word == "0"
    code = ENDED[word] if word in ENDED else WHY_NOT.get(why, storable(why, 64))
    return ReceiptIn(
        reference="",
        state="delivered" if answered else "failed",
        code=None if answered else code,
        raw=said_in(said, "result", "failure_code", "failure_reason", "fee"),
        dedupe=digest(text_of(said, "callid"), word, why),
        address=storable(number_of(said), 64),
        gateway_ref=storable(text_of(said, "callid"), 128),
    )


def _reply(entry: Entry) -> ReplyIn | None:
    pressed = _named(entry, "voicekey_callback")
    keys = storable(text_of(pressed, "keypress"), 32).strip()
    if not keys:
        return None
    call = storable(text_of(pressed, "callid"), 128)
    return ReplyIn(storable(number_of(pressed), 64), keys, digest("keys", call, keys), gateway_ref=call)


def open_tencent_voice(settings: ChannelSettings, secret: str, hook_url: str = "") -> TencentVoiceChannel:
    """Open the channel; nothing is connected before the first call."""
    return TencentVoiceChannel(TencentVoiceSettings.model_validate(settings), secret)
