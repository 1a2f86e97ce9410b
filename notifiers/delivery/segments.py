"""What a text costs as SMS. Pure."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")


def count_segments(text: str) -> int:
    """How many SMS segments carry `text`: GSM 03.38 160 or 153 each, else UCS-2 70 or 67 code units each; at least 1."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        length, single, joined = (sum(2 if letter in _EXTENDED else 1 for letter in text), 160, 153)
    else:
        length, single, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= single else -(-length // joined)
