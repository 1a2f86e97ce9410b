"""A connection of the web server that takes residents' presses itself and leaves everything else to the web server behind it.

Thousands press within a second of being told. A press through routes, middlewares and a task of its own costs several times what it takes
to read it, check its link and have it written down with all others of that moment, so the one simple shape it has
(`api/press_request.py`) goes that short way. It is answered as the web server would, byte for byte but for the order of headers; what is
refused, or odd in any way, is answered by the web server.
"""

import asyncio
from time import monotonic

from aiohttp import web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE

from api.errors import UnavailableError
from api.keys import ANSWERS, CONTEXT, METRICS
from api.middleware import SECURITY_HEADERS, note_answer, request_id
from api.press_request import BEGINS, Press, is_one_whole_request, read_press
from notifiers.links import read_link
from tocsin.base.errors import TocsinError

OPERATION = "/s/{token}"
_FIXED = "".join(f"{name}: {value}\r\n" for name, value in SECURITY_HEADERS.items())
_HEAD = f"HTTP/1.1 303 See Other\r\nCache-Control: no-store\r\nContent-Length: 0\r\nServer: {SERVER_SOFTWARE}\r\n{_FIXED}"


class PressConnection(web.RequestHandler):
    """`refused`: why the press that the web server now looks at was refused, for its page to say; taken by whoever says it."""

    __slots__ = ("_app", "_between_requests", "_held", "_pressing", "refused")

    def __init__(self, app: web.Application, server: web.Server) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), access_log=None)  # type: ignore[arg-type] # that is how it is switched off
        self._app = app
        self._between_requests = True
        self._held = b""
        self._pressing: asyncio.Future[None] | None = None
        self.refused: Exception | None = None

    def data_received(self, data: bytes) -> None:
        if self._pressing is not None:
            self._hold(data)
        elif not (data.startswith(BEGINS) and self._is_idle() and self._take(data)):
            self._leave_to_the_server(data)

    def _is_idle(self) -> bool:
        """Whether the web server has answered everything of this connection, and waits for the beginning of a request."""
        return self._between_requests and self._waiter is not None and not self._waiter.done() and not self._close

    def _leave_to_the_server(self, data: bytes) -> None:
        # Once something came in pieces or with more behind it, only the server knows where a request begins.
        self._between_requests = self._between_requests and (not data or is_one_whole_request(data))
        super().data_received(data)

    def _take(self, data: bytes) -> bool:
        """Have a press written down; False where it is not for us."""
        press = read_press(data)
        if press is None:
            return False
        began = monotonic()
        try:
            pressing = self._app[ANSWERS].responding(read_link(self._app[CONTEXT].secrets, "s", press.token), press.kind)
        except TocsinError:
            return False
        self._pressing = pressing
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        pressing.add_done_callback(lambda done: self._answer(press, data, began, done))
        return True

    def _answer(self, press: Press, data: bytes, began: float, done: asyncio.Future[None]) -> None:
        """Say that it is committed, or have the web server say why not."""
        self._pressing = None
        problem = UnavailableError() if done.cancelled() else done.exception()
        if isinstance(problem, Exception):
            self.refused = problem
            self._leave_to_the_server(data)
        else:
            known_as = request_id(press.request_id)
            if self.transport is not None:
                self.transport.write(
                    f"{_HEAD}Date: {rfc822_formatted_time()}\r\nLocation: /s/{press.token}\r\nRequest-Id: {known_as}\r\n\r\n".encode()
                )
            note_answer(self._app[METRICS], "POST", OPERATION, 303, monotonic() - began, known_as)
        self._go_on()

    def _hold(self, data: bytes) -> None:
        """Keep what comes before the answer is out, and read no more until then."""
        if not self._held and self.transport is not None:
            self.transport.pause_reading()
        self._held += data

    def _go_on(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            if self.transport is not None:
                self.transport.resume_reading()
            self.data_received(data)

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109 - the web server's own method
        """End the connection once what was pressed is answered, at most `timeout` seconds later."""
        if self._pressing is not None:
            await asyncio.wait({self._pressing}, timeout=timeout)
        await super().shutdown(timeout)


def refusal_before(request: web.Request) -> Exception | None:
    """Why the press was refused that this request is, where it was looked at before."""
    connection = request.protocol
    if not isinstance(connection, PressConnection):
        return None
    refused, connection.refused = connection.refused, None
    return refused


class PressSite(web.BaseSite):
    """Where the web server listens; its connections take presses themselves."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        super().__init__(runner, backlog=1024)
        self._host, self._port = host, port
        self._app = runner.app

    @property
    def name(self) -> str:
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        await super().start()
        server = self._runner.server
        assert server is not None
        self._server = await asyncio.get_running_loop().create_server(
            lambda: PressConnection(self._app, server), self._host, self._port, backlog=self._backlog, reuse_address=True
        )
