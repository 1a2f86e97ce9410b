"""Turns messages into SendSms, and status and reply callbacks into receipts and replies."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

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
    Template,
    TemplateRules,
)
from notifiers.channels.tencent_sms.codes import CODES
from notifiers.channels.tencent_sms.settings import BATCH_MOST, TencentSmsSettings
from notifiers.channels.wire.tencent import TAKEN, Response, TencentCaller, number_of, response_of
from notifiers.channels.wire.unsigned import Entry, check_peer, digest, entries_of, read_entries, said_in, text_of
from notifiers.channels.wire.words import bare_signature, harmless, storable
from notifiers.errors import ReferenceWrongError
from notifiers.links import covers, make_batch_reference

_TEXT_MOST = 2000
_PULLED_MOST = 100
_SLACK_SECONDS, _LISTED_SECONDS = 60, 3600


class TencentSmsChannel:
    """An open connection to one application of one account."""

    def __init__(self, settings: TencentSmsSettings, secret: str) -> None:
        self._settings = settings
        self._secret = secret
        self._caller = TencentCaller(settings, secret, service="sms", version="2021-01-11")
        self.abilities = Abilities(
            medium="sms",
            contact_kinds=("mobile",),
            receipts=settings.receipts,
            replies=settings.replies,
            gives_references_back=False,
            templates=TemplateRules(variable_length=settings.variable_length, code_pattern=r"\d+", needs_signature=True),
            batch_size=BATCH_MOST,
            in_flight=settings.in_flight,
            asks=settings.queries,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One outcome for each message, in order; messages of the very same words share a call."""
        calls = [self._send_group(template, group) for template, group in _groups(batch)]
        outcomes = {reference: outcome for answered in await asyncio.gather(*calls) for reference, outcome in answered.items()}
        return [outcomes.get(message.reference, TEMPLATE_MISSING) for message in batch]

    async def _send_group(self, template: Template, group: Sequence[Outgoing]) -> dict[str, Outcome]:
        document = {
            "PhoneNumberSet": [message.address for message in group],
            "SmsSdkAppId": self._settings.sdk_app_id,
            "SignName": bare_signature(group[0].signature),
            "TemplateId": template.code,
            "TemplateParamSet": list(template.variables.values()),
            "SessionContext": _context(group),
        }
        response = response_of(await self._caller.call("SendSms", document), CODES, self._secret)
        if not isinstance(response, Response):
            return dict.fromkeys((message.reference for message in group), response)
        said = response.fields.get("SendStatusSet")
        by_number = {text_of(one, "PhoneNumber"): one for one in said if isinstance(one, dict)} if isinstance(said, list) else {}
        return {
            message.reference: response.outcome(by_number.get(message.address), CODES, "SerialNo", self._secret) for message in group
        }  # fmt: skip

    async def ask(self, asked: Asked) -> list[ReceiptIn]:
        """PullSmsSendStatusByPhoneNumber: what operators said of the number's messages about then, as callbacks would say it.

        Where we know the SerialNo or get our SessionContext back, of the one meant alone; else of all, for whoever knows which can be meant.
        """
        sent = int(asked.sent_at.timestamp())
        document = {
            "BeginTime": sent - _SLACK_SECONDS, "EndTime": sent + _LISTED_SECONDS, "Offset": 0, "Limit": _PULLED_MOST,
            "PhoneNumber": asked.address, "SmsSdkAppId": self._settings.sdk_app_id,
        }  # fmt: skip
        response = response_of(await self._caller.call("PullSmsSendStatusByPhoneNumber", document), CODES, self._secret)
        listed = response.fields.get("PullSmsSendStatusSet") if isinstance(response, Response) else None
        entries = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        meant = [one for one in entries if _is_meant(one, asked)]
        if meant:
            return [
                replace(one, reference=asked.reference)
                for one in read_entries([_as_called_back(entry, asked) for entry in meant], _receipt)
            ]
        return [] if asked.gateway_ref else read_entries([_as_called_back(entry, asked) for entry in entries], _receipt)

    def read_hook(self, request: HookRequest) -> HookReading:
        """Status callbacks at `receipts`, reply callbacks at `replies`: signed by nobody, naming only SerialNo and number."""
        check_peer(request, self._settings.hook_networks)
        entries = entries_of(request)
        receipts = read_entries(entries, _receipt) if request.what == "receipts" else []
        replies = read_entries(entries, _reply) if request.what == "replies" else []
        return HookReading(receipts, replies, TAKEN, not_understood=len(entries) - len(receipts) - len(replies))

    async def close(self) -> None:
        await self._caller.close()


def _groups(batch: Sequence[Outgoing]) -> list[tuple[Template, list[Outgoing]]]:
    """Messages with the very same words, of one announcement, all of the mainland or all abroad, no number twice."""
    alike: dict[tuple[object, ...], list[Outgoing]] = defaultdict(list)
    templates: dict[tuple[object, ...], Template] = {}
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for message in batch:
        if message.template is None:
            continue
        announcement = message.reference.rpartition("-")[0]
        nth = seen[announcement, message.address]
        seen[announcement, message.address] += 1
        words = (message.template.code, tuple(message.template.variables.values()), message.signature)
        key = (announcement, words, message.address.startswith("+86"), nth)
        alike[key].append(message)
        templates[key] = message.template
    return [(templates[key], group) for key, group in alike.items()]


def _context(group: Sequence[Outgoing]) -> str:
    """Our reference, which the answer gives back and the callbacks do not."""
    try:
        return make_batch_reference(message.reference for message in group) if len(group) > 1 else group[0].reference
    except ReferenceWrongError:
        return group[0].reference


def _is_meant(entry: Entry, asked: Asked) -> bool:
    if asked.gateway_ref:
        return text_of(entry, "SerialNo") == asked.gateway_ref
    return covers(text_of(entry, "SessionContext"), asked.reference)


def _as_called_back(entry: Entry, asked: Asked) -> dict[str, object]:
    """A status that was pulled, under the names of a callback."""
    said = {"sid": "SerialNo", "report_status": "ReportStatus", "description": "Description", "user_receive_time": "UserReceiveTime"}
    why = {} if text_of(entry, "ReportStatus") == "SUCCESS" else {"errmsg": text_of(entry, "Description")}
    return {**{name: text_of(entry, theirs) for name, theirs in said.items()}, **why, "mobile": asked.address}


def _receipt(entry: Entry) -> ReceiptIn | None:
    serial, number, word = text_of(entry, "sid"), number_of(entry), text_of(entry, "report_status")
    if not serial or not number or word not in ("SUCCESS", "FAIL"):
        return None
    code = harmless(text_of(entry, "errmsg"))[:64]
    return ReceiptIn(
        reference="",
        state="delivered" if word == "SUCCESS" else "failed",
        code=None if word == "SUCCESS" else code or None,
        raw=said_in(entry, "report_status", "errmsg", "description", "user_receive_time"),
        dedupe=digest(serial, number, word, code),
        address=number,
        gateway_ref=storable(serial, 128),
    )


def _reply(entry: Entry) -> ReplyIn | None:
    number, text = storable(number_of(entry), 64), storable(text_of(entry, "text"), _TEXT_MOST)
    if not number or "text" not in entry:
        return None
    return ReplyIn(number, text, digest("at", number, text, text_of(entry, "time")))


def open_tencent_sms(settings: ChannelSettings, secret: str, hook_url: str = "") -> TencentSmsChannel:
    """Open the channel; nothing is connected before the first message."""
    return TencentSmsChannel(TencentSmsSettings.model_validate(settings), secret)
