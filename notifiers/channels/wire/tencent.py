"""What Tencent Cloud's SMS and voice have in common: settings, signed calls, and the shape of their answers and posts."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from pydantic import Field
from yarl import URL

from notifiers.channels.shape import Outcome, Unknown
from notifiers.channels.wire.answers import parse_json
from notifiers.channels.wire.calls import Answer, Called, Caller
from notifiers.channels.wire.codebook import Codebook, Said, without_code
from notifiers.channels.wire.settings import Plain, UnsignedHookSettings
from notifiers.channels.wire.signatures import signing_time
from notifiers.channels.wire.tc3 import JSON_TYPE, Key, authorization
from notifiers.channels.wire.unsigned import Entry, text_of

COMMON_LATER = ("RequestLimitExceeded*", "LimitExceeded", "ResourceUnavailable*", "ServiceUnavailable*")
COMMON_UNSURE = ("InternalError*", "FailedOperation.OtherError", "FailedOperation")
COMMON_ACCOUNT = (
    "AuthFailure*", "UnauthorizedOperation*", "UnsupportedOperation*", "InvalidAction*", "InvalidRequest*", "NoSuchVersion*",
    "NoSuchProduct*", "UnsupportedProtocol*", "UnsupportedRegion*", "UnknownParameter*", "MissingParameter*", "InvalidParameter",
    "InvalidParameterValue", "IpInBlacklist", "IpNotInWhitelist", "ActionOffline", "ResourceInsufficient*", "InternalError.RequestTimeException",
    "InternalError.RestApiInterfaceNotExist", "InternalError.SigFieldMissing", "InternalError.SigVerificationFail",
    "InternalError.JsonParseFail", "FailedOperation.FailResolvePacket", "FailedOperation.JsonParseFail", "FailedOperation.Template*",
    "FailedOperation.ParametersOtherError", "FailedOperation.InsufficientBalance*", "InvalidParameterValue.SdkApp*",
)  # fmt: skip
"""Source: the public and the product's own error codes at cloud.tencent.com; sorting them is ours."""


class TencentSettings(UnsignedHookSettings):
    """The gateway's secret is the SecretKey of `secret_id`."""

    secret_id: Plain = Field(min_length=1, repr=False)
    sdk_app_id: Plain = Field(min_length=1)
    region: Plain = "ap-guangzhou"


class TencentCaller:
    """Makes the signed calls of one account to one service."""

    def __init__(self, settings: TencentSettings, secret: str, *, service: str, version: str) -> None:
        self._caller = Caller(settings)
        self._key = Key(settings.secret_id, secret)
        self._url = URL(settings.endpoint)
        self._service = service
        self._fixed = {"X-TC-Version": version, "X-TC-Region": settings.region, "Content-Type": JSON_TYPE}

    async def call(self, action: str, document: Mapping[str, object]) -> Called:
        """One call; never twice, whatever comes of it."""
        body, host, at = orjson.dumps(document), self._url.host_port_subcomponent or "", signing_time()
        headers = {
            **self._fixed,
            "Host": host,
            "X-TC-Action": action,
            "X-TC-Timestamp": str(at),
            "Authorization": authorization(self._key, host=host, service=self._service, body=body, at=at),
        }
        return await self._caller.post(URL(f"{self._url.origin()}/", encoded=True), body, headers)

    async def close(self) -> None:
        """Close the connections."""
        await self._caller.close()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer without an error, and what stands in it."""

    answer: Answer
    fields: Entry

    def outcome(self, status: object, codebook: Codebook, id_field: str, secret: str) -> Outcome:
        """The word about one message: `Code` is "Ok" with its own id, or why not."""
        if not isinstance(status, dict) or not text_of(status, "Code"):
            return Unknown("not_understood")
        said = Said(text_of(status, "Code"), text_of(status, "Message"), status.get(id_field))
        return codebook.outcome(self.answer, said, (secret,))


def response_of(called: Called, codebook: Codebook, secret: str) -> Response | Outcome:
    """What stands under `Response`; the outcome instead where it is an error, or nothing that can be read."""
    if not isinstance(called, Answer):
        return called
    document = parse_json(called)
    response = document.get("Response") if isinstance(document, dict) else None
    if not isinstance(response, dict):
        return without_code(called)
    error = response.get("Error")
    if error is None and 200 <= called.status < 300:
        return Response(called, response)
    if not isinstance(error, dict) or not text_of(error, "Code"):
        return without_code(called)
    return codebook.outcome(called, Said(text_of(error, "Code"), text_of(error, "Message")), (secret,))


def number_of(entry: Entry) -> str:
    """The number of a post {nationcode, mobile} in E.164; "" where there is none."""
    country, mobile = text_of(entry, "nationcode").lstrip("+"), text_of(entry, "mobile").strip()
    return mobile if not mobile or mobile.startswith("+") or not country else f"+{country}{mobile}"


TAKEN: Mapping[str, object] = {"result": 0, "errmsg": "OK"}
"""What both services want to hear."""
