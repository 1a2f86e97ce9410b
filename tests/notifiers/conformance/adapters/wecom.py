"""WeCom's robot: the key in the address, nothing signed, and a limit of bytes."""

import json
from contextlib import AbstractAsyncContextManager
from ssl import SSLContext
from urllib.parse import parse_qs

from tests.notifiers.conformance.adapter import Adapter, Fake, Script
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http
from tests.notifiers.conformance.providers.robots import NOTE, UNSPEAKABLE, Manners, answer

KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
CONTENT_BYTES_MAX = 2048


def words(code: int, text: str) -> dict[str, object]:
    return {"errcode": code, "errmsg": text}


MANNERS = Manners(words, {"refuse": 40058, "refuse_account": 93000, "later": -1, "too_often": 45009})


def speaks(received: Received, script: Script) -> Said:
    if received.path != "/cgi-bin/webhook/send" or parse_qs(received.raw_query).get("key") != [KEY]:
        script.forged += 1
        return Said(words(93000, "invalid webhook url"))
    said = json.loads(received.body)["text"]
    if len(said["content"].encode()) > CONTENT_BYTES_MAX:
        return Said(words(40058, "text.content exceed max length 2048. invalid Request Parameter"))
    mentioned = [f"+86{one}" for one in said.get("mentioned_mobile_list", [])]
    mentioned += [one.removeprefix("@") for one in said.get("mentioned_list", [])]
    return answer(MANNERS, script, mentioned[0] if mentioned else "group", said["content"], received)


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    return run_http(HttpFake(speaks, lambda url: {"endpoint": url}), tls)


ADAPTER = Adapter(
    kind="wecom",
    secret=KEY,
    start=start,
    unspeakable=UNSPEAKABLE,
    contact_kind="chat",
    note=NOTE,
    names_messages=False,
)
