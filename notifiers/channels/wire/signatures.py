"""Signed requests between us and a gateway: HMAC-SHA256 over time, purpose and body, the same in both directions.

The purpose is part of what is signed, so that a request we sent cannot be sent back to us as a receipt.
"""

import hmac
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from notifiers.channels.shape import HookRefusedError, HookRequest
from tocsin.base.keyed_hash import hmac_sha256

TIMESTAMP_HEADER = "Tocsin-Timestamp"
SIGNATURE_HEADER = "Tocsin-Signature"
TOLERANCE_SECONDS = 300
BODY_BYTES_MAX = 65_536


def signature(secret: str, timestamp: str, purpose: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of timestamp, purpose and body, separated by newlines."""
    signed = f"{timestamp}\n{purpose}\n".encode() + body
    return _keyed(secret)(signed).hex()


@lru_cache(maxsize=64)
def _keyed(secret: str) -> Callable[[bytes], bytes]:
    """HMAC-SHA256 by this gateway's secret: a broadcast signs thousands of calls by one."""
    return hmac_sha256(secret.encode())


def signing_time() -> int:
    """Seconds since 1970 by this machine's clock: what providers compare with their own."""
    return int(time.time())


def sign(secret: str, purpose: str, body: bytes, *, at: float | None = None) -> dict[str, str]:
    """The two headers of a signed request; `at` is seconds since 1970, by default this machine's present."""
    timestamp = str(signing_time() if at is None else int(at))
    return {
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: signature(secret, timestamp, purpose, body),
    }


def credentials(auth: Literal["bearer", "hmac", "none"], secret: str, body: bytes) -> dict[str, str]:
    """The headers that let a call in, by the generic protocol."""
    match auth:
        case "bearer":
            return {"Authorization": f"Bearer {secret}"}
        case "hmac":
            return sign(secret, "send", body)
        case "none":
            return {}


def check_signature(secret: str, request: HookRequest, *, at: float | None = None) -> str:
    """The timestamp of a genuine request; raises HookRefusedError for anything else.

    Without a secret nothing is genuine. `at` is seconds since 1970, by default this machine's present.
    """
    headers = _lower(request.headers)
    timestamp = headers.get(TIMESTAMP_HEADER.lower(), "")
    given = headers.get(SIGNATURE_HEADER.lower(), "")
    if not secret or len(request.body) > BODY_BYTES_MAX or not (timestamp.isascii() and timestamp.isdecimal()):
        raise HookRefusedError("not signed")
    expected = signature(secret, timestamp, request.what, request.body)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape")):
        raise HookRefusedError("signature wrong")
    if len(timestamp) > 12 or abs((time.time() if at is None else at) - int(timestamp)) > TOLERANCE_SECONDS:
        raise HookRefusedError("too old")
    return timestamp


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
