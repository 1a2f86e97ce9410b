"""What a message becomes in WeCom: a card with buttons where an answer is asked for, else a text. Pure."""

from notifiers.channels.shape import Outgoing
from notifiers.channels.wire.buttons import BUTTONS, button_text
from notifiers.channels.wire.words import storable

_TEXT_BYTES = 2048
_TITLE_MAX = 26
_BUTTON_BLUE, _BUTTON_RED = 1, 2


def make_message(message: Outgoing, agent_id: int, duplicate_check_seconds: int) -> dict[str, object]:
    """The document of message/send: to one member, checked against repeats. The task of a card is our reference."""
    document: dict[str, object] = {
        "touser": message.address,
        "agentid": agent_id,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": duplicate_check_seconds,
    }
    if message.code:
        return {**document, "msgtype": "template_card", "template_card": _card(message)}
    text = storable(message.text, _TEXT_BYTES)
    return {**document, "msgtype": "text", "text": {"content": text.encode()[:_TEXT_BYTES].decode(errors="ignore")}}


def _card(message: Outgoing) -> dict[str, object]:
    card: dict[str, object] = {
        "card_type": "button_interaction",
        "main_title": {"title": storable(message.subject, _TITLE_MAX) or message.code},
        "sub_title_text": storable(message.text, _TEXT_BYTES),
        "task_id": message.reference,
        "button_list": [
            {
                "text": button_text(message.language, digit),
                "style": _BUTTON_RED if digit == "9" else _BUTTON_BLUE,
                "key": digit,
            }
            for digit in BUTTONS
        ],
    }
    if message.link:
        card["card_action"] = {"type": 1, "url": message.link}
    return card
