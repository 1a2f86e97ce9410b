"""Turns messages into SingleCallByTts, and call reports into receipts and pressed keys."""

import asyncio
from collections.abc import Sequence
from typing import Literal

import orjson

from notifiers.channels.aliyun_voice.codes import CODES, TAKEN_UP, UNDER_WAY, WHY_NOT
from notifiers.channels.aliyun_voice.settings import AliyunVoiceSettings
from notifiers.channels.shape import (
    TEMPLATE_MISSING,
    Abilities,
    Asked,
    ChannelSettings,
    HookReading,
    HookRequest,
    Outcome,
    Outgoing,
    ReceiptIn,
    ReplyIn,
    TemplateRules,
)
from notifiers.channels.wire.aliyun import TAKEN, AliyunCaller, read_answer, read_fields
from notifiers.channels.wire.unsigned import Entry, check_peer, digest, entries_of, read_entries, said_in, text_of
from notifiers.channels.wire.words import storable
from notifiers.links import known_reference

_VERSION = "2017-05-25"
_PRODUCT = "11000000300006"
"""Voice notices. Source: help.aliyun.com, QueryCallDetailByCallId, ProdId."""
_SLACK_MS = 60_000
"""A call is looked for from this long before we heard that it was taken: within the 24 hours from the instant asked for."""
_OUT_ID_MOST = 15
"""Bytes. Source: help.aliyun.com, SingleCallByTts, OutId."""


class AliyunVoiceChannel:
    """An open connection to one account."""

    def __init__(self, settings: AliyunVoiceSettings, secret: str) -> None:
        self._settings = settings
        self._secret = secret
        self._caller = AliyunCaller(settings, secret, _VERSION)
        self.abilities = Abilities(
            medium="voice",
            contact_kinds=("mobile", "landline"),
            receipts=settings.receipts,
            replies=settings.replies,
            rings=True,
            # A reference that is too long for it is left out, and its own id has to do.
            gives_references_back=False,
            templates=TemplateRules(variable_length=settings.variable_length, code_pattern=r"TTS_\d+"),
            in_flight=settings.in_flight,
            asks=True,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One call for each message; Accepted means that it will be placed."""
        return list(await asyncio.gather(*map(self._place_call, batch)))

    async def _place_call(self, message: Outgoing) -> Outcome:
        if message.template is None:
            return TEMPLATE_MISSING
        settings = self._settings
        query = {
            "CalledNumber": _dialled(message.address),
            "TtsCode": message.template.code,
            "TtsParam": orjson.dumps(dict(message.template.variables)).decode(),
            "PlayTimes": str(settings.play_times),
            "Speed": str(settings.speed),
            "Volume": str(settings.volume),
        }
        if settings.shown_number:
            query["CalledShowNumber"] = settings.shown_number
        if len(message.reference) <= _OUT_ID_MOST:
            query["OutId"] = message.reference
        return read_answer(await self._caller.call("SingleCallByTts", query, {}), CODES, "CallId", self._secret)

    async def ask(self, asked: Asked) -> list[ReceiptIn]:
        """QueryCallDetailByCallId: how a call ended, some minutes after it did; without its CallId nothing can be asked."""
        if not asked.gateway_ref:
            return []
        query = {"CallId": asked.gateway_ref, "ProdId": _PRODUCT, "QueryDate": str(int(asked.sent_at.timestamp() * 1000) - _SLACK_MS)}
        data = read_fields(await self._caller.call("QueryCallDetailByCallId", query, {})).get("Data")
        try:
            entry: object = orjson.loads(data) if isinstance(data, str) else None
        except ValueError:
            entry = None
        state = _ended(entry) if isinstance(entry, dict) else None
        if state is None or not isinstance(entry, dict):
            return []
        word = text_of(entry, "state")
        code = WHY_NOT.get(word, storable(word, 64)) if state == "failed" else None
        raw, dedupe = said_in(entry, "state", "stateDesc", "duration", "startDate", "endDate"), digest("asked", asked.gateway_ref, word)
        return [ReceiptIn(asked.reference, state, code, raw, dedupe, gateway_ref=asked.gateway_ref)]

    def read_hook(self, request: HookRequest) -> HookReading:
        """VoiceReport (how a call ended) and VoiceCallReport (how it goes), at either address: arrays of entries, signed by nobody."""
        check_peer(request, self._settings.hook_networks)
        entries = entries_of(request) if request.what in ("receipts", "replies") else [None]
        said = read_entries(entries, _say)
        receipts = [receipt for receipt, _ in said if receipt is not None]
        replies = [reply for _, reply in said if reply is not None]
        return HookReading(receipts, replies, TAKEN, not_understood=len(entries) - len(said))

    async def close(self) -> None:
        await self._caller.close()


def _say(entry: Entry) -> tuple[ReceiptIn | None, ReplyIn | None] | None:
    """How a call goes or went, and the keys of it; None where it says neither."""
    said = _receipt(entry), _reply(entry)
    return said if said != (None, None) else None


def _receipt(entry: Entry) -> ReceiptIn | None:
    call, word = storable(text_of(entry, "call_id"), 128), text_of(entry, "status_code")
    state = _state(entry, word)
    if not call or state is None:
        return None
    return ReceiptIn(
        reference=known_reference(text_of(entry, "out_id")) or "",
        state=state,
        code=WHY_NOT.get(word, storable(word, 64)) if state == "failed" else None,
        raw=said_in(entry, "status_code", "duration", "hangup_direction", "start_time", "end_time", "status_time"),
        dedupe=digest(call, word),
        address=storable(text_of(entry, "callee"), 64),
        gateway_ref=call,
    )


def _state(entry: Entry, word: str) -> Literal["accepted", "delivered", "failed"] | None:
    """What a state means; one that is in no list is a failure only in the report of a call that has ended."""
    if word in TAKEN_UP:
        return "delivered"
    if word in UNDER_WAY:
        return "accepted"
    ended = bool(text_of(entry, "end_time") or text_of(entry, "duration"))
    return "failed" if word in WHY_NOT or (word and ended) else None


def _ended(entry: Entry) -> Literal["delivered", "failed"] | None:
    """How a call ended that is asked about: one that lasted was taken up, whatever its state is called; None: not ended, or in no list."""
    word, duration = text_of(entry, "state"), text_of(entry, "duration")
    if word in TAKEN_UP or (duration.isdecimal() and int(duration) > 0):
        return "delivered"
    return "failed" if word in WHY_NOT else None


def _reply(entry: Entry) -> ReplyIn | None:
    """The keys that were pressed: reported as they are pressed and once more at the end, and counted once."""
    call, keys = storable(text_of(entry, "call_id"), 128), storable(text_of(entry, "dtmf"), 32).strip()
    if not call or not keys:
        return None
    return ReplyIn(
        storable(text_of(entry, "callee"), 64), keys, digest("keys", call, keys), known_reference(text_of(entry, "out_id")), call
    )


def _dialled(address: str) -> str:
    """A number in E.164 as the service wants it: mobiles bare, landlines with their area's zero, others with country code, without plus."""
    if not address.startswith("+86"):
        return address.removeprefix("+")
    national = address.removeprefix("+86")
    return national if len(national) == 11 and national.startswith("1") else f"0{national}"


def open_aliyun_voice(settings: ChannelSettings, secret: str, hook_url: str = "") -> AliyunVoiceChannel:
    """Open the channel; nothing is connected before the first call."""
    return AliyunVoiceChannel(AliyunVoiceSettings.model_validate(settings), secret)
