"""A handover: frozen when whoever goes signs it, complete when whoever comes has. Neither is changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from incidents.errors import HandoverOldError, HandoverSignedError, HandoverUnknownError, SameSignerError, SignerMissingError
from incidents.handover.snapshot import Handed, what_is_open
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups, lower

SQL = load_queries(__package__)
How = Literal["pin", "password", "session"]
WAITS = timedelta(hours=12)
"""So long a handover waits for whoever comes; then it is history that only one signed."""
LONGEST_NOTES = 2000
NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, and how they said who they are."""

    account_id: int | None
    name: str
    how: How


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A handover as it lies in the database."""

    id: int
    snapshot: dict[str, Any]
    notes: str
    device: str
    gone_name: str
    gone_account: int
    gone_how: How
    gone_at: datetime
    come_name: str | None
    come_account: int | None
    come_how: How | None
    come_at: datetime | None

    @property
    def handed(self) -> Handed:
        """What was open when whoever went signed."""
        return Handed.model_validate(self.snapshot)


async def hand_over(tx: Tx, wakeups: Wakeups, goes: Signer, comes: Signer | None, notes: str, device: str = "") -> int:
    """Freeze what is open and sign it; without `comes` it waits for them. Its id. Raises SameSignerError, SignerMissingError."""
    gone_account = _account(goes)
    if comes is not None and comes.account_id == gone_account:
        raise SameSignerError(field="/comes", value=comes.name)
    snapshot: Mapping[str, object] = (await what_is_open(tx)).model_dump(mode="json")
    handover_id: int = await tx.value(
        SQL.insert_handover, tx.community, snapshot, notes[:LONGEST_NOTES], device, goes.name, gone_account, goes.how, tx.now
    )
    if comes is not None:
        await sign_handover(tx, wakeups, handover_id, comes)
    lower(tx, "handovers", tx.now)
    wakeups.after_commit(tx, f"page:{tx.community}")
    return handover_id


async def sign_handover(tx: Tx, wakeups: Wakeups, handover_id: int, comes: Signer) -> None:
    """Whoever comes takes it over. Raises HandoverUnknownError, HandoverSignedError, HandoverOldError, SameSignerError, SignerMissingError."""
    row = await handover(tx, handover_id)
    if row.come_at is None and row.gone_at <= tx.now - WAITS:
        raise HandoverOldError(value=handover_id, hours=int(WAITS.total_seconds() // 3600))
    come_account = _account(comes)
    if come_account == row.gone_account:
        raise SameSignerError(field="/comes", value=comes.name)
    if not await tx.run(SQL.sign_handover, tx.community, handover_id, comes.name, come_account, comes.how, tx.now):
        raise HandoverSignedError(value=handover_id, name=(await handover(tx, handover_id)).come_name)
    wakeups.after_commit(tx, f"page:{tx.community}")


def _account(signer: Signer) -> int:
    """A token and a desk at which nobody is signed on are nobody; raises SignerMissingError."""
    if signer.account_id is None:
        raise SignerMissingError()
    return signer.account_id


async def handover(tx: Tx, handover_id: int) -> HandoverRow:
    """One of them; raises HandoverUnknownError."""
    found = await tx.maybe(SQL.one_handover, HandoverRow, tx.community, handover_id)
    if found is None:
        raise HandoverUnknownError(value=handover_id)
    return found


async def handovers(tx: Tx, *, before: int | None = None, limit: int = 20) -> list[HandoverRow]:
    """The newest first; `before` is the id of the last one seen."""
    return await tx.rows(SQL.handovers, HandoverRow, tx.community, NEWEST if before is None else before, limit)


async def waiting_handover(tx: Tx) -> HandoverRow | None:
    """The newest one, where whoever comes has not signed it yet and still may be expected to."""
    newest = await handovers(tx, limit=1)
    return newest[0] if newest and newest[0].come_at is None and newest[0].gone_at > tx.now - WAITS else None
