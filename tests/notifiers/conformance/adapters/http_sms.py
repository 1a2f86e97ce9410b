"""The generic HTTP SMS gateway: bearer token, batches, and posts signed by HMAC-SHA256 over time, purpose and body."""

import hashlib
import hmac
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from itertools import count
from ssl import SSLContext

import orjson

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Posted, Script, State
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http

SECRET = "a secret of sixteen and more"
_CODES = {"refuse": "number_unknown", "refuse_account": "no_credit", "unsure": "unknown"}


def speaks(text_field: str, prefix: str) -> Callable[[Received, Script], Said]:
    """The protocol of docs/gateways/generic-http-sms.md and generic-http-voice.md."""
    numbers = count(1)

    def answer(received: Received, script: Script) -> Said:
        if received.headers.get("authorization") != f"Bearer {SECRET}":
            script.forged += 1
            return Said({"code": "not_permitted"}, 401)
        document = orjson.loads(received.body)
        if script.fault in ("later", "later_in"):
            wait = {"Retry-After": str(WAIT_SECONDS)} if script.fault == "later_in" else {}
            return Said({"code": "later", "message": script.echo}, 429, wait)
        if script.fault in _CODES:
            return Said({"code": _CODES[script.fault], "message": script.echo})
        messages = document.get("messages", [document])
        taken: list[Arrived] = []
        results = []
        for one in messages:
            refused = one["to"] in script.refused
            identity = f"{prefix}-{next(numbers)}"
            if not refused:
                taken.append(Arrived(one["to"], one[text_field], one["reference"], identity))
            word = {"code": "number_unknown", "message": script.echo} if refused else {"code": "accepted", "id": identity}
            results.append({"reference": one["reference"], **word})
        # In no particular order: results are matched by reference.
        return Said({"results": results[::-1]} if "messages" in document else results[0], taken=taken)

    return answer


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    def settings_to(url: str) -> dict[str, object]:
        return {"url": f"{url}/messages", "batch_url": f"{url}/batches"}

    return run_http(HttpFake(speaks("text", "m"), settings_to), tls)


def signed(what: str, document: object, *, secret: str = SECRET, at: float | None = None) -> Posted:
    """A post as a gateway makes it, signed at `at` (seconds since 1970, now by default)."""
    return _signed(what, orjson.dumps(document), secret, at)


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    return _signed(what, body, SECRET, None)


def _signed(what: str, body: bytes, secret: str, at: float | None) -> Posted:
    timestamp = str(int(time.time() if at is None else at))
    mark = hmac.new(secret.encode(), f"{timestamp}\n{what}\n".encode() + body, hashlib.sha256).hexdigest()
    return Posted(what, body, {"Content-Type": "application/json", "Tocsin-Timestamp": timestamp, "Tocsin-Signature": mark})


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    return signed("receipts", {"receipts": [{"reference": arrived.reference, "state": state, "event": event, "id": arrived.gateway_ref}]})


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    return signed("replies", {"replies": [{"id": event, "from": arrived.address, "text": text}]})


def forge(posted: Posted, hook_url: str) -> list[Posted]:
    document = orjson.loads(posted.body)
    marks = dict(posted.headers)
    return [
        replace(posted, headers={}),
        signed(posted.what, document, secret="somebody else's secret"),
        signed(posted.what, document, at=time.time() - 3600),
        replace(posted, body=posted.body.replace(b"1-", b"2-", 1) + b" "),
        replace(posted, what="replies" if posted.what == "receipts" else "receipts"),
        replace(posted, headers={**marks, "Tocsin-Signature": "0" * 64}),
    ]


ADAPTER = Adapter(
    kind="http_sms",
    secret=SECRET,
    start=start,
    says=("accepted", "delivered", "failed"),
    receipt=receipt,
    reply=reply,
    sign=sign,
    forge=forge,
)
