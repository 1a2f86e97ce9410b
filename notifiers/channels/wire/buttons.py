"""The answers that a card in a chat offers as buttons, each by the digit that an SMS would answer with."""

from collections.abc import Mapping

from tocsin.base.texts import say

BUTTONS = ("1", "2", "9")
"""Received, on the way, cannot: what a card offers first."""
NEXT: Mapping[str, tuple[str, ...]] = {"1": ("2", "3", "9"), "2": ("3", "4", "9"), "3": ("4", "9"), "4": (), "9": ("1", "2")}
"""What a card that can change offers after an answer: on the way, on scene (3), done (4), cannot; and whoever could not may after all."""
CANNOT = "9"


def button_text(language: str, digit: str) -> str:
    """What stands on the button of `digit`, in the person's language."""
    return say(language, f"chat.button.{digit}")
