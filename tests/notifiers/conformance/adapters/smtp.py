"""An SMTP server, as far as a mail goes: greeting, log-in, sender, recipient, text; and every way to fall silent between them."""

import asyncio
import base64
import email
import email.policy
import hmac
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import count
from ssl import SSLContext, SSLError

from tests.notifiers.conformance.adapter import Adapter, Arrived, Fake, Posted, Script, State

SECRET = "the mailbox's password"
_LOGIN = base64.b64encode(b"\0desk\0" + SECRET.encode()).decode()


class _Gone(Exception):
    """The server hangs up."""


@dataclass
class SmtpFake:
    """One running server. `offers`: its extensions. `envelope`: MAIL and RCPT of the latest mail.

    `upgrades_to`: it offers STARTTLS. `ends_next`: the next command on a connection is answered by `goodbye`, where there is one, and the connection cut.
    """

    script: Script = field(default_factory=Script)
    offers: tuple[str, ...] = ("DSN", "SMTPUTF8")
    envelope: list[str] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    opened: int = 0
    charset: str = "utf-8"
    upgrades_to: SSLContext | None = None
    logged_in: list[str] = field(default_factory=list)
    goodbye: str = ""
    ends_next: bool = False
    port: int = 0
    over_tls: bool = False
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _talks: "set[asyncio.Task[None]]" = field(default_factory=set)

    def settings(self, **changes: object) -> dict[str, object]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "security": "tls" if self.over_tls else "none",
            "username": "desk",
            "sender_address": "desk@anju.example",
            "receipts": True,
            "allow_private_addresses": ["127.0.0.1"],
            **changes,
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        talk = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        with suppress(_Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await talk
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1

        async def say(words: str) -> None:
            writer.write(f"{words}\r\n".encode(self.charset))
            await writer.drain()

        await say("220 mail.anju.example ready")
        recipient, envelope = "", list[str]()
        while True:
            line = (await reader.readuntil(b"\n")).decode().strip()
            verb = line.partition(" ")[0].upper()
            if self.ends_next:
                self.ends_next = False
                if self.goodbye:
                    await say(self.goodbye)
                raise _Gone
            match verb:
                case "EHLO":
                    offers = [*self.offers, *(["STARTTLS"] if self.upgrades_to is not None and not _is_sealed(writer) else [])]
                    await say("\r\n".join(["250-mail.anju.example", *(f"250-{one}" for one in offers), "250 AUTH PLAIN"]))
                case "STARTTLS" if self.upgrades_to is not None:
                    await say("220 go on")
                    with suppress(SSLError):
                        await writer.start_tls(self.upgrades_to)
                        continue
                    raise _Gone
                case "AUTH":
                    let_in = line.split()[-1] == _LOGIN
                    self.script.forged += not let_in
                    self.logged_in.append("behind TLS" if _is_sealed(writer) else "in the clear")
                    await say("235 welcome" if let_in else "535 5.7.8 wrong")
                case "MAIL":
                    self.script.calls += 1
                    envelope = [line]
                    await say(f"530 5.7.0 {self.script.echo}" if self.script.fault == "refuse_account" else "250 ok")
                case "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    envelope.append(line)
                    await say(self._about(recipient))
                case "DATA":
                    await self._before_text()
                    await say("354 go on")
                    await self._take(recipient, await reader.readuntil(b"\r\n.\r\n"), writer, envelope)
                case "QUIT":
                    await say("221 bye")
                    raise _Gone
                case _:
                    await say("250 ok")

    def _about(self, recipient: str) -> str:
        if self.script.fault == "later":
            return f"451 4.3.2 {self.script.echo}"
        refused = self.script.fault == "refuse" or recipient in self.script.refused
        return f"550 5.1.1 {self.script.echo}" if refused else "250 ok"

    async def _before_text(self) -> None:
        if self.script.fault == "hang":
            await self._released.wait()
            raise _Gone
        if self.script.fault == "reset":
            raise _Gone

    async def _take(self, recipient: str, raw: bytes, writer: asyncio.StreamWriter, envelope: list[str]) -> None:
        letter = email.message_from_bytes(raw.removesuffix(b".\r\n"), policy=email.policy.default)
        text = letter.get_content().strip()
        named = str(letter["Message-ID"]).strip("<>").partition("@")[0]
        if "DSN" in self.offers:
            assert f"ENVID={named}" in envelope[0].split()
            assert f"ORCPT=rfc822;{recipient}" in envelope[1].split() or not recipient.isascii()
        self.envelope = envelope
        self.letters.append(letter)
        taken = Arrived(recipient, text, named.partition(".")[0], f"2.0.0 queued as {next(self._numbers)}")
        self.script.arrived.append(taken)
        if self.script.before_answer is not None:
            await self.script.before_answer([taken])
        words = f"250 {taken.gateway_ref}\r\n".encode()
        match self.script.fault:
            case "taken_hang":
                await self._released.wait()
                raise _Gone
            case "taken_reset":
                raise _Gone
            case "garbage":
                words = b"\x00\x01\xfe\xff 999\r\n"
            case "html":
                words = b"<html>250 OK</html>\r\n"
            case "empty":
                words = b"\r\n"
            case "cut":
                writer.write(b"25")
                await writer.drain()
                raise _Gone
            case "drip":
                words = await self._drip(words, writer)
            case "huge":
                words = b"250-" + b"x" * 4_000_000 + b"\r\n"
        writer.write(words)
        await writer.drain()

    async def _drip(self, words: bytes, writer: asyncio.StreamWriter) -> bytes:
        for at in range(len(words)):
            if self._released.is_set():
                raise _Gone
            writer.write(words[at : at + 1])
            await writer.drain()
            await asyncio.sleep(0.05)
        return b""

    async def let_go(self) -> None:
        """End every connection."""
        self._released.set()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await asyncio.sleep(0)


@asynccontextmanager
async def _run(tls: SSLContext | None) -> AsyncIterator[Fake]:
    fake = SmtpFake(over_tls=tls is not None)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0, ssl=tls, limit=8_000_000)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        await fake.let_go()


