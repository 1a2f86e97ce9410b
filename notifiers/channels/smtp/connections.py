"""Connections to one SMTP server, kept and used again."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import aiosmtplib

from notifiers.channels.smtp.settings import SmtpSettings
from notifiers.channels.wire.addresses import AddressBook

_GOODBYE_SECONDS = 1.0


@dataclass
class Line:
    """An open connection, and how many mails it has carried."""

    client: aiosmtplib.SMTP
    carried: int = 0
    idle_since: float = 0.0


class Lines:
    """The connections that lie idle; how many are open at once is the caller's business.

    One that has carried `messages_per_connection` mails is ended properly: servers that count would cut it in the middle of the next.
    """

    def __init__(self, settings: SmtpSettings, password: str) -> None:
        self._settings = settings
        self._password = password
        self._tls = ssl.create_default_context(cadata=settings.trusted_certificate or None)
        self._book = AddressBook(settings.allow_private_addresses)
        self._idle: list[Line] = []

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """A connection that has greeted and logged in; kept for the next mail unless the block raised or closed it."""
        line = self._take_idle() or Line(await self._connect())
        try:
            yield line
        except BaseException:
            line.client.close()
            raise
        if not line.client.is_connected:
            return
        line.carried, line.idle_since = line.carried + 1, monotonic()
        if line.carried < self._settings.messages_per_connection:
            self._idle.append(line)
        else:
            await _end(line.client)

    def _take_idle(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.client.is_connected and monotonic() - line.idle_since < self._settings.idle_seconds:
                return line
            line.client.close()
        return None

    async def _connect(self) -> aiosmtplib.SMTP:
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            sock=await self._open_socket(),
            port=None,
            timeout=settings.total_seconds,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._tls,
            local_hostname=settings.local_hostname or settings.domain,
            username=settings.username,
            password=self._password if settings.username is not None else None,
        )
        await client.connect(timeout=settings.connect_seconds)
        return client

    async def _open_socket(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        problem: OSError = OSError("no address")
        async with asyncio.timeout(self._settings.connect_seconds):
            for found in await self._book.find(self._settings.host, self._settings.port):
                opened = socket.socket(found.family, socket.SOCK_STREAM)
                opened.setblocking(False)
                try:
                    await loop.sock_connect(opened, (found.address, self._settings.port))
                except OSError as error:
                    opened.close()
                    problem = error
                except BaseException:
                    opened.close()
                    raise
                else:
                    return opened
        raise problem

    async def close(self) -> None:
        """Close every idle connection."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_end(line.client) for line in idle))
        self._book.close()


async def _end(client: aiosmtplib.SMTP) -> None:
    """Say goodbye, and close whatever the server makes of it."""
    try:
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        pass
    finally:
        client.close()
