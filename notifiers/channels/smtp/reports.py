"""Reads what comes back to a mail's sender: reports on its delivery (RFC 3464), automatic answers, and whatever else. Pure.

A report counts only with a tag of ours: in the envelope's id, in the address that it came to, or in the Message-ID of the mail that it quotes.
"""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.message import Message
from typing import Literal

import orjson

from notifiers.channels.shape import HookReading, ReceiptIn
from notifiers.channels.smtp.tags import Tags
from notifiers.channels.wire.unsigned import digest
from notifiers.channels.wire.words import harmless, storable

State = Literal["accepted", "delivered", "failed"]
_STATES: dict[str, State] = {
    "delivered": "delivered",
    "failed": "failed",
    "relayed": "accepted",
    "expanded": "accepted",
    "delayed": "accepted",
}
"""RFC 3464, 2.3.3. A server behind which there are no reports (relayed) or that made several of one (expanded) proves nothing more."""
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP_CODE = re.compile(r"(?<!\d)(5\d\d)(?!\d)")
_UNSAID = ("", "5.0.0", "4.0.0")
_RECIPIENTS_MAX = 50
_PARTS_MAX = 50
_ADDRESSED = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_QUOTED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_BY_ITSELF = ("x-autoreply", "x-autorespond", "x-auto-reply")
_TAKEN = {"code": 0}


def read_mail(raw: bytes, tags: Tags, sent_to: str = "") -> HookReading:
    """What a mail says of one that we sent. `sent_to` is the envelope's recipient, where the mail server hands it on.

    An automatic answer says nothing, and a person's mail nothing that a machine should guess at.
    """
    try:
        mail = message_from_bytes(raw)
        parts = list(_parts(mail))
        if mail.get_content_type() == "multipart/report":
            kind = str(mail.get_param("report-type", "", unquote=True)).lower()
            return _report(mail, parts, tags, sent_to) if kind == "delivery-status" else HookReading(answer=_TAKEN)
        return HookReading(answer=_TAKEN, not_understood=int(not _is_automatic(mail)))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The parser of the standard library takes almost everything; what it trips over is no report.
        return HookReading(answer=_TAKEN, not_understood=1)


def _report(mail: Message, parts: list[Message], tags: Tags, sent_to: str) -> HookReading:
    blocks = [block for part in parts if part.get_content_type() in _REPORTS for block in _blocks(part)]
    reference = next((found for text in _tagged(mail, parts, blocks, sent_to) if (found := tags.read(text))), None)
    if reference is None:
        return HookReading(answer=_TAKEN, not_understood=1)
    receipts = [receipt for block in blocks[:_RECIPIENTS_MAX] if (receipt := _receipt(block, reference))]
    return HookReading(receipts=receipts, answer=_TAKEN, not_understood=int(not receipts))


def _parts(mail: Message) -> Iterator[Message]:
    """The mail's own parts, none of what it quotes; at most `_PARTS_MAX`."""
    payload = mail.get_payload() if mail.is_multipart() else []
    yield from [part for part in payload if isinstance(part, Message)][:_PARTS_MAX] if isinstance(payload, list) else []


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report: the first of the mail, each further one of a recipient."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return [message_from_string(block) for block in re.split(r"\r?\n\r?\n", str(payload)) if block.strip()]
    groups = [group for group in payload if isinstance(group, Message)]
    if part.get_content_type() == _REPORTS[0] or not groups:
        return groups
    # The parser knows only the first of the two types: what it took for the body of the other are the further groups.
    rest = [message_from_string(block) for block in re.split(r"\r?\n\r?\n", str(groups[0].get_payload())) if block.strip()]
    return [groups[0], *rest]


def _tagged(mail: Message, parts: list[Message], blocks: list[Message], sent_to: str) -> Iterator[str]:
    """Every place where our tag may stand, the surest first."""
    yield from (_field(block, "Original-Envelope-Id") for block in blocks)
    yield sent_to
    yield from (str(one) for name in _ADDRESSED for one in mail.get_all(name, []))
    yield from (_field(quoted, "Message-ID") for part in parts if part.get_content_type() in _QUOTED for quoted in _quoted(part))


def _quoted(part: Message) -> Iterable[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [one for one in payload if isinstance(one, Message)]
    return [message_from_string(str(payload))]


def _receipt(block: Message, reference: str) -> ReceiptIn | None:
    action = _field(block, "Action").lower().partition(";")[0].strip()
    state = _STATES.get(action)
    recipient = _field(block, "Final-Recipient") or _field(block, "Original-Recipient")
    if state is None or not recipient:
        return None
    status, diagnosis = _first(_STATUS, _field(block, "Status")), _field(block, "Diagnostic-Code")
    said = {"action": action, "status": status, "diagnosis": harmless(diagnosis)}
    return ReceiptIn(
        reference=reference,
        state=state,
        code=_code(status, diagnosis) if state == "failed" else None,
        raw=orjson.dumps(said).decode(),
        dedupe=digest("mail", reference, action, status, recipient.lower()),
    )


def _code(status: str, diagnosis: str) -> str | None:
    """Why it failed: the report's own status; where that is a mere "failed", what the last server said."""
    if status not in _UNSAID:
        return status
    said = _first(_STATUS, diagnosis)
    if said and said not in _UNSAID:
        return said
    bare = _first(_SMTP_CODE, diagnosis)
    return f"smtp_{bare}" if bare else status or None


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""


def _field(block: Message, name: str) -> str:
    return storable(" ".join(str(block.get(name, "")).split()), 500)


def _is_automatic(mail: Message) -> bool:
    """Whether no person wrote it (RFC 3834, 5, and what older programs do)."""
    said = _field(mail, "Auto-Submitted").lower()
    return (
        said.startswith("auto-")
        or any(name in mail for name in _BY_ITSELF)
        or _field(mail, "Precedence").lower() in ("auto_reply", "bulk", "junk")
    )
