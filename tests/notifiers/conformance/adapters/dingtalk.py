"""DingTalk's robot: token, time and signature in the address, percent-encoded once."""

import base64
import hashlib
import hmac
import json
import time
from contextlib import AbstractAsyncContextManager
from ssl import SSLContext
from urllib.parse import parse_qs

from tests.notifiers.conformance.adapter import Adapter, Fake, Script
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http
from tests.notifiers.conformance.providers.robots import NOTE, UNSPEAKABLE, Manners, answer

TOKEN, SIGNING = "566cc69da782ec33e42541f48a4d7a2b0c9f3a52", "SEC0f5f1b7c2d3e4a5b6c7d8e9f"


def words(code: int, text: str) -> dict[str, object]:
    return {"errcode": code, "errmsg": text}


MANNERS = Manners(words, {"refuse": 460101, "refuse_account": 310000, "later": -1, "too_often": 130101})


def speaks(received: Received, script: Script) -> Said:
    query = {name: values[0] for name, values in parse_qs(received.raw_query).items()}
    if received.path != "/robot/send" or query.get("access_token") != TOKEN:
        script.forged += 1
        return Said(words(300001, "token is not exist"))
    at = query.get("timestamp", "0")
    signed = hmac.new(SIGNING.encode(), f"{at}\n{SIGNING}".encode(), hashlib.sha256).digest()
    if abs(time.time() * 1000 - int(at)) > 3_600_000 or base64.b64decode(query.get("sign", "")) != signed:
        script.forged += 1
        return Said(words(310000, "sign not match, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]"))
    if not received.headers.get("content-type", "").startswith("application/json"):
        return Said(words(43004, "无效的HTTP HEADER Content-Type"))
    document = json.loads(received.body)
    at_whom = document["at"]
    mentioned = [f"+86{one}" for one in at_whom["atMobiles"]] + at_whom["atUserIds"] + (["all"] if at_whom["isAtAll"] else [])
    return answer(MANNERS, script, mentioned[0] if mentioned else "group", document["text"]["content"], received)


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    return run_http(HttpFake(speaks, lambda url: {"endpoint": url}), tls)


ADAPTER = Adapter(
    kind="dingtalk",
    secret=f"{TOKEN}:{SIGNING}",
    start=start,
    unspeakable=UNSPEAKABLE,
    contact_kind="chat",
    note=NOTE,
    names_messages=False,
)
