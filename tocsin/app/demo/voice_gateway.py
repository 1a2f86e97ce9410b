"""A gateway for calls that speaks the protocol of docs/gateways/generic-http-voice.md; its calls ring on the phones page."""

import asyncio
from typing import Literal
from uuid import uuid4

from aiohttp import web

from tocsin.app.demo.caught import CatchBook, Caught, ToCatch
from tocsin.app.demo.hooks import HookPoster
from tocsin.app.demo.sms_gateway import is_let_in, read_object

Pressed = Literal["taken", "over", "refused"]


class VoiceGateway:
    """Places calls that ring for `ring_seconds` unless somebody presses a key or hangs up."""

    def __init__(self, book: CatchBook, token: str, *, tells_repeats_apart: bool, ring_seconds: float) -> None:
        self.hooks = HookPoster()
        self._book = book
        self._token = token
        self._tells_repeats_apart = tells_repeats_apart
        self._ring_seconds = ring_seconds

    def routes(self) -> list[web.RouteDef]:
        """Where calls are ordered."""
        return [web.post("/voice/v1/calls", self._take_call)]

    def start(self) -> None:
        """Begin to post; calls that rang when an earlier run ended were not answered."""
        self.hooks.start()
        for caught in self._book.since():
            if caught.medium == "voice" and caught.state == "ringing":
                self._end(caught.no, "no_answer")

    async def press(self, no: int, digits: str) -> Pressed:
        """Somebody takes the ringing call `no` and presses keys."""
        call = self._book.get(no)
        if call is None or call.medium != "voice" or call.state not in ("ringing", "answered"):
            return "over"
        if call.state == "ringing":
            self._end(no, "answered")
        pressed = {"id": f"k-{uuid4().hex}", "reference": call.reference, "from": call.address, "digits": digits}
        if not await self.hooks.reply(pressed):
            return "refused"
        self._book.catch(ToCatch("voice", call.address, digits, call.reference, direction="from", state="sent"))
        return "taken"

    def hang_up(self, no: int) -> bool:
        """Somebody does not take the ringing call `no`; False when it does not ring."""
        call = self._book.get(no)
        if call is None or call.state != "ringing":
            return False
        self._end(no, "rejected")
        return True

    async def _take_call(self, request: web.Request) -> web.Response:
        if not is_let_in(request, self._token):
            return web.json_response({"code": "not_permitted"}, status=401)
        message = await read_object(request) or {}
        reference, to, speech = (message.get(name) for name in ("reference", "to", "speech"))
        if not (isinstance(reference, str) and isinstance(to, str) and isinstance(speech, str) and reference and speech):
            return web.json_response({"code": "malformed"}, status=400)
        before = self._book.by_reference("voice", reference)
        if before is not None and self._tells_repeats_apart:
            return web.json_response({"code": "accepted", "id": f"call-{before.no}"})
        language = str(message.get("language") or "")
        call = self._book.catch(ToCatch("voice", to, speech, reference, language=language, state="ringing"))
        asyncio.get_running_loop().call_later(self._ring_seconds if self._book.is_on(to) else 0, self._not_taken, call)
        return web.json_response({"code": "accepted", "id": f"call-{call.no}"})

    def _not_taken(self, call: Caught) -> None:
        now = self._book.get(call.no)
        if now is not None and now.state == "ringing" and self._book.is_open:
            self._end(call.no, "no_answer" if self._book.is_on(call.address) else "switched_off")

    def _end(self, no: int, state: str) -> None:
        call = self._book.set_state(no, state)
        self.hooks.receipt({"reference": call.reference, "state": state, "id": f"call-{no}"})
