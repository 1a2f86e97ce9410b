"""The door of Alibaba Cloud's RPC services: signature version 3, as help.aliyun.com describes what the server checks."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from tests.notifiers.conformance.http_fake import Received, Said

KEY_ID, SECRET = "LTAI5tTocsinTestKey", "kept-by-nobody-but-this-test"
_AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")


@dataclass
class AliyunDoor:
    """Lets genuine calls in, each nonce once. `serves(action, parameters)` answers them."""

    version: str
    serves: Callable[[str, Mapping[str, str]], Said]
    nonces: set[str] = field(default_factory=set)

    def enter(self, received: Received) -> Said | None:
        """What is answered to a call that is not genuine; None for one that is."""
        headers = received.headers
        if received.method != "POST" or received.path != "/":
            return _no("InvalidAction.NotFound", 404)
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None:
            return _no("IncompleteSignature", 400)
        key_id, names, signature = found.groups()
        if key_id != KEY_ID:
            return _no("InvalidAccessKeyId.NotFound", 404)
        if abs(datetime.now(UTC) - datetime.fromisoformat(headers["x-acs-date"])) > timedelta(minutes=15):
            return _no("InvalidTimeStamp.Expired", 400)
        if headers["x-acs-content-sha256"] != hashlib.sha256(received.body).hexdigest():
            return _no("SignatureDoesNotMatch", 400)
        if not hmac.compare_digest(signature, expected(received, names)):
            return _no("SignatureDoesNotMatch", 400)
        if headers["x-acs-signature-nonce"] in self.nonces:
            return _no("SignatureNonceUsed", 400)
        self.nonces.add(headers["x-acs-signature-nonce"])
        return None if headers["x-acs-version"] == self.version else _no("InvalidVersion", 400)

    def answer(self, received: Received) -> Said:
        """The answer to a genuine call."""
        parameters = dict(parse_qsl(received.raw_query, keep_blank_values=True, strict_parsing=bool(received.raw_query)))
        if received.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            parameters |= dict(parse_qsl(received.body.decode(), keep_blank_values=True))
        return self.serves(received.headers["x-acs-action"], parameters)


def expected(received: Received, names: str) -> str:
    """The signature that the server computes from what it received."""
    must = {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
    must |= {"content-type"} & set(received.headers)
    listed = names.split(";")
    if not must <= set(listed) or listed != sorted(listed):
        return ""
    pairs = sorted(parse_qsl(received.raw_query, keep_blank_values=True))
    query = "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)
    canonical = "\n".join(
        [
            received.method,
            received.path,
            query,
            "".join(f"{name}:{received.headers[name].strip()}\n" for name in listed),
            names,
            hashlib.sha256(received.body).hexdigest(),
        ]
    )
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.new(SECRET.encode(), to_sign.encode(), "sha256").hexdigest()


def _encode(text: str) -> str:
    """RFC 3986: everything but letters, digits, "-", "_", "." and "~" in upper-case percent escapes."""
    return quote(text, safe="-_.~")


def _no(code: str, status: int) -> Said:
    return Said({"RequestId": "4EF1E5A6", "Code": code, "Message": f"{code}: the request was not let in"}, status)


def words(code: str, message: str, **more: str) -> dict[str, str]:
    """An answer's document."""
    return {"RequestId": "4EF1E5A6-8F5D-5B5C-9C3B-2F6D2F6D2F6D", "Code": code, "Message": message, **more}
