"""Turns messages into SendSms and SendBatchSms, and SmsReport and SmsUp into receipts and replies."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import orjson

from notifiers.channels.aliyun_sms.codes import CODES
from notifiers.channels.aliyun_sms.settings import BATCH_MOST, AliyunSmsSettings
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
    Refused,
    ReplyIn,
    Template,
    TemplateRules,
)
from notifiers.channels.wire.aliyun import BEIJING, TAKEN, AliyunCaller, dialled, read_answer, read_fields
from notifiers.channels.wire.unsigned import Entry, check_peer, digest, entries_of, read_entries, said_in, text_of
from notifiers.channels.wire.words import bare_signature, harmless, storable
from notifiers.links import covers, make_batch_reference

_VERSION = "2017-05-25"
_TEXT_MOST = 2000
_PAGE_MOST = 50
_STANDS: Mapping[str, Literal["accepted", "delivered", "failed"]] = {"1": "accepted", "2": "failed", "3": "delivered"}
"""SendStatus of QuerySendDetails: waiting for the operator's word, failed, delivered. Source: help.aliyun.com, QuerySendDetails."""


class AliyunSmsChannel:
    """An open connection to one account."""

    def __init__(self, settings: AliyunSmsSettings, secret: str) -> None:
        self._settings = settings
        self._secret = secret
        self._caller = AliyunCaller(settings, secret, _VERSION)
        self.abilities = Abilities(
            medium="sms",
            contact_kinds=("mobile",),
            receipts=settings.receipts,
            replies=settings.replies,
            templates=TemplateRules(variable_length=settings.variable_length, code_pattern=r"SMS_\d+", needs_signature=True),
            batch_size=BATCH_MOST,
            in_flight=settings.in_flight,
            asks=True,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One outcome for each message, in order. Few go one by one, which is quicker; many of one text go together."""
        calls = [self._send_group(template, group) for template, group in self._groups(batch)]
        outcomes = {reference: outcome for answered in await asyncio.gather(*calls) for reference, outcome in answered.items()}
        return [outcomes.get(message.reference, TEMPLATE_MISSING) for message in batch]

    def _groups(self, batch: Sequence[Outgoing]) -> list[tuple[Template, list[Outgoing]]]:
        """Messages that one call can carry: of one announcement and one template, no number twice; else each by itself."""
        alike: dict[tuple[str, str, bool, int], list[tuple[Template, Outgoing]]] = defaultdict(list)
        seen: dict[tuple[str, str], int] = defaultdict(int)
        for message in batch:
            if message.template is not None:
                announcement = message.reference.rpartition("-")[0]
                nth = seen[announcement, message.address]
                seen[announcement, message.address] += 1
                key = (announcement, message.template.code, message.address.startswith("+86"), nth)
                alike[key].append((message.template, message))
        groups: list[tuple[Template, list[Outgoing]]] = []
        for some in alike.values():
            if len(some) >= self._settings.batch_from:
                groups.append((some[0][0], [message for _, message in some]))
            else:
                groups += [(template, [message]) for template, message in some]
        return groups

    async def _send_group(self, template: Template, group: Sequence[Outgoing]) -> dict[str, Outcome]:
        outcome = await self._send_many(template, group) if len(group) > 1 else None
        if outcome is None or (isinstance(outcome, Refused) and not outcome.account):
            # One bad number has a whole batch refused, and nothing of it sent: by themselves the others go their way.
            singly = await asyncio.gather(*(self._send_one(message.template or template, message) for message in group))
            return {message.reference: one for message, one in zip(group, singly, strict=True)}
        return {message.reference: outcome for message in group}

    async def _send_one(self, template: Template, message: Outgoing) -> Outcome:
        query = {
            "PhoneNumbers": dialled(message.address),
            "SignName": bare_signature(message.signature),
            "TemplateCode": template.code,
            "TemplateParam": _json(dict(template.variables)),
            "OutId": message.reference,
        }
        return read_answer(await self._caller.call("SendSms", query, {}), CODES, "BizId", self._secret)

    async def _send_many(self, template: Template, group: Sequence[Outgoing]) -> Outcome:
        query = {"TemplateCode": template.code, "OutId": make_batch_reference(message.reference for message in group)}
        form = {
            "PhoneNumberJson": _json([dialled(message.address) for message in group]),
            "SignNameJson": _json([bare_signature(message.signature) for message in group]),
            "TemplateParamJson": _json([dict(message.template.variables) if message.template else {} for message in group]),
        }
        return read_answer(await self._caller.call("SendBatchSms", query, form), CODES, "BizId", self._secret)

    async def ask(self, asked: Asked) -> list[ReceiptIn]:
        """QuerySendDetails: what was sent to the number on that day (Beijing time), of which our reference names the one meant."""
        query = {
            "PhoneNumber": dialled(asked.address),
            "SendDate": asked.sent_at.astimezone(BEIJING).strftime("%Y%m%d"),
            "PageSize": str(_PAGE_MOST),
            "CurrentPage": "1",
        }
        if asked.gateway_ref:
            query["BizId"] = asked.gateway_ref
        details = read_fields(await self._caller.call("QuerySendDetails", query, {})).get("SmsSendDetailDTOs")
        listed = details.get("SmsSendDetailDTO") if isinstance(details, dict) else None
        entries = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return [
            _standing(one, asked)
            for one in entries
            if covers(text_of(one, "OutId"), asked.reference) and text_of(one, "SendStatus") in _STANDS
        ]

    def read_hook(self, request: HookRequest) -> HookReading:
        """SmsReport at `receipts`, SmsUp at `replies`: arrays of entries, signed by nobody."""
        check_peer(request, self._settings.hook_networks)
        entries = entries_of(request)
        receipts = read_entries(entries, _receipt) if request.what == "receipts" else []
        replies = read_entries(entries, _reply) if request.what == "replies" else []
        return HookReading(receipts, replies, TAKEN, not_understood=len(entries) - len(receipts) - len(replies))

    async def close(self) -> None:
        await self._caller.close()


def _receipt(entry: Entry) -> ReceiptIn | None:
    reference, number, success = text_of(entry, "out_id"), text_of(entry, "phone_number"), entry.get("success")
    if not reference or not number or str(success).lower() not in ("true", "false"):
        return None
    state, code = ("delivered" if str(success).lower() == "true" else "failed"), harmless(text_of(entry, "err_code"))[:64]
    return ReceiptIn(
        reference=reference,
        state="delivered" if state == "delivered" else "failed",
        code=None if state == "delivered" else code or None,
        raw=said_in(entry, "err_code", "err_msg", "report_time", "sms_size"),
        dedupe=digest(reference, number, text_of(entry, "biz_id"), state, code),
        address=_plus(number),
    )


def _standing(entry: Entry, asked: Asked) -> ReceiptIn:
    state, code = _STANDS[text_of(entry, "SendStatus")], harmless(text_of(entry, "ErrCode"))[:64]
    return ReceiptIn(
        reference=asked.reference,
        state=state,
        code=(code or None) if state == "failed" else None,
        raw=said_in(entry, "SendStatus", "ErrCode", "ReceiveDate"),
        dedupe=digest("asked", asked.reference, state, code),
    )


def _reply(entry: Entry) -> ReplyIn | None:
    number, text = storable(text_of(entry, "phone_number"), 64).strip(), storable(text_of(entry, "content"), _TEXT_MOST)
    if not number or "content" not in entry:
        return None
    identity = text_of(entry, "sequence_id")
    dedupe = digest("id", identity) if identity else digest("at", number, text, text_of(entry, "send_time"))
    return ReplyIn(_plus(number), text, dedupe)


def _plus(number: str) -> str:
    """Mainland numbers come bare (eleven digits), others with their country code and without plus."""
    digits = number.lstrip("+").removeprefix("00")
    return number if len(digits) == 11 and digits.startswith("1") else f"+{digits}"


def _json(value: Mapping[str, str] | Sequence[object]) -> str:
    return orjson.dumps(value).decode()


def open_aliyun_sms(settings: ChannelSettings, secret: str, hook_url: str = "") -> AliyunSmsChannel:
    """Open the channel; nothing is connected before the first message."""
    return AliyunSmsChannel(AliyunSmsSettings.model_validate(settings), secret)
