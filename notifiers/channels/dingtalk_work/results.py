"""What DingTalk says of a notice when it is asked (getsendresult). Pure. Source: open.dingtalk.com, results of work notices."""

from typing import Literal

import orjson

from notifiers.channels.shape import Asked, ReceiptIn
from notifiers.channels.wire.unsigned import Entry, digest, text_of
from notifiers.channels.wire.words import harmless

_LISTS: tuple[tuple[str, Literal["accepted", "delivered", "failed"], str], ...] = (
    ("read_user_id_list", "delivered", ""),
    ("invalid_user_id_list", "failed", "number_unknown"),
    ("forbidden_user_id_list", "failed", "over_quota"),
    ("failed_user_id_list", "failed", "undeliverable"),
    ("unread_user_id_list", "accepted", ""),
)
"""The lists that name members, and what each means. Forbidden: told the same before on that day, or too often."""


def read_result(result: Entry, asked: Asked) -> list[ReceiptIn]:
    """The receipt of the one member asked about; none where DingTalk does not name him (yet)."""
    for name, state, why in _LISTS:
        members = result.get(name)
        if isinstance(members, list) and asked.address in members:
            raw = orjson.dumps({"said": name, "code": harmless(_forbidden(result, asked.address))}).decode()
            return [ReceiptIn(asked.reference, state, why or None, raw, digest("asked", asked.reference, name))]
    return []


def _forbidden(result: Entry, member: str) -> str:
    """Why DingTalk kept a notice from a member, by its own code."""
    listed = result.get("forbidden_list")
    entries = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return next((text_of(one, "code") for one in entries if text_of(one, "userid") == member), "")
