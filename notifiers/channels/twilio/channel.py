"""Turns messages into Twilio's, and its status callbacks and incoming messages into receipts and replies."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from yarl import URL

from notifiers.channels.shape import (
    Abilities,
    Accepted,
    Asked,
    ChannelSettings,
    HookReading,
    HookRefusedError,
    HookRequest,
    Outcome,
    Outgoing,
    ReceiptIn,
    ReplyIn,
)
from notifiers.channels.twilio.codes import CODES
from notifiers.channels.twilio.settings import TwilioSettings
from notifiers.channels.twilio.signature import HEADER, is_genuine, read_form
from notifiers.channels.wire.answers import harmless_id, parse_json, read_object
from notifiers.channels.wire.calls import Answer, Called, Caller
from notifiers.channels.wire.codebook import Said, without_code
from notifiers.channels.wire.signatures import BODY_BYTES_MAX
from notifiers.channels.wire.unsigned import digest, said_in, text_of
from notifiers.channels.wire.words import harmless, storable

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_FAILED_AT_ONCE = ("failed", "undelivered", "canceled")
_STATES: Mapping[str, str] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent", "partially_delivered"), "accepted"),
    **dict.fromkeys(("delivered", "read"), "delivered"),
    **dict.fromkeys(_FAILED_AT_ONCE, "failed"),
}
_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_TEXT_MOST = 2000


class TwilioChannel:
    """An open connection to one account. Twilio has no idempotency key for messages: a repeat would be sent again."""

    def __init__(self, settings: TwilioSettings, secret: str, hook_url: str) -> None:
        key_secret, separator, token = secret.partition(":")
        self._settings = settings
        self._token = token if separator else secret
        self._secrets = (key_secret, self._token)
        self._hook_url = hook_url
        self._caller = Caller(settings)
        login = f"{settings.api_key_sid or settings.account_sid}:{key_secret}"
        self._headers = {**_FORM, "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
        path = f"/2010-04-01/Accounts/{quote(settings.account_sid, safe='')}/Messages.json"
        self._url = URL(f"{URL(settings.endpoint).origin()}{path}", encoded=True)
        self.abilities = Abilities(
            medium="sms",
            contact_kinds=("mobile",),
            receipts=settings.receipts,
            replies=settings.replies,
            in_flight=settings.in_flight,
            asks=True,
            max_length=settings.max_length,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One call for each message; Accepted means that Twilio has queued it."""
        return list(await asyncio.gather(*map(self._send_one, batch)))

    async def _send_one(self, message: Outgoing) -> Outcome:
        sender = "MessagingServiceSid" if self._settings.sender.startswith("MG") else "From"
        form = {
            "To": message.address,
            sender: self._settings.sender,
            "Body": message.text,
            "ValidityPeriod": str(self._settings.validity_seconds),
        }
        if self._settings.receipts and self._hook_url:
            form["StatusCallback"] = f"{self._hook_url}/receipts?{urlencode({'reference': message.reference})}"
        return self._read(await self._caller.post(self._url, urlencode(form).encode(), self._headers))

    def _read(self, called: Called) -> Outcome:
        if not isinstance(called, Answer):
            return called
        document = parse_json(called)
        if not isinstance(document, dict):
            return without_code(called)
        taken = 200 <= called.status < 300 and text_of(document, "sid") and text_of(document, "status") not in _FAILED_AT_ONCE
        if taken:
            return Accepted(harmless_id(document["sid"]))
        code = text_of(document, "code") or text_of(document, "error_code")
        message = text_of(document, "message") or text_of(document, "error_message")
        return CODES.outcome(called, Said(code, message), self._secrets) if code else without_code(called)

    async def ask(self, asked: Asked) -> list[ReceiptIn]:
        """GET of the message, in the words of a status callback; without its sid nothing can be asked."""
        if not asked.gateway_ref:
            return []
        url = URL(f"{str(self._url).removesuffix('.json')}/{quote(asked.gateway_ref, safe='')}.json", encoded=True)
        document = read_object(await self._caller.get(url, {"Authorization": self._headers["Authorization"]}))
        if text_of(document, "sid") != asked.gateway_ref:
            return []
        form = {"MessageSid": "sid", "MessageStatus": "status", "ErrorCode": "error_code", "RawDlrDoneDate": "date_updated"}
        receipt = _receipt({name: text_of(document, theirs) for name, theirs in form.items()}, asked.reference)
        return [receipt] if receipt else []

    def read_hook(self, request: HookRequest) -> HookReading:
        """A status callback at `receipts`, an incoming message at `replies`; the signature is of the public address, not of the proxy's."""
        url = f"{self._hook_url}/{request.what}{'?' + request.raw_query if request.raw_query else ''}"
        headers = {name.lower(): value for name, value in request.headers.items()}
        pairs = read_form(request.body)
        if len(request.body) > BODY_BYTES_MAX or not is_genuine(self._token, url, pairs, headers.get(HEADER.lower(), "")):
            raise HookRefusedError("signature missing or wrong")
        form = dict(pairs)
        receipt = _receipt(form, request.query.get("reference", "")) if request.what == "receipts" else None
        reply = _reply(form) if request.what == "replies" else None
        return HookReading(
            receipts=[receipt] if receipt else [],
            replies=[reply] if reply else [],
            answer=_NOTHING_TO_SAY,
            answer_type="text/xml",
            not_understood=int(receipt is None and reply is None),
        )

    async def close(self) -> None:
        await self._caller.close()


def _receipt(form: Mapping[str, str], reference: str) -> ReceiptIn | None:
    sid, word = form.get("MessageSid", ""), form.get("MessageStatus", "")
    state = _STATES.get(word)
    if not reference or not sid or state is None:
        return None
    code = harmless(form.get("ErrorCode", ""))[:64]
    return ReceiptIn(
        reference=reference,
        state="delivered" if state == "delivered" else "failed" if state == "failed" else "accepted",
        code=(code or word) if state == "failed" else None,
        raw=said_in(form, "MessageStatus", "ErrorCode", "RawDlrDoneDate"),
        dedupe=digest(sid, word, code),
        gateway_ref=storable(sid, 64),
    )


def _reply(form: Mapping[str, str]) -> ReplyIn | None:
    address, sid = storable(form.get("From", ""), 64).strip(), form.get("MessageSid", "")
    if not address or not sid or "Body" not in form:
        return None
    return ReplyIn(address, storable(form["Body"], _TEXT_MOST), digest(sid))


def open_twilio(settings: ChannelSettings, secret: str, hook_url: str = "") -> TwilioChannel:
    """Open the channel; nothing is connected before the first message."""
    return TwilioChannel(TwilioSettings.model_validate(settings), secret, hook_url)
