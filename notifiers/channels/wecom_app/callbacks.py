"""What WeCom tells the application: a button pressed, words written, an address tried."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from notifiers.channels.shape import HookReading, HookRefusedError, HookRequest, ReplyIn
from notifiers.channels.wecom_app.crypt import check_callback, decrypt
from notifiers.channels.wire.buttons import BUTTONS
from notifiers.channels.wire.signatures import BODY_BYTES_MAX
from notifiers.channels.wire.unsigned import digest
from notifiers.channels.wire.words import storable
from notifiers.links import known_reference

_ENCRYPTED = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")
_TEXT_MAX = 2000
_ADDRESS_MAX = 64


def read_callback(request: HookRequest, token: str, aes_key: str, corp_id: str) -> HookReading:
    """What a genuine request says; raises HookRefusedError for any other. An address being tried is answered with its own word."""
    query = dict(request.query)
    echo = query.get("echostr", "")
    encrypted = echo or _encrypted(request.body)
    check_callback(token, query, encrypted)
    plain = decrypt(aes_key, encrypted, corp_id)
    if echo:
        return HookReading(answer=storable(plain.decode(errors="replace"), _TEXT_MAX), answer_type="text/plain")
    said = _fields(plain)
    reply = None if said is None else _reply(said)
    idle = said is not None and reply is None and said.get("MsgType") == "event" and said.get("Event") != "template_card_event"
    return HookReading(
        replies=[reply] if reply else [], answer="", answer_type="text/plain", not_understood=int(reply is None and not idle)
    )  # fmt: skip


def _encrypted(body: bytes) -> str:
    found = _ENCRYPTED.search(body) if len(body) <= BODY_BYTES_MAX else None
    if found is None:
        raise HookRefusedError("nothing encrypted in it")
    return found.group(1).decode()


def _fields(plain: bytes) -> Mapping[str, str] | None:
    """The fields of a message, which has no document type and no entities of its own; None for what is no message."""
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        return None
    try:
        root = ElementTree.fromstring(plain)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    return {child.tag: child.text or "" for child in root}


def _reply(said: Mapping[str, str]) -> ReplyIn | None:
    address = storable(said.get("FromUserName", ""), _ADDRESS_MAX).strip()
    if not address:
        return None
    match said.get("MsgType"), said.get("Event"):
        case "event", "template_card_event":
            key, reference = said.get("EventKey", ""), said.get("TaskId", "")
            if key not in BUTTONS or known_reference(reference) is None:
                return None
            return ReplyIn(address, key, digest("press", reference, key, address, said.get("CreateTime", "")), reference)
        case "text", _:
            text = storable(said.get("Content", ""), _TEXT_MAX)
            return ReplyIn(address, text, digest("text", said.get("MsgId", "") or said.get("CreateTime", ""), address, text))
    return None
