"""Reads what gateways post: entry by entry, taking what can be read and counting what cannot."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

import orjson

from notifiers.channels.shape import HookReading, HookRequest, ReceiptIn, ReplyIn
from notifiers.channels.wire.signatures import check_signature
from notifiers.channels.wire.words import harmless, storable
from notifiers.links import known_reference

State = Literal["accepted", "delivered", "failed"]
Entry = Mapping[str, object]
Read = TypeVar("Read")

_TEXT_MAX = 2000
_ENTRIES_MAX = 1000


def read_signed_hook(
    secret: str,
    request: HookRequest,
    *,
    states: Mapping[str, tuple[State, bool]],
    text_field: str,
) -> HookReading:
    """The receipts or replies of a genuine request; raises HookRefusedError for any other.

    `states` says for each of the gateway's words what it means, and whether the word itself is kept as the code.
    `text_field` holds what a person sent or pressed.
    """
    timestamp = check_signature(secret, request)
    entries = _entries(request)
    match request.what:
        case "receipts":
            receipts = _take(entries, lambda entry: _receipt(entry, states))
            return HookReading(receipts=receipts, answer=_answer(entries, receipts), not_understood=len(entries) - len(receipts))
        case "replies":
            replies = _take(entries, lambda entry: _reply(entry, text_field, timestamp))
            return HookReading(replies=replies, answer=_answer(entries, replies), not_understood=len(entries) - len(replies))
        case _:
            return HookReading(answer=_answer([None], []), not_understood=1)


def _entries(request: HookRequest) -> list[object]:
    try:
        document = orjson.loads(request.body)
    except ValueError:
        return [None]
    entries = document.get(request.what) if isinstance(document, dict) else None
    return entries if isinstance(entries, list) and len(entries) <= _ENTRIES_MAX else [None]


def _take(entries: list[object], read: Callable[[Entry], Read | None]) -> list[Read]:
    found = [read(entry) for entry in entries if isinstance(entry, dict)]
    return [one for one in found if one is not None]


def _answer(entries: list[object], taken: list[Read]) -> dict[str, object]:
    return {"code": 0, "taken": len(taken), "not_understood": len(entries) - len(taken)}


def _receipt(entry: Entry, states: Mapping[str, tuple[State, bool]]) -> ReceiptIn | None:
    reference, word = known_reference(_text(entry, "reference")), _text(entry, "state")
    if reference is None or word not in states:
        return None
    state, keep_word = states[word]
    said = {name: harmless(text) for name in ("code", "id", "event") if (text := _text(entry, name))}
    code = said.get("code", "")[:64] or (word if keep_word else None)
    event = _text(entry, "event")
    dedupe = _digest("event", event) if event else f"{reference} {word} {code or ''}"
    raw = orjson.dumps({"reference": reference, "state": word, **said}).decode()
    return ReceiptIn(reference, state, code, raw, dedupe)


def _reply(entry: Entry, text_field: str, timestamp: str) -> ReplyIn | None:
    address, text = (
        storable(_text(entry, "from"), 64).strip(),
        storable(_text(entry, text_field), _TEXT_MAX),
    )
    if not address or text_field not in entry:
        return None
    identity, at = _text(entry, "id"), _text(entry, "at")
    dedupe = _digest("id", identity) if identity else _digest("at", address, text, at or timestamp)
    return ReplyIn(address, text, dedupe, known_reference(_text(entry, "reference")))


def _text(entry: Entry, name: str) -> str:
    value = entry.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
