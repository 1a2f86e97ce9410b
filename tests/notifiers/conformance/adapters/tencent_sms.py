"""Tencent Cloud's SMS: one text to at most 200 numbers, a word about each, and callbacks that know only the serial number."""

import json
import re
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from itertools import count
from ssl import SSLContext
from typing import Any

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Posted, Script, State
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http
from tests.notifiers.conformance.providers.tencent import KEY_ID, SECRET, TencentDoor, error

APP_ID = "1400006666"
_ONE_BY_ONE = {"refuse": "LimitExceeded.PhoneNumberDailyLimit", "refuse_account": "FailedOperation.TemplateIncorrectOrUnapproved"}
_AS_A_WHOLE = {"later": "RequestLimitExceeded", "unsure": "InternalError.Timeout"}


class _Sms:
    """What stands behind the door."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.numbers = count(1)

    def serve(self, action: str, given: Mapping[str, Any]) -> Said:
        script = self.script
        if action not in ("SendSms", "PullSmsSendStatusByPhoneNumber"):
            return error("InvalidAction")
        if script.fault == "later_in":
            return error("RequestLimitExceeded", script.echo, 429, {"Retry-After": str(WAIT_SECONDS)})
        if script.fault in _AS_A_WHOLE:
            return error(_AS_A_WHOLE[script.fault], script.echo)
        if action != "SendSms":
            return self._pull(given)
        numbers = given["PhoneNumberSet"]
        if given["SmsSdkAppId"] != APP_ID:
            return error("InvalidParameterValue.SdkAppIdNotExist")
        if not 1 <= len(numbers) <= 200:
            return error("LimitExceeded.PhoneNumberCountLimit")
        if len({number.startswith("+86") for number in numbers}) > 1:
            return error("UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber")
        if not given["SignName"] or not all(isinstance(value, str) for value in given["TemplateParamSet"]):
            return error("FailedOperation.SignatureIncorrectOrUnapproved")
        if len(given["SessionContext"].encode()) >= 512:
            return error("InvalidParameterValue.ContentLengthLimit")
        return self._send(numbers, given)

    def _pull(self, given: Mapping[str, Any]) -> Said:
        assert given["SmsSdkAppId"] == APP_ID and given["Offset"] == 0 and 1 <= given["Limit"] <= 100
        assert time.time() - 7 * 86_400 < given["BeginTime"] < given["EndTime"]
        if self.script.fault in _ONE_BY_ONE:
            return error("FailedOperation.OtherError", self.script.echo)
        stands = {"delivered": ("SUCCESS", "DELIVRD"), "failed": ("FAIL", "UNKNOWN")}.get(self.script.stands)
        listed = [
            {
                "UserReceiveTime": 1_767_323_045, "CountryCode": "86", "SubscriberNumber": one.address[3:], "PhoneNumber": one.address,
                "SerialNo": one.gateway_ref, "ReportStatus": stands[0], "Description": stands[1], "SessionContext": "",
            }
            for one in self.script.arrived if stands and one.address == given["PhoneNumber"]
        ]  # fmt: skip
        return Said({"Response": {"PullSmsSendStatusSet": listed, "RequestId": "a0aabda6-cf91-4f3e-a81f"}})

    def _send(self, numbers: list[str], given: Mapping[str, Any]) -> Said:
        script, statuses, taken = self.script, [], []
        for number in numbers:
            code = _ONE_BY_ONE.get(script.fault, "")
            if number in script.refused or not re.fullmatch(r"\+\d{8,15}", number):
                code = "InvalidParameterValue.IncorrectPhoneNumber"
            serial = "" if code else f"2640:{next(self.numbers)}17323015"
            if not code:
                taken.append(Arrived(number, given["TemplateId"], given["SessionContext"], serial, tuple(given["TemplateParamSet"])))
            statuses.append({
                "SerialNo": serial, "PhoneNumber": number, "Fee": 0 if code else 1, "SessionContext": given["SessionContext"],
                "Code": code or "Ok", "Message": script.echo if code else "send success", "IsoCode": "CN",
            })  # fmt: skip
        return Said({"Response": {"SendStatusSet": statuses, "RequestId": "a0aabda6-cf91-4f3e-a81f"}}, taken=taken)


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    script = Script()
    door = TencentDoor("sms", "2021-01-11", _Sms(script).serve)

    def speaks(received: Received, _: Script) -> Said:
        refused = door.enter(received)
        script.forged += refused is not None
        return refused if refused is not None else door.answer(received)

    return run_http(HttpFake(speaks, lambda url: {"endpoint": url, "secret_id": KEY_ID, "sdk_app_id": APP_ID}, script), tls)


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    """The status callback."""
    entry = {
        "user_receive_time": "2026-11-24 10:00:03",
        "nationcode": "86",
        "mobile": arrived.address.removeprefix("+86"),
        "report_status": "SUCCESS" if state == "delivered" else "FAIL",
        "errmsg": "DELIVRD" if state == "delivered" else "MK:0001",
        "description": "用户短信送达成功" if state == "delivered" else f"空号 {arrived.address}",
        "sid": arrived.gateway_ref,
    }
    return sign(hook_url, "receipts", json.dumps([entry]).encode())


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    """The reply callback: one object, without an id."""
    entry = {
        "extend": "",
        "mobile": arrived.address.removeprefix("+86"),
        "nationcode": "86",
        "sign": "安居物业",
        "text": text,
        "time": 1_795_485_600 + int(event.rpartition("-")[2]),
    }
    return sign(hook_url, "replies", json.dumps(entry).encode())


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    """It signs nothing."""
    return Posted(what, body, {"Content-Type": "application/json"})


ADAPTER = Adapter(
    kind="tencent_sms",
    secret=SECRET,
    start=start,
    templates={"elevator.engineers": {"code": "1001", "variables": ["place", "code"]}},
    says=("delivered", "failed"),
    receipt=receipt,
    reply=reply,
    sign=sign,
    asked=("delivered", "failed"),
    asked_without_ref=True,
)
