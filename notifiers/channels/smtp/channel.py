"""Sends mails, each over one kept connection, says how far a failed one had come, and reads what comes back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import aiosmtplib

from notifiers.channels.shape import (
    Abilities,
    ChannelSettings,
    HookReading,
    HookRefusedError,
    HookRequest,
    Outcome,
    Outgoing,
    Refused,
)
from notifiers.channels.smtp.connections import Lines
from notifiers.channels.smtp.envelopes import Envelope, Offers
from notifiers.channels.smtp.letters import plain_address, write_letter
from notifiers.channels.smtp.reports import read_mail
from notifiers.channels.smtp.settings import SmtpSettings
from notifiers.channels.smtp.tags import Tags
from notifiers.channels.smtp.verdicts import Stage, judge_fault, judge_reply
from notifiers.channels.wire.unsigned import check_peer

_FAULTS = (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError)


@dataclass
class _Progress:
    stage: Stage = Stage.CONNECT
    stale: bool = False


class SmtpChannel:
    """An open way to one SMTP server."""

    def __init__(self, settings: SmtpSettings, password: str, hook_url: str = "") -> None:
        self._settings = settings
        self._password = password
        self._lines = Lines(settings, password)
        self._tags = Tags(hook_url.rstrip("/").rpartition("/")[2])
        self._free = asyncio.Semaphore(settings.connections)
        self.abilities = Abilities(
            medium="email",
            contact_kinds=("email",),
            receipts=settings.receipts,
            replies=False,
            in_flight=settings.connections,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """One mail for each message; Accepted means that the server has it."""
        return list(await asyncio.gather(*map(self._send_one, batch)))

    async def _send_one(self, message: Outgoing) -> Outcome:
        recipient = plain_address(message.address)
        if recipient is None:
            return Refused("address_malformed", "address_malformed")
        settings = self._settings
        tag = self._tags.make(message.reference)
        letter = write_letter(
            message,
            recipient=recipient,
            sender=(settings.sender_name, settings.sender_address),
            list_id=settings.list_id,
            written_at=datetime.now(UTC),
            tag=tag,
        )
        envelope = Envelope(recipient, tag, letter)
        progress = _Progress()
        try:
            async with asyncio.timeout(settings.total_seconds), self._free:
                return await self._deliver(envelope, progress)
        except _FAULTS as problem:
            return judge_fault(progress.stage, problem, self._password)

    async def _deliver(self, envelope: Envelope, progress: _Progress) -> Outcome:
        try:
            return await self._hand_over(envelope, progress)
        except (aiosmtplib.SMTPServerDisconnected, ConnectionError):
            # A kept connection may have been closed by the server meanwhile; before the text nothing was sent.
            if not progress.stale or progress.stage is Stage.TEXT:
                raise
        except aiosmtplib.SMTPResponseException as goodbye:
            if not progress.stale or goodbye.code != aiosmtplib.SMTPStatus.domain_unavailable:
                raise
        progress.stage = Stage.CONNECT
        return await self._hand_over(envelope, progress)

    async def _hand_over(self, envelope: Envelope, progress: _Progress) -> Outcome:
        async with self._lines.line() as line:
            progress.stale = line.carried > 0
            try:
                outcome = await self._say(line.client, envelope, progress)
            except aiosmtplib.SMTPResponseException as refused:
                if refused.code == aiosmtplib.SMTPStatus.domain_unavailable or not 400 <= refused.code < 600:
                    # Goodbye, or no SMTP at all: nothing more is said on this connection.
                    raise
                outcome = judge_reply(progress.stage, refused.code, refused.message, self._password)
            if progress.stage is not Stage.TEXT:
                # The server waits for this mail's next command: the next mail begins anew, on the same connection.
                await line.client.rset()
            return outcome

    async def _say(self, client: aiosmtplib.SMTP, envelope: Envelope, progress: _Progress) -> Outcome:
        settings = self._settings
        offers = Offers(dsn=client.supports_extension("dsn"), utf8=client.supports_extension("smtputf8"))
        if not envelope.recipient.isascii() and not offers.utf8:
            return Refused("no_utf8_mail", "no_utf8_mail")
        encoding = "ascii" if envelope.recipient.isascii() else "utf-8"
        progress.stage = Stage.SENDER
        sender = envelope.sender(settings.sender_address, settings.bounce_address)
        await client.mail(sender, options=envelope.mail_options(offers), encoding=encoding)
        progress.stage = Stage.RECIPIENT
        await client.rcpt(envelope.recipient, options=envelope.rcpt_options(offers, success=settings.receipts), encoding=encoding)
        progress.stage = Stage.DATA
        code, words = await client.execute_command(b"DATA")
        if code != aiosmtplib.SMTPStatus.start_input or client.protocol is None:
            return judge_reply(Stage.DATA, code, words, self._password)
        progress.stage = Stage.TEXT
        client.protocol.write(envelope.letter.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        code, words = await client.protocol.read_response()
        return judge_reply(Stage.TEXT, code, words, self._password)

    def read_hook(self, request: HookRequest) -> HookReading:
        """A mail that came back, at `bounces`: handed on by the mail server as it is, and believed by the tag of ours in it."""
        if not self._tags.key or request.what != "bounces":
            raise HookRefusedError("no such hook")
        check_peer(request, self._settings.hook_networks)
        return read_mail(request.body, self._tags, request.query.get("recipient", ""))

    async def close(self) -> None:
        await self._lines.close()


def open_smtp(settings: ChannelSettings, secret: str, hook_url: str = "") -> SmtpChannel:
    """Open the channel; nothing is connected before the first mail."""
    return SmtpChannel(SmtpSettings.model_validate(settings), secret, hook_url)
