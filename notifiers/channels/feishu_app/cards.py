"""What a message becomes in Feishu: a card with buttons where an answer is asked for, else a text. Pure.

A press brings back nothing but the button's own value, so that holds the card's words: the card that is shown afterwards needs no memory.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import orjson

from notifiers.channels.feishu_app.settings import AddressType
from notifiers.channels.shape import Outgoing
from notifiers.channels.wire.buttons import BUTTONS, CANNOT, NEXT, button_text
from notifiers.channels.wire.words import storable

# A card holds 30 KB, of which the words stand in it once and once in each button; a text message 150 KB. Source: open.feishu.cn.
_CARD_TEXT_BYTES = 3000
_TEXT_BYTES = 30_000
_TITLE_MAX = 60
_AT, _NOT_AT = "<at ", "< at "


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card: whom it is for, which message it asks about, and its words. `said` is what the person was told last, after
    the answer `answered` (its digit)."""

    address: str
    reference: str
    language: str
    title: str
    text: str
    link: str = ""
    said: str = ""
    answered: str = ""


def make_message(message: Outgoing, address_type: AddressType) -> dict[str, object]:
    """The document of im/v1/messages; its uuid is our reference (50 characters at most, ours has 41)."""
    if message.code:
        card = Card(
            address=message.address,
            reference=message.reference,
            language=message.language,
            title=storable(message.subject, _TITLE_MAX) or message.code,
            text=_cut(message.text, _CARD_TEXT_BYTES),
            link=message.link,
        )
        kind, content = "interactive", card_document(card)
    else:
        # A mention is markup in the text itself: what looks like one is defused.
        kind, content = "text", {"text": _cut(message.text, _TEXT_BYTES).replace(_AT, _NOT_AT)}
    return {
        "receive_id": message.address,
        "msg_type": kind,
        "content": orjson.dumps(content).decode(),
        "uuid": message.reference,
    }


def card_document(card: Card) -> dict[str, object]:
    """The card in Feishu's JSON (1.0, which every client shows). It cannot be forwarded: its buttons answer for one person."""
    lines = [{"tag": "div", "text": _plain(words)} for words in (card.text, card.said) if words]
    buttons = [_button(card, digit) for digit in NEXT.get(card.answered, BUTTONS)]
    document: dict[str, object] = {
        "config": {"wide_screen_mode": True, "enable_forward": False},
        "header": {"template": "red", "title": _plain(card.title)},
        "elements": [*lines, *([{"tag": "action", "actions": buttons}] if buttons else [])],
    }
    if card.link:
        document["card_link"] = {"url": card.link}
    return document


def read_value(value: object) -> tuple[Card, str] | None:
    """The card and the digit of a pressed button's value; None where it is none of our buttons."""
    if not isinstance(value, Mapping):
        return None
    fields = {name: text for name, text in value.items() if isinstance(name, str) and isinstance(text, str)}
    digit = fields.pop("digit", "")
    try:
        card = Card(**fields)
    except TypeError:
        return None
    return (card, digit) if digit in NEXT else None


def _button(card: Card, digit: str) -> dict[str, object]:
    kept = {name: words for name, words in asdict(card).items() if words and name not in ("said", "answered")}
    return {
        "tag": "button",
        "text": _plain(button_text(card.language, digit)),
        "type": "danger" if digit == CANNOT else "primary",
        "value": {**kept, "digit": digit},
    }


def _plain(words: str) -> dict[str, str]:
    return {"tag": "plain_text", "content": words}


def _cut(text: str, bytes_max: int) -> str:
    return storable(text, bytes_max).encode()[:bytes_max].decode(errors="ignore")
