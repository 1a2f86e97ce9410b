"""A Feishu application: a token that is lent, messages once for each uuid, cards, and callbacks signed and encrypted."""

import base64
import hashlib
import json
import os
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from ssl import SSLContext
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Posted, Script, State
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http

APP_ID, APP_SECRET = "cli_a1b2c3d4e5f6a7b8", "Fs-secret-of-the-application-0001"
TOKEN, ENCRYPT_KEY = "v-token-of-the-callbacks", "the Encrypt Key: of this application"
SECRET = f"{APP_SECRET}:{TOKEN}:{ENCRYPT_KEY}"
CODES = {"refuse": 230013, "refuse_account": 99991672, "later": 230020, "unsure": 230049}
_LEND = "/open-apis/auth/v3/tenant_access_token/internal"
_SEND = "/open-apis/im/v1/messages"


class FeishuApp:
    """What stands behind the door. `lent`: tokens by whether they are still good. `seen`: what was sent under a uuid."""

    def __init__(self) -> None:
        self.lent: dict[str, bool] = {}
        self.seen: dict[str, str] = {}
        self.sent: list[dict[str, object]] = []
        self.no_token = 0

    def speaks(self, received: Received, script: Script) -> Said:
        match received.method, received.path:
            case "POST", path if path == _LEND:
                return self._lend(json.loads(received.body))
            case "POST", path if path == _SEND:
                return self._send(received, script)
            case "GET", path if path.startswith(f"{_SEND}/") and path.endswith("/read_users"):
                return self._read_by(received, script)
        return Said({"code": 404, "msg": "404 page not found"}, 404)

    def _lend(self, asked: dict[str, str]) -> Said:
        if self.no_token:
            return Said({"code": self.no_token, "msg": f"{APP_SECRET} is not allowed"})
        if asked != {"app_id": APP_ID, "app_secret": APP_SECRET}:
            return Said({"code": 10014, "msg": "app secret invalid"})
        token = f"t-lent{len(self.lent):06d}"
        self.lent[token] = True
        return Said({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7200})

    def _read_by(self, received: Received, script: Script) -> Said:
        token = received.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.lent.get(token) or script.fault in (*CODES, "later_in"):
            return Said({"code": 99991663, "msg": "Invalid access token for authorization."}, 400)
        asked = received.path.split("/")[-2]
        readers = [one.address for one in script.arrived if one.gateway_ref == asked] if script.stands == "delivered" else []
        items = [{"user_id_type": "open_id", "user_id": one, "timestamp": "1609484183000", "tenant_key": "t1"} for one in readers]
        return Said({"code": 0, "msg": "success", "data": {"items": items, "has_more": False}})

    def _send(self, received: Received, script: Script) -> Said:
        token = received.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.lent.get(token):
            script.forged += token not in self.lent
            return Said({"code": 99991663, "msg": "Invalid access token for authorization."}, 400)
        if script.fault == "later_in":
            said = {"x-ogw-ratelimit-limit": "100", "x-ogw-ratelimit-reset": str(int(WAIT_SECONDS))}
            return Said({"code": 99991400, "msg": script.echo}, 429, said)
        if script.fault in CODES:
            return Said({"code": CODES[script.fault], "msg": script.echo}, 400)
        assert parse_qs(received.raw_query)["receive_id_type"] == ["open_id"]
        document = json.loads(received.body)
        assert set(document) == {"receive_id", "msg_type", "content", "uuid"} and 0 < len(document["uuid"]) <= 50
        if document["receive_id"] in script.refused:
            return Said({"code": 230013, "msg": script.echo}, 400)
        message_id = self.seen.get(document["uuid"], "")
        taken = []
        if not message_id:
            message_id = "om_" + hashlib.sha256(document["uuid"].encode()).hexdigest()[:32]
            self.seen[document["uuid"]] = message_id
            self.sent.append(document)
            taken = [_arrived(document, message_id)]
        return Said({"code": 0, "msg": "success", "data": {"message_id": message_id, "msg_type": document["msg_type"]}}, taken=taken)


def _arrived(document: dict[str, str], message_id: str) -> Arrived:
    content = json.loads(document["content"])
    if document["msg_type"] == "text":
        return Arrived(document["receive_id"], content["text"], "", message_id)
    assert document["msg_type"] == "interactive" and len(document["content"].encode()) <= 30 * 1024
    assert content["config"]["enable_forward"] is False and content["header"]["title"]["content"]
    words, actions = content["elements"][0], content["elements"][-1]
    assert words["text"]["tag"] == "plain_text" and actions["tag"] == "action"
    values = [button["value"] for button in actions["actions"]]
    assert [value["digit"] for value in values] == ["1", "2", "9"] and len({value["reference"] for value in values}) == 1
    return Arrived(document["receive_id"], words["text"]["content"], values[0]["reference"], message_id)


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    return run_http(running(FeishuApp()), tls)


