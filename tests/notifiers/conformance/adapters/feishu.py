"""Feishu's robot: the token in the path, time and signature in the body, mentions as markup in the text."""

import base64
import hashlib
import hmac
import json
import re
import time
from contextlib import AbstractAsyncContextManager
from ssl import SSLContext

from tests.notifiers.conformance.adapter import Adapter, Fake, Script
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http
from tests.notifiers.conformance.providers.robots import NOTE, UNSPEAKABLE, Manners, answer

TOKEN, SIGNING = "0c9f3a52-5a3c-4a2e-b5c1-1f0d5e2a7b90", "Rf2kq0secret-of-the-robot"
BODY_BYTES_MAX = 20 * 1024


def words(code: int, text: str) -> dict[str, object]:
    return (
        {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"} if code == 0 else {"code": code, "msg": text}
    )


MANNERS = Manners(words, {"refuse": 9499, "refuse_account": 19024, "later": 11232})


def speaks(received: Received, script: Script) -> Said:
    if received.path != f"/open-apis/bot/v2/hook/{TOKEN}":
        script.forged += 1
        return Said(words(19001, "param invalid: incoming webhook access token invalid"))
    document = json.loads(received.body)
    at = document.get("timestamp", "")
    key = f"{at}\n{SIGNING}".encode()
    expected = base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
    if not isinstance(at, str) or not at or abs(time.time() - int(at)) > 3600 or document.get("sign") != expected:
        script.forged += 1
        return Said(words(19021, "sign match fail or timestamp is not within one hour from current time"))
    if len(received.body) > BODY_BYTES_MAX or document.get("msg_type") != "text":
        return Said(words(9499, "Bad Request"))
    said = document["content"]["text"]
    mention = re.match(r'<at user_id="([^"]+)"></at> ', said)
    return answer(MANNERS, script, mention.group(1) if mention else "group", said[mention.end() :] if mention else said, received)


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    return run_http(HttpFake(speaks, lambda url: {"endpoint": url}), tls)


ADAPTER = Adapter(
    kind="feishu",
    secret=f"{TOKEN}:{SIGNING}",
    start=start,
    address="ou_7d8a6e6df7621556ce0d21922b67{:04d}".format,
    unspeakable=UNSPEAKABLE,
    contact_kind="chat",
    note=NOTE,
    names_messages=False,
)
