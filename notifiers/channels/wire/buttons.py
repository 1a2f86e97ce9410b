"""The answers that a card in a chat offers as buttons."""

from tocsin.base.texts import say

BUTTONS = ("1", "2", "9")
"""Received, on the way, cannot: each by the digit that an SMS would answer with."""


def button_text(language: str, digit: str) -> str:
    """What stands on the button of `digit`, in the person's language."""
    return say(language, f"chat.button.{digit}")
