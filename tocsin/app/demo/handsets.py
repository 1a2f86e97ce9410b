"""What the phones page reads and does: handsets with their messages, replies, key presses.

GET  /api/handsets?since=N&search=…&limit=40&wait_seconds=0
     {"head", "more", "handsets": [{"address", "name", "note", "resident", "switched_on", "last",
      "messages": [{"no", "at", "medium", "direction", "text", "subject", "language", "reference", "state"}]}]}
POST /api/replies {"address", "text"}    POST /api/keys {"no", "digits"}
POST /api/hang_up {"no"}                 POST /api/switch {"address", "on"}

Loopback only, for the service's own pages: it answers no page of another origin.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from aiohttp import web

from tocsin.app.demo.caught import CatchBook, Caught
from tocsin.app.demo.sms_gateway import SmsGateway, read_object
from tocsin.app.demo.voice_gateway import VoiceGateway

MOST_HANDSETS = 200
MOST_MESSAGES = 60
MOST_WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose handset it is: a name, and what there is to know about them in a few words. `resident`: theirs, not the staff's."""

    name: str
    note: str
    resident: bool = False


class Handsets:
    """The JSON API of everything that was caught."""

    def __init__(self, book: CatchBook, sms: SmsGateway, voice: VoiceGateway) -> None:
        self.owners: Mapping[str, Owner] = {}
        self._book = book
        self._sms = sms
        self._voice = voice

    def routes(self) -> list[web.RouteDef]:
        """Everything that the phones page calls."""
        return [
            web.get("/api/handsets", self._list),
            web.post("/api/replies", self._reply),
            web.post("/api/keys", self._press),
            web.post("/api/hang_up", self._hang_up),
            web.post("/api/switch", self._switch),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        since = _number(request.query.get("since"), 0)
        limit = min(max(_number(request.query.get("limit"), 40), 1), MOST_HANDSETS)
        wait = min(_number(request.query.get("wait_seconds"), 0), MOST_WAIT_SECONDS)
        await self._book.wait_for_news(since, wait)
        handsets = self._handsets(since, request.query.get("search", "").strip().lower())
        return web.json_response({"head": self._book.head, "more": max(0, len(handsets) - limit), "handsets": handsets[:limit]})

    def _handsets(self, since: int, search: str) -> list[dict[str, object]]:
        by_address: dict[str, list[Caught]] = {}
        for caught in self._book.since(since):
            by_address.setdefault(caught.address, []).append(caught)
        found = [self._handset(address, messages) for address, messages in by_address.items() if self._is_wanted(address, search)]
        # A notice to a whole building must not push the few who are alerted off the wall: staff come first.
        return sorted(found, key=lambda handset: (handset["resident"], -int(str(handset["last"]))))

    def _is_wanted(self, address: str, search: str) -> bool:
        owner = self.owners.get(address, Owner("", ""))
        return not search or search in f"{address} {owner.name} {owner.note}".lower()

    def _handset(self, address: str, messages: list[Caught]) -> dict[str, object]:
        owner = self.owners.get(address, Owner("", ""))
        return {
            "address": address,
            "name": owner.name,
            "note": owner.note,
            "resident": owner.resident,
            "switched_on": self._book.is_on(address),
            "last": max(caught.seq for caught in messages),
            "messages": [_shown(caught) for caught in messages[-MOST_MESSAGES:]],
        }

    async def _reply(self, request: web.Request) -> web.Response:
        asked = await read_object(request) or {}
        address, text = asked.get("address"), asked.get("text")
        if not (isinstance(address, str) and isinstance(text, str) and text.strip()):
            return _refuse(422, "address_and_text_needed")
        if not self._book.knows(address) and address not in self.owners:
            return _refuse(404, "unknown_handset")
        sent = await self._sms.reply(address, text.strip())
        return web.json_response({"no": sent.no}) if sent else _refuse(502, "not_taken")

    async def _press(self, request: web.Request) -> web.Response:
        asked = await read_object(request) or {}
        no, digits = asked.get("no"), asked.get("digits")
        if not isinstance(no, int) or not isinstance(digits, str) or not digits or set(digits) - set("0123456789*#"):
            return _refuse(422, "no_and_digits_needed")
        if self._book.get(no) is None:
            return _refuse(404, "unknown_call")
        match await self._voice.press(no, digits):
            case "taken":
                return web.json_response({"no": no})
            case "over":
                return _refuse(409, "call_is_over")
            case "refused":
                return _refuse(502, "not_taken")

    async def _hang_up(self, request: web.Request) -> web.Response:
        no = (await read_object(request) or {}).get("no")
        if not isinstance(no, int) or self._book.get(no) is None:
            return _refuse(404, "unknown_call")
        return web.json_response({"no": no}) if self._voice.hang_up(no) else _refuse(409, "call_is_over")

    async def _switch(self, request: web.Request) -> web.Response:
        asked = await read_object(request) or {}
        address, on = asked.get("address"), asked.get("on")
        if not isinstance(address, str) or not isinstance(on, bool):
            return _refuse(422, "address_and_on_needed")
        self._book.switch(address, on=on)
        return web.json_response({"no": self._book.head})


def _shown(caught: Caught) -> dict[str, object]:
    return {name: value for name, value in asdict(caught).items() if name not in ("seq", "address")}


def _refuse(status: int, code: str) -> web.Response:
    return web.json_response({"code": code}, status=status)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else otherwise
