"""Sends mails, each over one kept connection, and says how far a failed one had come."""

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
from notifiers.channels.smtp.connections import Line, Lines
from notifiers.channels.smtp.letters import plain_address, write_letter
from notifiers.channels.smtp.settings import SmtpSettings
from notifiers.channels.smtp.verdicts import Stage, judge_fault, judge_reply

_FAULTS = (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError)


@dataclass
class _Progress:
    stage: Stage = Stage.CONNECT
    stale: bool = False


class SmtpChannel:
    """An open way to one SMTP server."""

    def __init__(self, settings: SmtpSettings, password: str) -> None:
        self._settings = settings
        self._password = password
        self._lines = Lines(settings, password)
        self._free = asyncio.Semaphore(settings.connections)
        self.abilities = Abilities(
            medium="email",
            contact_kinds=("email",),
            receipts=False,
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
        letter = write_letter(
            message,
            recipient=recipient,
            sender=(settings.sender_name, settings.sender_address),
            list_id=settings.list_id,
            written_at=datetime.now(UTC),
        )
        progress = _Progress()
        try:
            async with asyncio.timeout(settings.total_seconds), self._free:
                return await self._deliver(recipient, letter, progress)
        except _FAULTS as problem:
            return judge_fault(progress.stage, problem, self._password)

    async def _deliver(self, recipient: str, letter: bytes, progress: _Progress) -> Outcome:
        try:
            return await self._hand_over(recipient, letter, progress)
        except (aiosmtplib.SMTPServerDisconnected, ConnectionError):
            # A kept connection may have been closed by the server meanwhile; before the text nothing was sent.
            if not progress.stale or progress.stage is Stage.TEXT:
                raise
        progress.stage = Stage.CONNECT
        return await self._hand_over(recipient, letter, progress)

    async def _hand_over(self, recipient: str, letter: bytes, progress: _Progress) -> Outcome:
        async with self._lines.line() as line:
            progress.stale = line.used
            outcome = await self._say(line, recipient, letter, progress)
            if progress.stage is not Stage.TEXT:
                line.client.close()
            return outcome

    async def _say(self, line: Line, recipient: str, letter: bytes, progress: _Progress) -> Outcome:
        client = line.client
        progress.stage = Stage.SENDER
        await client.mail(self._settings.sender_address)
        progress.stage = Stage.RECIPIENT
        await client.rcpt(recipient)
        progress.stage = Stage.DATA
        code, words = await client.execute_command(b"DATA")
        if code != aiosmtplib.SMTPStatus.start_input or client.protocol is None:
            return judge_reply(Stage.DATA, code, words, self._password)
        progress.stage = Stage.TEXT
        client.protocol.write(letter.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        code, words = await client.protocol.read_response()
        return judge_reply(Stage.TEXT, code, words, self._password)

    def read_hook(self, request: HookRequest) -> HookReading:
        """A mail server posts nothing."""
        raise HookRefusedError("no hook")

    async def close(self) -> None:
        await self._lines.close()


def open_smtp(settings: ChannelSettings, secret: str, hook_url: str = "") -> SmtpChannel:
    """Open the channel; nothing is connected before the first mail."""
    return SmtpChannel(SmtpSettings.model_validate(settings), secret)
