"""Tencent Cloud's voice service: SendTtsVoice, and callbacks that are told by their name and know only the call's id."""

import json
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from itertools import count
from ssl import SSLContext
from typing import Any

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Posted, Script, State
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http
from tests.notifiers.conformance.providers.tencent import KEY_ID, SECRET, TencentDoor, error

APP_ID = "1400006666"
_FAULTS = {
    "refuse": "InvalidParameterValue.CalledNumberVerifyFail",
    "refuse_account": "FailedOperation.TemplateIncorrectOrUnapproved",
    "later": "LimitExceeded.DeliveryFrequencyLimit",
    "unsure": "InternalError.UpstreamError",
}


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    script, numbers = Script(), count(1)

    def serve(action: str, given: Mapping[str, Any]) -> Said:
        if script.fault == "later_in":
            return error("RequestLimitExceeded", script.echo, 429, {"Retry-After": str(WAIT_SECONDS)})
        if script.fault in _FAULTS:
            return error(_FAULTS[script.fault], script.echo)
        if action != "SendTtsVoice" or given["VoiceSdkAppid"] != APP_ID or not 1 <= given["PlayTimes"] <= 3:
            return error("InvalidParameterValue.SdkAppidNotExist")
        number, variables = given["CalledNumber"], given["TemplateParamSet"]
        if not re.fullmatch(r"\+\d{8,15}", number) or number in script.refused:
            return error("InvalidParameterValue.CalledNumberVerifyFail", script.echo)
        call = f"2640-{next(numbers)}-17323015"
        status = {"CallId": call, "SessionContext": given["SessionContext"]}
        taken = [Arrived(number, given["TemplateId"], given["SessionContext"], call, tuple(variables))]
        return Said({"Response": {"SendStatus": status, "RequestId": "a0aabda6-cf91-4f3e-a81f"}}, taken=taken)

    door = TencentDoor("vms", "2020-09-02", serve)

    def speaks(received: Received, _: Script) -> Said:
        refused = door.enter(received)
        script.forged += refused is not None
        return refused if refused is not None else door.answer(received)

    return run_http(HttpFake(speaks, lambda url: {"endpoint": url, "secret_id": KEY_ID, "sdk_app_id": APP_ID}, script), tls)


def _named(name: str, arrived: Arrived, **more: object) -> bytes:
    number = {"mobile": arrived.address.removeprefix("+86"), "nationcode": "86"}
    return json.dumps({name: {"call_from": "", "callid": arrived.gateway_ref, **number, **more}}).encode()


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    """How the call ended; why it could not be placed comes by a callback of another name."""
    if state == "failed":
        reason = f"空号 {arrived.address}"
        return sign(hook_url, "receipts", _named("voice_failure_callback", arrived, failure_code=8, failure_reason=reason))
    times = {"accept_time": "1470197211", "end_calltime": "1470197221", "fee": "1", "start_calltime": "1470197196"}
    return sign(hook_url, "receipts", _named("voiceprompt_callback", arrived, result="0", **times))


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    """The keys of a call; another event is another call."""
    call = arrived.gateway_ref if event == "in-1" else f"{arrived.gateway_ref}{event}"
    return sign(hook_url, "receipts", _named("voicekey_callback", arrived, callid=call, keypress=text))


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    """It signs nothing."""
    return Posted(what, body, {"Content-Type": "application/json"})


ADAPTER = Adapter(
    kind="tencent_voice",
    secret=SECRET,
    start=start,
    templates={"elevator.engineers": {"code": "1001", "variables": ["place", "code"]}},
    says=("delivered", "failed"),
    receipt=receipt,
    reply=reply,
    sign=sign,
)