def _is_sealed(writer: asyncio.StreamWriter) -> bool:
    return writer.get_extra_info("sslcontext") is not None


def tag_of(hook_url: str, reference: str) -> str:
    """What our mails carry and servers give back: the reference, and a mark under the hook's key."""
    key = hook_url.rpartition("/")[2].encode()
    return f"{reference}.{base64.b32encode(hmac.digest(key, f'mail{chr(10)}{reference}'.encode(), 'sha256')[:10]).decode().lower()}"


def receipt(hook_url: str, arrived: Arrived, state: State, event: str) -> Posted:
    """A report on the delivery, as the mail server's pipe posts it."""
    action, status, said = _REPORTED[state]
    tag = tag_of(hook_url, arrived.reference)
    report = f"""\
Return-Path: <>
To: desk@anju.example
From: MAILER-DAEMON@mail.anju.example (Mail Delivery System)
Subject: Delivery report
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="{event}/mail"

--{event}/mail
Content-Type: text/plain; charset=us-ascii

About your mail to <{arrived.address}>.

--{event}/mail
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.anju.example
Original-Envelope-Id: {tag}
Arrival-Date: Tue, 24 Nov 2026 10:00:00 +0800 (CST)

Final-Recipient: rfc822; {arrived.address}
Original-Recipient: rfc822;{arrived.address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said} <{arrived.address}>

--{event}/mail
Content-Type: text/rfc822-headers

Message-ID: <{tag}@anju.example>
Subject: x

--{event}/mail--
"""
    return sign(hook_url, "bounces", report.encode())


def sign(hook_url: str, what: str, body: bytes) -> Posted:
    """It signs nothing, and posts mails to one address."""
    return Posted("bounces", body, {"Content-Type": "message/rfc822"})


_REPORTED = {
    "accepted": ("delayed", "4.4.1", "451 4.4.1 no answer from"),
    "delivered": ("delivered", "2.0.0", "250 2.0.0 for"),
    "failed": ("failed", "5.1.1", "550 5.1.1 no such user"),
}


def start(tls: SSLContext | None = None) -> AbstractAsyncContextManager[Fake]:
    return _run(tls)


ADAPTER = Adapter(
    kind="smtp",
    secret=SECRET,
    start=start,
    address="resident{:04d}@anju.example".format,
    # A server cannot say how long to wait nor that it does not know; its words are ASCII lines; after the text 4yz means not taken.
    says=("accepted", "delivered", "failed"),
    receipt=receipt,
    sign=sign,
    unspeakable=frozenset({"later_in", "unsure", "zipped", "unreadable", "taken_error", "redirect", "gb18030"}),
    not_taken_is_certain=True,
    contact_kind="email",
)
