"""A WeCom application: a token that is lent, cards with buttons, partial failure inside success, and callbacks signed and encrypted."""

import base64
import hashlib
import json
import os
import struct
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from ssl import SSLContext
from urllib.parse import parse_qs, urlencode
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Posted, Script
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http

CORP_ID, CORP_SECRET = "ww5823bf96d3bd56c7", "Sk3cret-of-the-application-000001"
TOKEN, AES_KEY = "QDG6eK-of-callbacks", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CODES = {"refuse": 81013, "refuse_account": 60020, "later": -1}
_REFERENCE_CHARACTERS = set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-@")


class WecomApp:
    """What stands behind the door. `lent`: tokens by whether they are still good."""

    def __init__(self) -> None:
        self.lent: dict[str, bool] = {}
        self.seen: set[str] = set()
        self.no_token = 0

    def speaks(self, received: Received, script: Script) -> Said:
        query = {name: values[0] for name, values in parse_qs(received.raw_query).items()}
        match received.path:
            case "/cgi-bin/gettoken":
                return self._lend(query)
            case "/cgi-bin/message/send" if received.method == "POST":
                return self._send(query, json.loads(received.body), script)
        return Said({"errcode": 404, "errmsg": "no such call"}, 404)

    def _lend(self, query: dict[str, str]) -> Said:
        if self.no_token:
            return Said({"errcode": self.no_token, "errmsg": f"{CORP_SECRET} is not allowed"})
        if (query.get("corpid"), query.get("corpsecret")) != (CORP_ID, CORP_SECRET):
            return Said({"errcode": 40001, "errmsg": "invalid credential"})
        token = f"accesstoken{len(self.lent):06d}"
        self.lent[token] = True
        return Said({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})

    def _send(self, query: dict[str, str], document: dict[str, object], script: Script) -> Said:
        if query.get("access_token") not in self.lent:
            script.forged += 1
            return Said({"errcode": 40014, "errmsg": "invalid access_token"})
        if not self.lent[query["access_token"]]:
            return Said({"errcode": 42001, "errmsg": "access_token expired"})
        if script.fault == "later_in":
            return Said({"errcode": 45009, "errmsg": script.echo}, 429, {"Retry-After": str(WAIT_SECONDS)})
        if script.fault in CODES:
            return Said({"errcode": CODES[script.fault], "errmsg": script.echo})
        address = str(document["touser"])
        if address in script.refused:
            return Said({"errcode": 0, "errmsg": "ok", "invaliduser": address, "msgid": "none"})
        repeated = json.dumps(document, sort_keys=True) in self.seen and document.get("enable_duplicate_check") == 1
        self.seen.add(json.dumps(document, sort_keys=True))
        msgid = "m" + hashlib.sha256(json.dumps(document).encode()).hexdigest()[:20]
        taken = [] if repeated else [_arrived(document, msgid)]
        return Said({"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": msgid, "response_code": "once"}, taken=taken)


def _arrived(document: dict[str, object], msgid: str) -> Arrived:
    card = document.get("template_card")
    if not isinstance(card, dict):
        text = document["text"]
        assert document["msgtype"] == "text" and isinstance(text, dict)
        return Arrived(str(document["touser"]), text["content"], "", msgid)
    assert document["msgtype"] == "template_card" and card["card_type"] == "button_interaction"
    assert 1 <= len(card["button_list"]) <= 6 and {"text", "key"} <= set(card["button_list"][0])
    assert len(card["task_id"]) <= 128 and set(card["task_id"]) <= _REFERENCE_CHARACTERS
    return Arrived(str(document["touser"]), card["sub_title_text"], card["task_id"], msgid)


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    return run_http(running(WecomApp()), tls)


def running(app: WecomApp) -> HttpFake:
    def settings_to(url: str) -> dict[str, object]:
        return {"endpoint": url, "corp_id": CORP_ID, "agent_id": 1000002}

    return HttpFake(app.speaks, settings_to, prelude=("/cgi-bin/gettoken",))


def encrypt(plain: bytes, *, aes_key: str = AES_KEY, corp_id: str = CORP_ID, salt: bytes = b"") -> str:
    """16 bytes (random unless given), length, message and corporation, padded to 32, by AES-256-CBC."""
    key = base64.b64decode(aes_key + "=")
    inside = (salt or os.urandom(16)) + struct.pack("!I", len(plain)) + plain + corp_id.encode()
    pad = 32 - len(inside) % 32
    sealer = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(sealer.update(inside + bytes([pad]) * pad) + sealer.finalize()).decode()


def sealed(what: str, plain: bytes, *, token: str = TOKEN, aes_key: str = AES_KEY, corp_id: str = CORP_ID, echo: bool = False) -> Posted:
    """A callback as WeCom makes it; `echo`: the address is being tried."""
    secret = encrypt(plain, aes_key=aes_key, corp_id=corp_id)
    at, nonce = str(int(time.time())), os.urandom(5).hex()
    mark = hashlib.sha1("".join(sorted([token, at, nonce, secret])).encode()).hexdigest()
    query = {"msg_signature": mark, "timestamp": at, "nonce": nonce, **({"echostr": secret} if echo else {})}
    body = (
        f"<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName><Encrypt><![CDATA[{secret}]]></Encrypt>"
        "<AgentID><![CDATA[1000002]]></AgentID></xml>"
    )
    return Posted(what, b"" if echo else body.encode(), {"Content-Type": "text/xml"}, urlencode(query))


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    return sealed(what, body)


def message_of(**fields: str) -> bytes:
    """A message of WeCom in XML."""
    return f"<xml>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in fields.items())}</xml>".encode()


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    """A press on one of the card's buttons."""
    at = str(1_767_323_045 + int("".join(filter(str.isdecimal, event))))
    pressed = message_of(
        ToUserName=CORP_ID, FromUserName=arrived.address, CreateTime=at, MsgType="event", Event="template_card_event",
        EventKey=text, TaskId=arrived.reference, CardType="button_interaction", ResponseCode="once", AgentID="1000002",
    )  # fmt: skip
    return sealed("replies", pressed)


def forge(posted: Posted, hook_url: str) -> list[Posted]:
    pressed = message_of(FromUserName="zhang", MsgType="event", Event="template_card_event", EventKey="1", TaskId="1-2s-1")
    return [
        replace(posted, query=""),
        replace(posted, query=posted.query.replace("nonce=", "nonce=0")),
        replace(posted, body=posted.body.replace(b"[CDATA[", b"[CDATA[AAAA")),
        replace(posted, body=pressed),
        sealed(posted.what, pressed, token="somebody else's"),
        sealed(posted.what, pressed, aes_key="A" * 43),
        sealed(posted.what, pressed, corp_id="ww-of-another-corporation"),
    ]


ADAPTER = Adapter(
    kind="wecom_app",
    secret=f"{CORP_SECRET}:{TOKEN}:{AES_KEY}",
    start=start,
    address="Member.{:04d}".format,
    reply=reply,
    sign=sign,
    forge=forge,
    unspeakable=frozenset({"unsure"}),
    contact_kind="chat",
)
