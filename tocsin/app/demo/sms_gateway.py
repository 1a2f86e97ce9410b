"""A gateway for SMS that speaks the protocol of docs/gateways/generic-http-sms.md and catches everything."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from hmac import compare_digest
from json import JSONDecodeError
from uuid import uuid4

from aiohttp import web

from tocsin.app.demo.caught import CatchBook, Caught, ToCatch
from tocsin.app.demo.hooks import HookPoster

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
Answer = dict[str, object]
AfterCatch = Callable[[Caught], Awaitable[None]]


def is_let_in(request: web.Request, token: str) -> bool:
    """Whether the request carries the gateway's token."""
    return compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())


async def read_object(request: web.Request) -> dict[str, object] | None:
    """The JSON object of a request's body; None for anything else, and for what a web page could send without being asked."""
    if request.content_type != "application/json":
        return None
    try:
        document = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return None
    return document if isinstance(document, dict) else None


class SmsGateway:
    """Takes single messages and batches.

    `tells_repeats_apart`: a reference that was caught before is answered as then and not caught again. `receipt_seconds`:
    how long a handset takes to confirm. `after_catch` is awaited when a message is caught and not yet answered.
    """

    def __init__(
        self, book: CatchBook, token: str, *, tells_repeats_apart: bool, receipt_seconds: float, after_catch: AfterCatch | None
    ) -> None:
        self.hooks = HookPoster()
        self._book = book
        self._token = token
        self._tells_repeats_apart = tells_repeats_apart
        self.receipt_seconds = receipt_seconds
        self._after_catch = after_catch

    def routes(self) -> list[web.RouteDef]:
        """Where messages and batches go."""
        return [web.post("/sms/v1/messages", self._take_single), web.post("/sms/v1/batches", self._take_batch)]

    def start(self) -> None:
        """Begin to post; receipts that an earlier run still owed come first."""
        self.hooks.start()
        for caught in self._book.since():
            if caught.medium == "sms" and caught.direction == "to" and caught.state == "accepted":
                self._confirm(caught.no)

    async def reply(self, address: str, text: str) -> Caught | None:
        """Somebody sends an SMS back; None when the service did not take it."""
        taken = await self.hooks.reply({"id": f"in-{uuid4().hex}", "from": address, "text": text})
        return self._book.catch(ToCatch("sms", address, text, direction="from", state="sent")) if taken else None

    async def _take_single(self, request: web.Request) -> web.Response:
        if not is_let_in(request, self._token):
            return web.json_response({"code": "not_permitted"}, status=401)
        return web.json_response(await self._take(await read_object(request)))

    async def _take_batch(self, request: web.Request) -> web.Response:
        if not is_let_in(request, self._token):
            return web.json_response({"code": "not_permitted"}, status=401)
        document = await read_object(request) or {}
        messages = document.get("messages")
        if not isinstance(messages, list):
            return web.json_response({"code": "malformed"}, status=400)
        results = []
        for message in messages:
            answer = await self._take(message if isinstance(message, dict) else None)
            results.append({"reference": message.get("reference") if isinstance(message, dict) else None, **answer})
        return web.json_response({"results": results})

    async def _take(self, message: Mapping[str, object] | None) -> Answer:
        words = _words(message)
        if words is None:
            return {"code": "malformed", "message": "reference, to and text are needed"}
        if not _NUMBER.fullmatch(words.address):
            return {"code": "number_unknown", "message": "no such number"}
        before = self._book.by_reference("sms", words.reference)
        if before is not None and self._tells_repeats_apart:
            return {"code": "accepted", "id": f"sms-{before.no}"}
        caught = self._book.catch(words)
        asyncio.get_running_loop().call_later(self.receipt_seconds, self._confirm, caught.no)
        if self._after_catch is not None:
            await self._after_catch(caught)
        return {"code": "accepted", "id": f"sms-{caught.no}"}

    def _confirm(self, no: int) -> None:
        caught = self._book.get(no)
        if caught is None or not self._book.is_open:
            return
        on = self._book.is_on(caught.address)
        self._book.set_state(no, "delivered" if on else "failed")
        why = {} if on else {"code": "switched_off"}
        self.hooks.receipt({"reference": caught.reference, "state": "delivered" if on else "failed", "id": f"sms-{no}", **why})


def _words(message: Mapping[str, object] | None) -> ToCatch | None:
    if message is None:
        return None
    reference, to, text = (message.get(name) for name in ("reference", "to", "text"))
    if not (isinstance(reference, str) and isinstance(to, str) and isinstance(text, str) and reference and text):
        return None
    signature = str(message.get("signature") or "")
    return ToCatch("sms", to, f"【{signature}】{text}" if signature else text, reference, language=str(message.get("language") or ""))
