"""What a text costs as SMS. Pure."""

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text takes as SMS: `units` of its alphabet (GSM 03.38, where all of it can be written in that; else UCS-2), in so many
    `segments`, which have room for so many units."""

    gsm: bool
    units: int
    segments: int
    room: int


def measure(text: str) -> Measure:
    """GSM 03.38: 160 units in one segment, or 153 in each of several; UCS-2: 70 or 67. At least one segment."""
    gsm = all(letter in _BASIC or letter in _EXTENDED for letter in text)
    units = sum(2 if letter in _EXTENDED else 1 for letter in text) if gsm else len(text.encode("utf-16-be")) // 2
    single, joined = (160, 153) if gsm else (70, 67)
    segments = 1 if units <= single else -(-units // joined)
    return Measure(gsm, units, segments, single if segments == 1 else segments * joined)


def count_segments(text: str) -> int:
    """How many SMS segments carry `text`."""
    return measure(text).segments
