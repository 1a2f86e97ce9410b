"""Twilio: one form for each message, and signed forms back. The signature is checked and made here as its documentation says."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from itertools import count
from ssl import SSLContext
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Posted, Script, State
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http

ACCOUNT = "AC" + "0" * 32
TOKEN = "5f1e9c0f8b7a6d5e4c3b2a1908f7e6d5"
SENDER = "+15005550006"
_FAULTS = {
    "refuse": (400, 21211),
    "refuse_account": (403, 21408),
    "later": (429, 20429),
    "later_in": (429, 20429),
    "unsure": (500, 20500),
}
_WORDS = {"accepted": "sent", "delivered": "delivered", "failed": "undelivered"}


def _error(code: int, message: str, status: int, headers: Mapping[str, str] | None = None) -> Said:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Said({"code": code, "message": message, "more_info": more, "status": status}, status, headers or {})


def _message(script: Script, sid: str) -> Said:
    known = [one for one in script.arrived if one.gateway_ref == sid]
    if not known or not script.stands:
        return _error(20404, "The requested resource was not found", 404)
    failed = script.stands == "failed"
    document = {"sid": sid, "status": _WORDS[script.stands], "error_code": 30005 if failed else None, "error_message": None}
    return Said({**document, "to": known[0].address, "date_updated": "Tue, 24 Nov 2026 02:00:03 +0000"})


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    numbers = count(1)

    def speaks(received: Received, script: Script) -> Said:
        login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if received.headers.get("authorization") != f"Basic {login}":
            script.forged += 1
            return _error(20003, "Authenticate", 401)
        asked = received.path.removeprefix(f"/2010-04-01/Accounts/{ACCOUNT}/Messages/").removesuffix(".json")
        if received.method == "GET" and asked != received.path and script.fault not in _FAULTS:
            return _message(script, asked)
        if (received.method, received.path) != ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"):
            return _error(20404, "The requested resource was not found", 404)
        form = dict(parse_qsl(received.body.decode(), strict_parsing=True))
        if script.fault in _FAULTS:
            status, code = _FAULTS[script.fault]
            wait = {"Retry-After": str(WAIT_SECONDS)} if script.fault == "later_in" else {}
            return _error(code, script.echo, status, wait)
        if not 1 <= int(form["ValidityPeriod"]) <= 36_000 or form.get("From") != SENDER or not form["Body"]:
            return _error(21606, "The From phone number is not valid", 400)
        if form["To"] in script.refused or not form["To"].startswith("+"):
            return _error(21211, script.echo, 400)
        sid = f"SM{next(numbers):032x}"
        reference = parse_qs(urlsplit(form["StatusCallback"]).query)["reference"][0]
        answer = {"sid": sid, "status": "queued", "error_code": None, "error_message": None, "to": form["To"], "num_segments": "1"}
        return Said(answer, 201, taken=[Arrived(form["To"], form["Body"], reference, sid)])

    def settings_to(url: str) -> dict[str, object]:
        return {"endpoint": url, "account_sid": ACCOUNT, "sender": SENDER}

    return run_http(HttpFake(speaks, settings_to), tls)


def _marked(url: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


def _posted(hook_url: str, what: str, form: Mapping[str, str], query: str = "") -> Posted:
    url = f"{hook_url}/{what}{'?' + query if query else ''}"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": _marked(url, form)}
    return Posted(what, urlencode(form).encode(), headers, query)


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    """The status callback, at the address that the message carried."""
    form = {
        "MessageSid": arrived.gateway_ref, "SmsSid": arrived.gateway_ref, "AccountSid": ACCOUNT, "From": SENDER, "To": arrived.address,
        "MessageStatus": _WORDS[state], "SmsStatus": _WORDS[state], "ApiVersion": "2010-04-01", "RawDlrDoneDate": "2611241000",
        **({"ErrorCode": "30003"} if state == "failed" else {}),
    }  # fmt: skip
    return _posted(hook_url, "receipts", form, urlencode({"reference": arrived.reference}))


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    """An incoming message."""
    form = {"MessageSid": f"SM-{event}", "AccountSid": ACCOUNT, "From": arrived.address, "To": SENDER, "Body": text, "NumMedia": "0"}
    return _posted(hook_url, "replies", form)


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return _posted(hook_url, what, form)


def forge(posted: Posted, hook_url: str) -> list[Posted]:
    form = dict(parse_qsl(posted.body.decode(), keep_blank_values=True))
    other = {**form, "From": "+8613999999999"}
    url = f"{hook_url}/{posted.what}{'?' + posted.query if posted.query else ''}"
    return [
        replace(posted, headers={}),
        replace(posted, body=urlencode(other).encode()),
        replace(posted, query="reference=1-2s-2"),
        replace(posted, what="replies" if posted.what == "receipts" else "receipts"),
        replace(posted, headers={"X-Twilio-Signature": _marked(url, form, "somebody else's token")}),
        replace(posted, headers={"X-Twilio-Signature": _marked(url.replace("tocsin.example", "elsewhere.example"), form)}),
    ]


ADAPTER = Adapter(
    kind="twilio",
    secret=TOKEN,
    start=start,
    says=("accepted", "delivered", "failed"),
    receipt=receipt,
    reply=reply,
    sign=sign,
    forge=forge,
    asked=("accepted", "delivered", "failed"),
)
