"""What was done about desk devices, staff numbers and PINs, and who signed on where. Only ever added to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

What = Literal["enrolled", "renamed", "withdrawn", "numbered", "pin_set", "pin_cleared", "signed_on", "pin_refused"]


@dataclass(frozen=True, slots=True)
class Noted:
    """One line to write. `account_id`: whose number or PIN; `by`: who did it; `words`: the name or number that was given or tried."""

    what: What
    device_id: int | None = None
    account_id: int | None = None
    by: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line as it is read, with the names of today."""

    at: datetime
    what: What
    device: str | None
    account: str | None
    by_name: str
    words: str


async def note(tx: Tx, noted: Noted) -> None:
    """Write a line in the community of the transaction."""
    await tx.run(
        SQL.insert_desk_log, tx.community, tx.now, noted.what, noted.device_id, noted.account_id, noted.by[:200], noted.words[:80]
    )  # fmt: skip


async def last_lines(tx: Tx, most: int) -> list[LogRow]:
    """The newest lines, the newest first."""
    return await tx.rows(SQL.last_of_desk_log, LogRow, tx.community, most)
