"""Tencent Cloud's signature (TC3-HMAC-SHA256) of JSON calls. Pure.

Source: cloud.tencent.com, "Signature method v3": canonical request of method, path, query, signed headers and the body's SHA-256; signed
under a key derived from the secret by the date in UTC, the service and "tc3_request".
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
JSON_TYPE = "application/json; charset=utf-8"
_SIGNED = "content-type;host"


@dataclass(frozen=True, slots=True)
class Key:
    """A pair of keys: its id may be known, its secret not."""

    id: str
    secret: str = field(repr=False)


def signature(key: Key, *, host: str, service: str, body: bytes, at: int, content_type: str = JSON_TYPE) -> str:
    """The signature of a POST of `body` to the root of `host`; `at` is seconds since 1970."""
    date = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    canonical = (
        f"POST\n/\n\ncontent-type:{content_type}\nhost:{host}\n\n{_SIGNED}\n{hashlib.sha256(body).hexdigest()}"
    )  # fmt: skip
    scope = f"{date}/{service}/tc3_request"
    to_sign = f"{ALGORITHM}\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    derived = f"TC3{key.secret}".encode()
    for part in (date, service, "tc3_request"):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    return hmac.new(derived, to_sign.encode(), hashlib.sha256).hexdigest()


def authorization(key: Key, *, host: str, service: str, body: bytes, at: int) -> str:
    """The Authorization header of that call."""
    date = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    signed = signature(key, host=host, service=service, body=body, at=at)
    return f"{ALGORITHM} Credential={key.id}/{date}/{service}/tc3_request, SignedHeaders={_SIGNED}, Signature={signed}"
