"""Texts from outside, made fit to be stored, logged and shown."""

import re

REASONS = (
    "address_forbidden",
    "address_malformed",
    "bad_request",
    "connection_lost",
    "gateway_unsure",
    "name_or_connection",
    "no_answer_in_time",
    "no_utf8_mail",
    "not_understood",
    "redirected",
    "server_error",
    "template_missing",
    "throttled",
    "tls",
    "too_large",
    "unavailable",
)
"""Every reason that a channel itself gives; a gateway's own words come beside them. Texts: `console.reason.<reason>`."""

_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{4,}\d")
_MAIL = re.compile(r"[^\s<>@]+@[^\s<>@]+")


def bare_signature(signature: str) -> str:
    """The name alone: the brackets around it are the operators'."""
    return signature.strip("【】 ")


def under_signature(signature: str, text: str) -> str:
    """A text as it is read: the operators want the signature first, in brackets of this kind."""
    return f"【{bare_signature(signature)}】{text}"


def storable(text: str, most: int) -> str:
    """`text` without control, direction and lone surrogate characters, at most `most` characters; tabs and newlines stay."""
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n"))[:most]


def harmless(text: str, *secrets: str) -> str:
    """A gateway's words on one line of at most 200 characters: no telephone numbers, mail addresses or secrets."""
    line = " ".join(storable(text, 2000).split())
    for secret in filter(None, secrets):
        line = line.replace(secret, "***")
    return _MAIL.sub("***", _NUMBER.sub("***", line))[:200]