def running(app: FeishuApp) -> HttpFake:
    return HttpFake(app.speaks, lambda url: {"endpoint": url, "app_id": APP_ID}, prelude=(_LEND,))


def encrypt(plain: bytes, *, key: str = ENCRYPT_KEY, vector: bytes = b"") -> str:
    """A vector (random unless given) and the document, padded to 16, by AES-256-CBC under the SHA-256 of the key."""
    vector, pad = vector or os.urandom(16), 16 - len(plain) % 16
    sealer = Cipher(algorithms.AES256(hashlib.sha256(key.encode()).digest()), modes.CBC(vector)).encryptor()
    return base64.b64encode(vector + sealer.update(plain + bytes([pad]) * pad) + sealer.finalize()).decode()


def sealed(what: str, plain: bytes, *, key: str = ENCRYPT_KEY, signed: bool = True) -> Posted:
    """A post as Feishu makes it where the application has an Encrypt Key; an address that is tried is not signed."""
    body = json.dumps({"encrypt": encrypt(plain, key=key)}).encode()
    at, nonce = str(int(time.time())), os.urandom(5).hex()
    headers = {"Content-Type": "application/json"}
    if signed:
        mark = hashlib.sha256((at + nonce + key).encode() + body).hexdigest()
        headers |= {"X-Lark-Request-Timestamp": at, "X-Lark-Request-Nonce": nonce, "X-Lark-Signature": mark}
    return Posted(what, body, headers)


def happened(kind: str, event_id: str, inner: dict[str, object], *, token: str = TOKEN, app_id: str = APP_ID) -> bytes:
    """An event or a callback, schema 2.0."""
    header = {
        "event_id": event_id,
        "event_type": kind,
        "create_time": "1767323045000",
        "token": token,
        "app_id": app_id,
        "tenant_key": "t1",
    }
    return json.dumps({"schema": "2.0", "header": header, "event": inner}).encode()


def ids(open_id: str) -> dict[str, str]:
    """A user as events name him."""
    return {"open_id": open_id, "union_id": f"on_{open_id}", "user_id": f"u{open_id}"}


def press(arrived: Arrived, digit: str, event_id: str, *, by: str = "", reference: str = "", token: str = TOKEN) -> bytes:
    """A press on one of the card's buttons, which brings back its value."""
    value = {
        "address": arrived.address, "reference": reference or arrived.reference, "language": "zh-CN", "title": "电梯困人",
        "text": arrived.text, "digit": digit,
    }  # fmt: skip
    inner: dict[str, object] = {
        "operator": {**ids(by or arrived.address), "tenant_key": "t1"},
        "token": "c-once",
        "action": {"tag": "button", "value": value},
        "host": "im_message",
        "context": {"open_message_id": arrived.gateway_ref, "open_chat_id": "oc_1"},
    }
    return happened("card.action.trigger", event_id, inner, token=token)


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    """The member has read it."""
    reader = {"reader_id": ids(arrived.address), "read_time": "1767323045000", "tenant_key": "t1"}
    return sealed("receipts", happened("im.message.message_read_v1", event, {"reader": reader, "message_id_list": [arrived.gateway_ref]}))


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    return sealed("replies", press(arrived, text, event))


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    return sealed(what, body)


def forge(posted: Posted, hook_url: str) -> list[Posted]:
    arrived = Arrived("ou_zhang", "困人", "1-2s-1", "om_1")
    pressed = press(arrived, "1", "e1")
    return [
        replace(posted, headers={}),
        replace(posted, headers={**posted.headers, "X-Lark-Request-Nonce": "another"}),
        replace(posted, body=posted.body.replace(b'"}', b'AAAA"}')),
        replace(posted, body=pressed),
        sealed(posted.what, pressed, key="somebody else's"),
        sealed(posted.what, pressed, signed=False),
        sealed(posted.what, press(arrived, "1", "e1", token="somebody else's")),
        sealed(posted.what, happened("card.action.trigger", "e1", {}, app_id="cli_another")),
    ]


ADAPTER = Adapter(
    kind="feishu_app",
    secret=SECRET,
    start=start,
    address="ou_{:032d}".format,
    says=("delivered",),
    receipt=receipt,
    reply=reply,
    sign=sign,
    forge=forge,
    contact_kind="chat",
    asked=("delivered",),
)
