"""Alibaba Cloud's SMS: SendSms for one or a thousand of one text, SendBatchSms for a hundred of one template; nothing of it is idempotent."""

import json
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from itertools import count
from ssl import SSLContext

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Adapter, Arrived, Fake, Posted, Script, State
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said, run_http
from tests.notifiers.conformance.providers.aliyun import KEY_ID, SECRET, AliyunDoor, words

_MAINLAND = re.compile(r"(?:\+86|0086|86|\+)?(1\d{10})")
_FAULTS = {
    "refuse": ("isv.MOBILE_NUMBER_ILLEGAL", 200),
    "refuse_account": ("isv.SMS_TEMPLATE_ILLEGAL", 200),
    "later": ("isv.BUSINESS_LIMIT_CONTROL", 200),
    "unsure": ("isp.SYSTEM_ERROR", 200),
}


class _Sms:
    """What stands behind the door."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.numbers = count(1)

    def serve(self, action: str, given: Mapping[str, str]) -> Said:
        script = self.script
        if script.fault == "later_in":
            return Said(words("Throttling.User", script.echo), 429, {"Retry-After": str(WAIT_SECONDS)})
        if script.fault in _FAULTS:
            code, status = _FAULTS[script.fault]
            return Said(words(code, script.echo), status)
        match action:
            case "SendSms":
                return self._one(given)
            case "SendBatchSms":
                return self._many(given)
            case "QuerySendDetails":
                return self._details(given)
        return Said(words("InvalidAction.NotFound", action), 404)

    def _one(self, given: Mapping[str, str]) -> Said:
        missing = {"PhoneNumbers", "SignName", "TemplateCode"} - {name for name, value in given.items() if value}
        if missing:
            return Said(words(f"Missing{min(missing)}", "is mandatory for this action"), 400)
        variables = json.loads(given.get("TemplateParam", "{}"))
        return self._take([(given["PhoneNumbers"], variables)], given)

    def _many(self, given: Mapping[str, str]) -> Said:
        numbers, signatures, variables = (json.loads(given[name]) for name in ("PhoneNumberJson", "SignNameJson", "TemplateParamJson"))
        if not 1 <= len(numbers) <= 100 or not len(numbers) == len(signatures) == len(variables) or not all(signatures):
            return Said(words("isv.MOBILE_COUNT_OVER_LIMIT", "one signature and one set of variables for each of at most 100 numbers"))
        return self._take(list(zip(numbers, variables, strict=True)), given)

    def _details(self, given: Mapping[str, str]) -> Said:
        if not 1 <= int(given["PageSize"]) <= 50 or int(given["CurrentPage"]) != 1 or not re.fullmatch(r"20\d{6}", given["SendDate"]):
            return Said(words("isv.INVALID_PARAMETERS", "SendDate"))
        sent = [one for one in self.script.arrived if one.address.removeprefix("+86") == given["PhoneNumber"]] if self.script.stands else []
        listed = [
            {
                "PhoneNum": given["PhoneNumber"], "SendStatus": {"accepted": 1, "failed": 2, "delivered": 3}[self.script.stands],
                "ErrCode": "MOBILE_NOT_ON_SERVICE" if self.script.stands == "failed" else "DELIVERED", "OutId": one.reference,
                "TemplateCode": one.text, "Content": f"【安居物业】{given['PhoneNumber']}", "SendDate": "2026-11-24 10:00:00",
                "ReceiveDate": "2026-11-24 10:00:03",
            }
            for one in sent if given.get("BizId", one.gateway_ref) == one.gateway_ref
        ]  # fmt: skip
        return Said({**words("OK", "OK"), "TotalCount": len(listed), "SmsSendDetailDTOs": {"SmsSendDetailDTO": listed}})

    def _take(self, messages: list[tuple[str, Mapping[str, str]]], given: Mapping[str, str]) -> Said:
        biz_id = f"{90_000 + next(self.numbers)}^0"
        taken = []
        for number, variables in messages:
            found = _MAINLAND.fullmatch(number)
            if found is None or not all(isinstance(value, str) for value in variables.values()):
                return Said(words("isv.MOBILE_NUMBER_ILLEGAL", number))
            address = f"+86{found.group(1)}"
            if address in self.script.refused:
                return Said(words("isv.MOBILE_NUMBER_ILLEGAL", self.script.echo))
            taken.append(Arrived(address, given["TemplateCode"], given["OutId"], biz_id, tuple(variables.values())))
        return Said(words("OK", "OK", BizId=biz_id), taken=taken)


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    script = Script()
    door = AliyunDoor("2017-05-25", _Sms(script).serve)

    def speaks(received: Received, _: Script) -> Said:
        refused = door.enter(received)
        script.forged += refused is not None
        return refused if refused is not None else door.answer(received)

    return run_http(HttpFake(speaks, lambda url: {"endpoint": url, "access_key_id": KEY_ID}, script), tls)


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    """SmsReport."""
    entry = {
        "phone_number": arrived.address.removeprefix("+86"),
        "send_time": "2026-11-24 10:00:00",
        "report_time": "2026-11-24 10:00:03",
        "success": state == "delivered",
        "err_code": "DELIVERED" if state == "delivered" else "MOBILE_NOT_ON_SERVICE",
        "err_msg": "用户接收成功" if state == "delivered" else f"停机 {arrived.address}",
        "sms_size": "1",
        "biz_id": arrived.gateway_ref,
        "out_id": arrived.reference,
    }
    return sign(hook_url, "receipts", json.dumps([entry]).encode())


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    """SmsUp."""
    entry = {
        "phone_number": arrived.address.removeprefix("+86"),
        "send_time": "2026-11-24 10:01:00",
        "content": text,
        "sign_name": "安居物业",
        "dest_code": "12345",
        "sequence_id": int(event.rpartition("-")[2]) + 1_234_567_890,
    }
    return sign(hook_url, "replies", json.dumps([entry]).encode())


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    """It signs nothing."""
    return Posted(what, body, {"Content-Type": "application/json;charset=utf-8"})


ADAPTER = Adapter(
    kind="aliyun_sms",
    secret=SECRET,
    start=start,
    templates={"elevator.engineers": {"code": "SMS_1001", "variables": ["place", "code"]}},
    says=("delivered", "failed"),
    receipt=receipt,
    reply=reply,
    sign=sign,
    asked=("accepted", "delivered", "failed"),
    asked_without_ref=True,
)
