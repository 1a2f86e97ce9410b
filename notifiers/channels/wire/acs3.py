"""Alibaba Cloud's signature version 3 (ACS3-HMAC-SHA256) of RPC calls. Pure.

Source: help.aliyun.com, "V3 request body and signature mechanism": canonical request of method, path, sorted query, sorted headers,
their names and the body's SHA-256; its SHA-256 signed by HMAC under the plain secret.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Key:
    """An access key: its id may be known, its secret not."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RpcCall:
    """One POST to the root of `host` (with its port, where that is not the scheme's own). `form` goes into the body, `query` into the address."""

    host: str
    action: str
    version: str
    query: Mapping[str, str]
    form: Mapping[str, str]

    @property
    def raw_query(self) -> str:
        """The query exactly as it is signed and sent."""
        return encode(self.query)

    @property
    def body(self) -> bytes:
        """The body exactly as it is signed and sent."""
        return encode(self.form).encode()


def encode(values: Mapping[str, str]) -> str:
    """Names and values percent-encoded by RFC 3986 and sorted by name."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(values.items()))


def sign(call: RpcCall, key: Key, *, at: datetime, nonce: str) -> dict[str, str]:
    """All headers of the signed call; `at` is aware, `nonce` never used before."""
    body_hash = hashlib.sha256(call.body).hexdigest()
    headers = {
        "host": call.host,
        "x-acs-action": call.action,
        "x-acs-content-sha256": body_hash,
        "x-acs-date": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": call.version,
    }
    if call.form:
        headers["content-type"] = FORM
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n{call.raw_query}\n{lines}\n{names}\n{body_hash}"
    signed = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return {**headers, "Authorization": f"{ALGORITHM} Credential={key.id},SignedHeaders={names},Signature={signature}"}
