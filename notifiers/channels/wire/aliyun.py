"""What Alibaba Cloud's SMS and voice have in common: settings, signed calls, and the shape of their answers and posts."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

from pydantic import Field
from yarl import URL

from notifiers.channels.shape import Outcome
from notifiers.channels.wire.acs3 import Key, RpcCall, sign
from notifiers.channels.wire.answers import parse_json, read_object
from notifiers.channels.wire.calls import Answer, Called, Caller
from notifiers.channels.wire.codebook import Codebook, Said, without_code
from notifiers.channels.wire.settings import Plain, UnsignedHookSettings
from notifiers.channels.wire.signatures import signing_time

COMMON_LATER = ("Throttling*", "ServiceUnavailable*", "ServiceBusy*", "SignatureNonceUsed")
"""Turned away before anything was done; a nonce that was used is made anew by the next attempt."""
COMMON_UNSURE = ("InternalError*", "isp.*", "UnknownError*")
COMMON_ACCOUNT = (
    "InvalidAccessKeyId*", "SignatureDoesNotMatch*", "IncompleteSignature*", "InvalidTimeStamp*", "InvalidSecurityToken*", "Forbidden*",
    "NoPermission*", "Missing*", "InvalidVersion*", "InvalidAction*", "UnsupportedOperation*", "isp.RAM_PERMISSION_DENY",
    "isv.RAM_PERMISSION_DENY", "isv.OUT_OF_SERVICE", "isv.PRODUCT_UN*", "isv.ACCOUNT_*", "isv.AMOUNT_NOT_ENOUGH",
    "isv.BILLING_DEDUCTION_ERROR", "isv.DENY_IP_RANGE", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.TEMPLATE_*",
    "isv.INVALID_PARAMETERS", "isv.INVALID_JSON_PARAM",
)  # fmt: skip
"""Source: the error lists of dysmsapi and dyvmsapi 2017-05-25 at help.aliyun.com; sorting them is ours."""


BEIJING = timezone(timedelta(hours=8))
"""In which both services count days."""


class AliyunSettings(UnsignedHookSettings):
    """The gateway's secret is the access key's secret."""

    access_key_id: Plain = Field(min_length=1, repr=False)


class AliyunCaller:
    """Makes the signed RPC calls of one account."""

    def __init__(self, settings: AliyunSettings, secret: str, version: str) -> None:
        self._caller = Caller(settings)
        self._key = Key(settings.access_key_id, secret)
        self._endpoint = URL(settings.endpoint)
        self._version = version

    async def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> Called:
        """One call; never twice, whatever comes of it."""
        call = RpcCall(host_of(self._endpoint), action, self._version, query, form)
        headers = sign(call, self._key, at=datetime.fromtimestamp(signing_time(), UTC), nonce=uuid4().hex)
        url = URL(f"{self._endpoint.origin()}/{'?' + call.raw_query if call.query else ''}", encoded=True)
        return await self._caller.post(url, call.body, headers)

    async def close(self) -> None:
        """Close the connections."""
        await self._caller.close()


def host_of(url: URL) -> str:
    """What stands in the Host header: the port only where it is not the scheme's own."""
    return url.host_port_subcomponent or ""


def read_answer(called: Called, codebook: Codebook, id_field: str, secret: str) -> Outcome:
    """The outcome of a call whose answer is {Code, Message, <id_field>}."""
    if not isinstance(called, Answer):
        return called
    document = parse_json(called)
    if not isinstance(document, dict) or not isinstance(document.get("Code"), str):
        return without_code(called)
    message = document.get("Message")
    said = Said(document["Code"], message if isinstance(message, str) else "", document.get(id_field))
    return codebook.outcome(called, said, (secret,))


def read_fields(called: Called) -> Mapping[str, object]:
    """The fields of an answer whose Code is "OK"; none where it is another, or none at all."""
    document = read_object(called)
    return document if document.get("Code") == "OK" else {}


def dialled(address: str) -> str:
    """A number in E.164 as both services want it: mainland numbers bare, others with their country code and without plus."""
    return address.removeprefix("+86") if address.startswith("+86") else address.removeprefix("+")


TAKEN: Mapping[str, object] = {"code": 0, "msg": "接收成功"}
"""What both services want to hear, within 700 ms; anything else is posted again."""
