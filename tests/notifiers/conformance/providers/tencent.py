"""The door of Tencent Cloud's API: signature TC3, as cloud.tencent.com describes what the server checks. Errors come in an HTTP 200."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from tests.notifiers.conformance.http_fake import Received, Said

KEY_ID, SECRET = "AKIDTocsinTestKey", "kept-by-nobody-but-this-test-too"
_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/(\w+)/tc3_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)


@dataclass
class TencentDoor:
    """Lets genuine calls in. `serves(action, document)` answers them."""

    service: str
    version: str
    serves: Callable[[str, Mapping[str, object]], Said]

    def enter(self, received: Received) -> Said | None:
        """What is answered to a call that is not genuine; None for one that is."""
        headers = received.headers
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if received.method != "POST" or received.path != "/" or received.raw_query or found is None:
            return error("AuthFailure.InvalidAuthorization")
        key_id, date, service, names, signature = found.groups()
        at = int(headers["x-tc-timestamp"])
        if key_id != KEY_ID:
            return error("AuthFailure.SecretIdNotFound")
        if abs(time.time() - at) > 300 or date != datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d"):
            return error("AuthFailure.SignatureExpire")
        if service != self.service or not {"content-type", "host"} <= set(names.split(";")):
            return error("AuthFailure.SignatureFailure")
        if not hmac.compare_digest(signature, self._expected(received, names, date)):
            return error("AuthFailure.SignatureFailure")
        return None if headers.get("x-tc-version") == self.version else error("NoSuchVersion")

    def _expected(self, received: Received, names: str, date: str) -> str:
        lines = "".join(f"{name}:{received.headers[name].strip().lower()}\n" for name in names.split(";"))
        request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(received.body).hexdigest()}"
        scope = f"{date}/{self.service}/tc3_request"
        text = "\n".join(
            ["TC3-HMAC-SHA256", received.headers["x-tc-timestamp"], scope, hashlib.sha256(request.encode()).hexdigest()]
        )  # fmt: skip
        day = hmac.digest(b"TC3" + SECRET.encode(), date.encode(), "sha256")
        key = hmac.digest(hmac.digest(day, self.service.encode(), "sha256"), b"tc3_request", "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def answer(self, received: Received) -> Said:
        """The answer to a genuine call."""
        return self.serves(received.headers["x-tc-action"], orjson.loads(received.body))


def error(code: str, message: str = "", status: int = 200, headers: Mapping[str, str] | None = None) -> Said:
    """An error, inside an HTTP 200 as a rule."""
    said = {"Response": {"Error": {"Code": code, "Message": message or code}, "RequestId": "ed93f3cb-f35e-473f-b9f3"}}
    return Said(said, status, headers or {})
