"""Alibaba Cloud's voice service: SingleCallByTts, and reports of a call's end and of the keys that were pressed."""

import json
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from itertools import count
from ssl import SSLContext

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Posted, Script, State
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http
from tests.notifiers.conformance.providers.aliyun import KEY_ID, SECRET, AliyunDoor, words

_NUMBER = re.compile(r"1\d{10}|0\d{9,11}")
_FAULTS = {
    "refuse": "isv.MOBILE_NUMBER_ILLEGAL",
    "refuse_account": "isv.TTS_TEMPLATE_ILLEGAL",
    "later": "isv.BUSINESS_LIMIT_CONTROL",
    "unsure": "isp.SYSTEM_ERROR",
}
_ENDS = {"accepted": "200101", "delivered": "200000", "failed": "200010"}


def _detail(script: Script, given: Mapping[str, str]) -> Said:
    assert given["ProdId"] == "11000000300006" and int(given["QueryDate"]) > 1_600_000_000_000
    known = any(one.gateway_ref == given["CallId"] for one in script.arrived) and script.stands in ("delivered", "failed")
    if not known:
        return Said(words("OK", "OK"))
    answered = script.stands == "delivered"
    data = {
        "caller": "051482043271", "callee": "13800000001", "state": _ENDS[script.stands], "stateDesc": "x", "duration": 9 if answered else 0,
        "startDate": "2026-11-24 10:00:00" if answered else "", "endDate": "2026-11-24 10:00:09" if answered else "",
    }  # fmt: skip
    return Said(words("OK", "OK", Data=json.dumps(data)))


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    script, numbers = Script(), count(1)

    def serve(action: str, given: Mapping[str, str]) -> Said:
        if script.fault == "later_in":
            return Said(words("Throttling.User", script.echo), 429, {"Retry-After": str(WAIT_SECONDS)})
        if script.fault in _FAULTS:
            return Said(words(_FAULTS[script.fault], script.echo))
        if action == "QueryCallDetailByCallId":
            return _detail(script, given)
        if action != "SingleCallByTts" or not given["TtsCode"] or not 1 <= int(given["PlayTimes"]) <= 3:
            return Said(words("InvalidAction.NotFound", action), 404)
        if not 1 <= len(given["OutId"].encode()) <= 15:
            return Said(words("isv.INVALID_PARAMETERS", "OutId"))
        number = given["CalledNumber"]
        address = f"+86{number}" if number.startswith("1") else f"+86{number[1:]}"
        if _NUMBER.fullmatch(number) is None or address in script.refused:
            return Said(words("isv.MOBILE_NUMBER_ILLEGAL", script.echo))
        call = f"1000016{next(numbers):05}^100001871490"
        variables = tuple(json.loads(given["TtsParam"]).values())
        return Said(words("OK", "OK", CallId=call), taken=[Arrived(address, given["TtsCode"], given["OutId"], call, variables)])

    door = AliyunDoor("2017-05-25", serve)

    def speaks(received: Received, _: Script) -> Said:
        refused = door.enter(received)
        script.forged += refused is not None
        return refused if refused is not None else door.answer(received)

    return run_http(HttpFake(speaks, lambda url: {"endpoint": url, "access_key_id": KEY_ID}, script), tls)


def _entry(arrived: Arrived, **more: str) -> bytes:
    entry = {"call_id": arrived.gateway_ref, "out_id": arrived.reference, "callee": arrived.address.removeprefix("+86"), **more}
    return json.dumps([entry]).encode()


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    """VoiceReport; while the call goes on, VoiceCallReport."""
    if state == "accepted":
        return sign(hook_url, "receipts", _entry(arrived, status_code=_ENDS[state], status_time="2026-11-24 10:00:01"))
    ended = {"start_time": "2026-11-24 10:00:03", "end_time": "2026-11-24 10:00:12", "duration": "9", "hangup_direction": "用户"}
    return sign(hook_url, "receipts", _entry(arrived, status_code=_ENDS[state], **ended))


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    """The keys of a call; another event is another call."""
    call = arrived.gateway_ref if event == "in-1" else f"{arrived.gateway_ref}{event}"
    pressed = {"call_id": call, "status_code": "300000", "dtmf": text, "status_time": "2026-11-24 10:00:09"}
    return sign(hook_url, "receipts", _entry(arrived, **pressed))


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    """It signs nothing."""
    return Posted(what, body, {"Content-Type": "application/json;charset=utf-8"})


ADAPTER = Adapter(
    kind="aliyun_voice",
    secret=SECRET,
    start=start,
    templates={"elevator.engineers": {"code": "TTS_1001", "variables": ["place", "code"]}},
    says=("accepted", "delivered", "failed"),
    receipt=receipt,
    reply=reply,
    sign=sign,
    asked=("delivered", "failed"),
)
