"""Everybody who asks the service for something, and keeps at it: what was promised to them (every 2xx they saw) is noted down."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from time import monotonic

import aiohttp

from tests.stories.conftest import Line

TRAPPED: dict[str, object] = {"kind": "elevator_entrapment", "place": "3-2-L1", "facts": {}}
POWER_CUT: dict[str, object] = {"kind": "power_cut", "place": "3-2", "facts": {}}
NEWS: dict[str, object] = {
    "texts": {"zh-CN": "供电部门已到现场。", "en": "The power company is on site."},
    "audience": {"residents_of": ["3-2"]},
    "night": "send",
}
AS_BROWSERS_SAY = {"Sec-Fetch-Site": "same-origin"}
"""Of a form that our own page sent."""
_TRY_SECONDS = 5.0
_AGAIN_SECONDS = 0.1
_LIST_SECONDS = 8.0


@dataclass
class Promises:
    """What clients saw confirmed: ids of incidents and of messages, telephones brought in by lists, pressed links; and what was `wrong`."""

    incidents: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    responded: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Desk:
    """The desk of one town, its staff and its residents."""

    line: Line
    promises: Promises
    administrator: str
    chance: Random

    async def declares(self, key: str, declaration: dict[str, object]) -> int:
        """Declare an incident, again and again under one key until it is confirmed."""
        answer = await self.insists("/incidents", declaration, key)
        self.promises.incidents.append(int(str(answer["id"])))
        return int(str(answer["id"]))

    async def tells(self, key: str) -> None:
        """A power cut: its residents are told as the plan says, and then in the desk's own words."""
        incident = await self.declares(key, POWER_CUT)
        await self.insists(f"/incidents/{incident}/tell", {}, f"{key}-tell")
        told = await self.insists("/broadcasts", {**NEWS, "incident": str(incident)}, f"{key}-news")
        self.promises.messages.append(int(str(told["message"])))

    async def insists(self, path: str, body: dict[str, object], key: str) -> dict[str, object]:
        """POST until it is confirmed; what is neither confirmed nor asked to come again is wrong."""
        while True:
            try:
                async with asyncio.timeout(_TRY_SECONDS):
                    status, answer = await self.line.post(path, body, key=key)
            except (aiohttp.ClientError, TimeoutError):
                status, answer = 503, {}
            if status in (200, 201):
                return answer
            if status not in (409, 503):
                self.promises.wrong.append(f"POST {path} was answered with {status}: {answer}")
                raise RuntimeError(f"POST {path}: {status}")
            await asyncio.sleep(_AGAIN_SECONDS)

    async def brings_in(self, key: str, phones: Iterable[str]) -> None:
        """A list of residents of home 3-2-1503, sent and looked after until it is in; sent anew where nothing is heard of it for a while:
        the same list twice changes nothing."""
        phones = list(phones)
        rows = "".join(f"3-2-1503,住户{phone[-4:]},{phone}\n" for phone in phones)
        for attempt in range(40):
            run = await self._sends(f"{key}-{attempt}", f"房号,姓名,手机\n{rows}".encode())
            if await self._ends(run) == "done":
                self.promises.phones.extend(f"+86{phone}" for phone in phones)
                return
        self.promises.wrong.append("a list could not be brought in, forty times")

    async def _sends(self, key: str, data: bytes) -> str:
        headers = {"Authorization": f"Bearer {self.administrator}", "Idempotency-Key": key, "Content-Type": "text/csv"}
        url = f"{self.line.service.url}/api/v1/imports?apply=true&kind=residents&file_name=list.csv"
        while True:
            try:
                timeout = aiohttp.ClientTimeout(total=_TRY_SECONDS)
                async with self.line.session.post(url, data=data, headers=headers, timeout=timeout) as answer:
                    if answer.status == 201:
                        return str((await answer.json())["id"])
                    if answer.status not in (409, 503):
                        raise RuntimeError(f"POST /imports: {answer.status} {await answer.text()}")
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _ends(self, run: str) -> str:
        until = monotonic() + _LIST_SECONDS
        headers = {"Authorization": f"Bearer {self.administrator}"}
        while monotonic() < until:
            try:
                timeout = aiohttp.ClientTimeout(total=_TRY_SECONDS)
                async with self.line.session.get(
                    f"{self.line.service.url}/api/v1/imports/{run}", headers=headers, timeout=timeout
                ) as answer:
                    if answer.status == 200 and (state := str((await answer.json())["state"])) != "reading":
                        return state
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(_AGAIN_SECONDS)
        return "reading"

    async def answers(self, texts: Iterable[str]) -> None:
        """Some of those who were told press what their message's link offers, until the page confirms it."""
        for text in texts:
            link = next((word for word in text.split() if "://" in word), None)
            if link is None or self.chance.random() < 0.6:
                continue
            staff = "/a/" in link
            if await self._presses(link, "received" if staff else "all_safe"):
                (self.promises.answered if staff else self.promises.responded).append(link)

    async def _presses(self, link: str, kind: str) -> bool:
        timeout = aiohttp.ClientTimeout(total=_TRY_SECONDS)
        for _ in range(200):
            try:
                async with self.line.session.post(
                    link, data={"kind": kind}, headers=AS_BROWSERS_SAY, allow_redirects=False, timeout=timeout
                ) as page:
                    if page.status < 500:
                        return page.status == 303
                    if page.status != 503:
                        self.promises.wrong.append(f"a press was answered with {page.status}")
                        return False
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(_AGAIN_SECONDS)
        self.promises.wrong.append("a press was not answered, two hundred times")
        return False
