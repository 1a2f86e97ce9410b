"""A mail server that keeps every letter."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern

from aiosmtpd.smtp import SMTP, Envelope, Session

from tocsin.app.demo.caught import CatchBook, ToCatch


class Mailbox:
    """An SMTP server on loopback; every address is its own."""

    def __init__(self, book: CatchBook) -> None:
        self._book = book
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1; the port (a free one for 0)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="demo.localhost", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the letter, once for each who gets it."""
        content = envelope.content
        letter = message_from_bytes(content if isinstance(content, bytes) else (content or "").encode(), policy=modern)
        for address in envelope.rcpt_tos:
            self._book.catch(_read(letter, address))
        return "250 kept"

    async def close(self) -> None:
        """Take no more letters."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


def _read(letter: EmailMessage, address: str) -> ToCatch:
    body = letter.get_body(("plain",))
    text = str(body.get_content()).strip() if body is not None else ""
    reference = str(letter.get("Message-ID", "")).strip("<> ").partition("@")[0].partition(".")[0]
    return ToCatch(
        "email",
        address.lower(),
        text,
        reference,
        str(letter.get("Subject", "")),
        str(letter.get("Content-Language", "")),
        state="delivered",
    )
