"""What Feishu tells the application: a button pressed, words written, a message read, an address tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from notifiers.channels.feishu_app.cards import card_document, read_value
from notifiers.channels.feishu_app.crypt import check_callback, decrypt
from notifiers.channels.feishu_app.settings import FeishuAppSettings
from notifiers.channels.shape import HookReading, HookRefusedError, HookRequest, ReceiptIn, ReplyIn
from notifiers.channels.wire.signatures import BODY_BYTES_MAX
from notifiers.channels.wire.unsigned import Entry, digest, said_in, same, text_of
from notifiers.channels.wire.words import storable
from notifiers.links import known_reference
from tocsin.base.texts import say

PRESSED, READ, WRITTEN = "card.action.trigger", "im.message.message_read_v1", "im.message.receive_v1"
_TEXT_MAX = 2000
_ADDRESS_MAX = 64
_ID_MAX = 128
_MESSAGES_MAX = 200
_NOT_UNDERSTOOD = HookReading(answer={}, not_understood=1)


@dataclass(frozen=True, slots=True)
class Keys:
    """What proves a post: the Verification Token, and where the application has one the Encrypt Key. Without either nothing does."""

    token: str = field(default="", repr=False)
    encrypt_key: str = field(default="", repr=False)


def read_callback(request: HookRequest, keys: Keys, settings: FeishuAppSettings) -> HookReading:
    """What a genuine post says; raises HookRefusedError for any other. An address being tried is answered with its own word."""
    said = _open(request, keys)
    if text_of(said, "type") == "url_verification":
        _check_token(keys, text_of(said, "token"))
        return HookReading(answer={"challenge": storable(text_of(said, "challenge"), _TEXT_MAX)})
    if keys.encrypt_key:
        check_callback(keys.encrypt_key, {name.lower(): value for name, value in request.headers.items()}, request.body)
    header, event = _inner(said, "header"), _inner(said, "event")
    _check_token(keys, text_of(header, "token"))
    if text_of(header, "app_id") not in ("", settings.app_id):
        raise HookRefusedError("of another application")
    match text_of(header, "event_type"):
        case str(kind) if kind == PRESSED:
            return _pressed(header, event, settings)
        case str(kind) if kind == READ:
            return _read(event, settings)
        case str(kind) if kind == WRITTEN:
            return _written(event, settings)
        case "":
            return _NOT_UNDERSTOOD
    return HookReading(answer={})


def _open(request: HookRequest, keys: Keys) -> Entry:
    if len(request.body) > BODY_BYTES_MAX or not (keys.token or keys.encrypt_key):
        raise HookRefusedError("too large, or nothing to prove it by")
    document = _document(request.body)
    if keys.encrypt_key:
        # With an Encrypt Key nothing comes in the clear. The signature is of the body as it came, and an address being tried has none.
        document = _document(decrypt(keys.encrypt_key, text_of(document, "encrypt")))
    return document


def _document(raw: bytes) -> Entry:
    try:
        document: object = orjson.loads(raw)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise HookRefusedError("not a document")
    return document


def _check_token(keys: Keys, given: str) -> None:
    if keys.token and not same(keys.token, given):
        raise HookRefusedError("verification token missing or wrong")


def _inner(entry: Entry, *names: str) -> Entry:
    for name in names:
        found = entry.get(name)
        entry = found if isinstance(found, dict) else {}
    return entry


def _address(ids: Entry, settings: FeishuAppSettings) -> str:
    """Whoever it was, by the kind of id that contact points hold; "" where Feishu names none of that kind (it names no mail addresses)."""
    return storable(text_of(ids, settings.address_type), _ADDRESS_MAX).strip()


def _pressed(header: Entry, event: Entry, settings: FeishuAppSettings) -> HookReading:
    found = read_value(_inner(event, "action").get("value"))
    if found is None or known_reference(found[0].reference) is None:
        return _NOT_UNDERSTOOD
    card, digit = found
    by = _address(_inner(event, "operator"), settings)
    if settings.address_type != "email" and by != card.address:
        return HookReading(answer=_toast(say(card.language, "chat.not_yours"), "warning"))
    reply = ReplyIn(card.address, digit, digest("press", text_of(header, "event_id"), card.reference, digit), card.reference)

    def said_back(words: str) -> Mapping[str, object]:
        shown = card_document(replace(card, said=storable(words, _TEXT_MAX), answered=digit))
        return {**_toast(words, "success"), "card": {"type": "raw", "data": shown}}

    return HookReading(replies=[reply], answer={}, said_back=said_back)


def _toast(words: str, kind: str) -> dict[str, object]:
    return {"toast": {"type": kind, "content": words}}


def _read(event: Entry, settings: FeishuAppSettings) -> HookReading:
    reader = _inner(event, "reader")
    ids = event.get("message_id_list")
    messages = [one for one in ids if isinstance(one, str) and one] if isinstance(ids, list) and len(ids) <= _MESSAGES_MAX else []
    address = _address(_inner(reader, "reader_id"), settings)
    receipts = [
        ReceiptIn(
            reference="",
            state="delivered",
            code=None,
            raw=said_in(reader, "read_time"),
            dedupe=digest("read", message),
            address=address,
            gateway_ref=storable(message, _ID_MAX),
        )
        for message in messages
    ]
    return HookReading(receipts=receipts, answer={}, not_understood=int(not receipts))


def _written(event: Entry, settings: FeishuAppSettings) -> HookReading:
    """Words to the robot itself are read like an SMS; what is said in groups, and pictures and the like, are of no concern."""
    message = _inner(event, "message")
    if text_of(message, "chat_type") != "p2p" or text_of(message, "message_type") != "text":
        return HookReading(answer={})
    address = _address(_inner(event, "sender", "sender_id"), settings)
    try:
        content: object = orjson.loads(text_of(message, "content"))
    except ValueError:
        content = None
    text = text_of(content, "text") if isinstance(content, dict) else ""
    if not address or not text:
        return _NOT_UNDERSTOOD
    replied_to = storable(text_of(message, "parent_id"), _ID_MAX)
    reply = ReplyIn(address, storable(text, _TEXT_MAX), digest("text", text_of(message, "message_id"), address), gateway_ref=replied_to)
    return HookReading(replies=[reply], answer={})
