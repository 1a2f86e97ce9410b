"""A press takes the short way, and nobody can tell: not by its answer, nor by what else the connection is used for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web

from api.keys import METRICS
from api.press_connection import PressSite
from api.routes import make_app
from notifiers.links import make_link, read_link
from tests.console.conftest import Console
from tests.harness.processes import free_port


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection of a browser, byte by byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> Answer:
        async with asyncio.timeout(20):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            body = await self.reader.readexactly(int(headers["Content-Length"]))
        return Answer(int(first.split()[1]), headers, body.decode())


@dataclass(frozen=True, slots=True)
class Door:
    """The service at a port, the link of a resident who was told, and how many requests the web server itself has seen."""

    console: Console
    runner: web.AppRunner
    port: int
    link: str

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.sleep(0)
        yield Connection(reader, writer)
        writer.close()

    def press(self, kind: str = "all_safe", link: str = "", method: str = "POST") -> bytes:
        head = f"{method} {link or self.link} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nSec-Fetch-Site: same-origin\r\n"
        if method == "GET":
            return f"{head}\r\n".encode()
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(kind) + 5}\r\n\r\nkind={kind}"
        return f"{head}{form}".encode()

    @property
    def seen_by_the_server(self) -> int:
        assert self.runner.server is not None
        return self.runner.server.requests_count

    async def said(self) -> list[str]:
        async with self.console.community() as tx:
            return [row["kind"] for row in await tx.connection.fetch("SELECT kind FROM response ORDER BY id")]

    @asynccontextmanager
    async def held_up(self) -> AsyncIterator[None]:
        """Nobody's press can be written down meanwhile."""
        async with self.console.community() as tx:
            await tx.connection.execute("SELECT FROM message FOR UPDATE")
            yield

    async def until_pressed(self) -> None:
        """Until a press waits for what is held up."""
        async with asyncio.timeout(20), self.console.community() as tx:
            while not await tx.connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)


@pytest.fixture
async def door(console: Console) -> AsyncIterator[Door]:
    await console.tell_residents(await console.declare("power_cut", "3"))
    runner, port = web.AppRunner(make_app(console.context), access_log=None, shutdown_timeout=20), free_port()
    await runner.setup()
    await PressSite(runner, "127.0.0.1", port).start()
    yield Door(console, runner, port, await console.resident_link("mrs_wang"))
    await runner.cleanup()


async def test_a_press_is_answered_as_the_web_server_answers_it(door: Door) -> None:
    whole = door.press()
    async with door.connected() as short:
        short.send(whole)
        one = await short.answer()
        assert door.seen_by_the_server == 0
        short.send(door.press(method="GET"))
        assert "需要帮助" in (await short.answer()).body
        short.send(whole)
        assert (await short.answer()).status == 303 and door.seen_by_the_server == 1, "a page before it makes no difference"
    async with door.connected() as long:
        long.send(whole[:-4])
        await long.writer.drain()
        while door.seen_by_the_server != 2:
            await asyncio.sleep(0.01)
        long.send(whole[-4:])
        other = await long.answer()
        long.send(whole)
        assert (await long.answer()).status == 303 and door.seen_by_the_server == 3, "only the server knows where its pieces end"
    changing = {"Date": "", "Request-Id": ""}
    assert {**one.headers, **changing} == {**other.headers, **changing} and one.headers.keys() == other.headers.keys()
    assert (one.status, one.body) == (other.status, other.body) == (303, "")
    assert await door.said() == ["all_safe"] * 4
    counted = door.runner.app[METRICS].requests.labels("/s/{token}", "303")
    assert counted._value.get() == 4


async def test_what_is_refused_is_said_on_a_page(door: Door) -> None:
    forged = door.link[:-1] + ("a" if door.link[-1] != "a" else "b")
    target = read_link(door.console.context.secrets, "s", door.link.removeprefix("/s/"))
    of_nobody = "/s/" + make_link(door.console.context.secrets, "s", target.community_id, target.message_id, 4711)
    async with door.connected() as phone:
        for odd, status in ((door.press("perhaps"), 422), (door.press(link=forged), 404), (door.press(link=of_nobody), 404)):
            phone.send(odd)
            answer = await phone.answer()
            assert answer.status == status and "<html" in answer.body
        phone.send(door.press())
        assert (await phone.answer()).status == 303, "that one was refused says nothing of the next"
    assert await door.said() == ["all_safe"]


async def test_what_is_sent_before_the_answer_is_answered_after_it_and_in_order(door: Door) -> None:
    async with door.connected() as phone:
        async with door.held_up():
            phone.send(door.press())
            await door.until_pressed()
            phone.send(door.press(method="GET"))
            phone.send(door.press("needs_help") + door.press("others_inside"))
        answers = [await phone.answer() for _ in range(4)]
    assert [one.status for one in answers] == [303, 200, 303, 303]
    assert await door.said() == ["all_safe", "needs_help", "others_inside"]


async def test_who_pressed_before_the_service_ends_is_answered(door: Door) -> None:
    async with door.connected() as phone:
        async with door.held_up():
            phone.send(door.press())
            await door.until_pressed()
            ending = asyncio.create_task(door.runner.cleanup())
            await asyncio.sleep(0)
        assert (await phone.answer()).status == 303
        assert await phone.reader.read() == b""
        await ending
    assert await door.said() == ["all_safe"]


async def test_a_phone_that_goes_away_was_heard(door: Door) -> None:
    async with door.held_up():
        async with door.connected() as phone:
            phone.send(door.press("needs_help"))
            await door.until_pressed()
    async with asyncio.timeout(20):
        while await door.said() != ["needs_help"]:
            await asyncio.sleep(0.01)
