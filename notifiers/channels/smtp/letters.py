"""Writes a mail. Pure: a message and the sender in, bytes out."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from notifiers.channels.shape import Outgoing
from notifiers.channels.wire.words import storable

_LOCAL = re.compile(r"(?:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]|[^\x00-\x7f])+")
_LOCAL_BYTES = 64
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9._-]+")
_SUBJECT_MAX = 200


def plain_address(address: str) -> str | None:
    """`address` as it goes on the wire (domain in IDNA), or None when it is not one plain address.

    What stands before the "@" may be of any script; then only a server that offers SMTPUTF8 (RFC 6531) can take it.
    """
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode()
        short = len(local.encode()) <= _LOCAL_BYTES
    except UnicodeError:
        return None
    encoded = local + at + domain
    written = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and short and local.isprintable()
    return encoded if written and ".." not in encoded and not encoded.startswith(".") and ".@" not in encoded else None


def one_line(text: str, most: int = _SUBJECT_MAX) -> str:
    """`text` as it may stand in a header: one line, no control characters."""
    return " ".join(storable(text, 4 * most).split())[:most]


def write_letter(
    message: Outgoing,
    *,
    recipient: str,
    sender: tuple[str, str],
    list_id: str,
    written_at: datetime,
    tag: str = "",
) -> bytes:
    """The complete mail with CRLF line ends.

    `sender` is (name, address); `recipient` a plain address; Message-ID comes from the `tag` of the reference alone (`Tags.make`), so
    that every attempt carries the same.
    """
    name, address = sender
    domain = address.rpartition("@")[2]
    letter = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
    letter["From"] = Address(display_name=one_line(name, 100), addr_spec=address)
    local, _, host = recipient.rpartition("@")
    letter["To"] = Address(username=local, domain=host)
    letter["Subject"] = one_line(message.subject) or one_line(message.text, 60)
    letter["Date"] = format_datetime(written_at)
    letter["Message-ID"] = f"<{_id_part(tag or message.reference)}@{domain}>"
    if message.thread:
        root = f"<{_id_part(message.thread)}@{domain}>"
        letter["In-Reply-To"] = root
        letter["References"] = root
    letter["List-Id"] = f"<{_id_part(list_id or address.replace('@', '.'))}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter["Content-Language"] = one_line(message.language, 35)
    letter.set_content(storable(_body(message), 100_000), charset="utf-8", cte="base64")
    return letter.as_bytes()


def _body(message: Outgoing) -> str:
    """The text, and under it the link of the message's page where the text has none: a letter has room for it, a text message seldom."""
    text = message.text.replace("\r", "\n") if "\r\n" not in message.text else message.text
    return text if not message.link or message.link in text else f"{text}\n\n{message.link}"


def _id_part(text: str) -> str:
    return _NOT_IN_AN_ID.sub("-", text)[:120] or "none"
