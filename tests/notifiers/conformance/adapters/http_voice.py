"""The generic HTTP voice gateway: the SMS gateway's protocol with speech for text and pressed keys for replies."""

from contextlib import AbstractAsyncContextManager
from ssl import SSLContext

from tests.notifiers.conformance.adapter import Adapter, Arrived, Fake, Posted, State
from tests.notifiers.conformance.adapters.http_sms import SECRET, forge, sign, signed, speaks
from tests.notifiers.conformance.http_fake import HttpFake, run_http

_WORDS = {"accepted": "ringing", "delivered": "answered", "failed": "no_answer"}


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    return run_http(HttpFake(speaks("speech", "call"), lambda url: {"url": f"{url}/calls"}), tls)


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    said = {"reference": arrived.reference, "state": _WORDS[state], "event": event, "id": arrived.gateway_ref}
    return signed("receipts", {"receipts": [said]})


def reply(hook_url: str, arrived: Arrived, text: str, event: str) -> Posted:
    pressed = {"id": event, "from": arrived.address, "digits": text, "reference": arrived.reference}
    return signed("replies", {"replies": [pressed]})


ADAPTER = Adapter(
    kind="http_voice",
    secret=SECRET,
    start=start,
    says=("accepted", "delivered", "failed"),
    receipt=receipt,
    reply=reply,
    sign=sign,
    forge=forge,
)
