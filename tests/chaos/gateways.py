"""A gateway whose every answer is drawn from a seed, and which speaks of its messages later in every way that gateways do."""

import asyncio
import hashlib
import hmac
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from time import time

import aiohttp
from aiohttp import web

from tests.chaos.plan import Weather, Word, draw_fault, draw_word
from tests.harness.gateways import SmsGateway
from tests.stories.conftest import GATEWAY_SECRET

DAYS_SECONDS = 3 * 86_400.0
AT_ONCE = 8
"""Posts of one gateway."""
_PATIENCE_SECONDS = 0.3
_SAID: dict[Word, tuple[str, ...]] = {
    "none": (),
    "plain": ("delivered",),
    "twice": ("delivered", "delivered"),
    "reordered": ("delivered", "accepted"),
    "before_the_answer": ("delivered",),
    "failed_then_delivered": ("failed", "delivered"),
    "rounds_late": ("delivered",),
    "forged": (),
}


@dataclass
class FaultGateway(SmsGateway):
    """Beside the ledger of what it sent: `heard`, what the service took of its receipts (by reference, the states), and what was `wrong`."""

    seed: int = 0
    number: int = 0
    weather: Weather | None = None
    hook_url: str = ""
    session: aiohttp.ClientSession = field(kw_only=True)
    calls_about: Counter[str] = field(default_factory=Counter)
    heard: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    forged: int = 0
    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    _speaking: dict[asyncio.Task[None], str] = field(default_factory=dict)
    _lines: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def begins(self, number: int, weather: Weather) -> None:
        """A round begins with its weather; what was kept back in earlier rounds is said now, days late by the gateway's own clock."""
        self.number, self.weather = number, weather
        self._hung = asyncio.Event()
        late, self.late = self.late, []
        for reference in late:
            self._speak(reference, "rounds_late")

    @property
    def speaks(self) -> bool:
        """Whether it has something to say that was not taken yet."""
        return bool(self._speaking)

    def is_well(self) -> None:
        """No faults any more; what hung is let go."""
        self.weather = None
        self.let_go()

    async def has_spoken(self) -> None:
        """Wait until everything that it has to say was taken."""
        while self._speaking:
            await asyncio.wait(self._speaking)

    def _fault_for(self, message: dict[str, str]) -> str | None:
        reference = message["reference"]
        self.calls_about[reference] += 1
        if self.weather is None:
            return None
        return draw_fault(self.seed, self.number, reference, self.calls_about[reference], self.weather)

    def _note(self, document: dict[str, str]) -> None:
        before = len(self.sent)
        super()._note(document)
        if len(self.sent) == before:
            return
        reference = document["reference"]
        word = draw_word(self.seed, reference)
        if word == "rounds_late":
            self.late.append(reference)
        else:
            self._speak(reference, word)

    async def _answer(self, request: web.Request, fault: str | None) -> web.StreamResponse:
        first = [task for task, word in self._speaking.items() if word == "before_the_answer"]
        if first:
            await asyncio.wait(first, timeout=_PATIENCE_SECONDS)
        return await super()._answer(request, fault)

    def _speak(self, reference: str, word: Word) -> None:
        task = asyncio.create_task(self._forge(reference) if word == "forged" else self._say(reference, word))
        self._speaking[task] = word
        task.add_done_callback(self._speaking.pop)

    async def _say(self, reference: str, word: Word) -> None:
        for state in _SAID[word]:
            claimed = time() - (DAYS_SECONDS if word == "rounds_late" else 0)
            code = {"code": "switched_off"} if state == "failed" else {}
            receipt = {"reference": reference, "state": state, "at": str(claimed), **code}
            while (status := await self._post(receipt, GATEWAY_SECRET)) != 200:
                if status not in (None, 503):
                    self.wrong.append(f"a genuine receipt of {reference} was answered with {status}")
                    return
                await asyncio.sleep(0.1)
            self.heard[reference].add(state)

    async def _forge(self, reference: str) -> None:
        """Without the secret, and with it but days old: neither may be believed."""
        receipt = {"reference": reference, "state": "delivered"}
        for secret, age in (("a secret that somebody guessed", 0.0), (GATEWAY_SECRET, DAYS_SECONDS)):
            while (status := await self._post(receipt, secret, age)) != 401:
                if status not in (None, 503):
                    self.wrong.append(f"a forged receipt of {reference} was answered with {status}")
                    return
                await asyncio.sleep(0.1)
            self.forged += 1

    async def _post(self, receipt: dict[str, str], secret: str, age_seconds: float = 0.0) -> int | None:
        """Post to the hook; the status, None where nobody answered."""
        body, timestamp = json.dumps({"receipts": [receipt]}).encode(), str(int(time() - age_seconds))
        signature = hmac.new(secret.encode(), f"{timestamp}\nreceipts\n".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Tocsin-Timestamp": timestamp, "Tocsin-Signature": signature}
        try:
            async with self._lines, self.session.post(f"{self.hook_url}/receipts", data=body, headers=headers) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None
