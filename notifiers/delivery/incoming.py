"""Takes what a gateway posted: each receipt is put to the delivery it means and kept for the chore; what means nothing is counted."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from notifiers.channels.shape import ReceiptIn
from notifiers.delivery import gateway_refs, receipts
from notifiers.delivery.gateway_refs import SQL, SeveralError, as_stored
from notifiers.errors import ReferenceWrongError
from notifiers.links import BatchTarget, read_batch_reference
from tocsin.base.database import Database, Tx
from tocsin.base.logs import logger
from tocsin.base.work import Wakeups

log = logger("hooks")
Taken = Literal["new", "repeated", "nonsense", "ambiguous"]
"""A receipt is new, said before, of nothing of ours, or of one of several messages nobody can tell apart."""


_Meant = tuple[ReceiptIn, BatchTarget]


@dataclass(frozen=True, slots=True)
class InBatch:
    """The delivery (`no`) that the batch at this place means."""

    place: int
    no: int


async def take_receipts(database: Database, wakeups: Wakeups, gateway_id: int, said: Sequence[ReceiptIn]) -> "Counter[Taken]":
    """Keep these receipts, a transaction for each community; how many were what."""
    taken: Counter[Taken] = Counter()
    async with database.floor() as tx:
        ours = set(await tx.column(SQL.communities_of_gateway, gateway_id))
    known = await gateway_refs.find_by_refs(
        database, gateway_id, [one.gateway_ref for one in said if not one.reference and one.gateway_ref]
    )
    by_community: dict[int, list[_Meant]] = defaultdict(list)
    for receipt in said:
        why: Taken = "nonsense"
        try:
            reference = receipt.reference or await _reference_of(database, gateway_id, receipt, known)
            target = read_batch_reference(reference)
            if target.community_id in ours:
                by_community[target.community_id].append((receipt, target))
                continue
        except SeveralError:
            why = "ambiguous"
        except ReferenceWrongError:
            pass
        taken[why] += 1
        log.warning("receipt_of_nothing", gateway=gateway_id, reference=receipt.reference[:60], why=why)
    for community_id, some in sorted(by_community.items()):
        async with database.community(community_id) as tx:
            numbers = await _numbers(tx, gateway_id, some)
            named = [(target.message_id, no, receipt) for (receipt, target), no in zip(some, numbers, strict=True) if no is not None]
            new = await receipts.record_all(tx, gateway_id, named) if named else 0
            wakeups.after_commit(tx, "receipts")
        taken.update({"new": new, "repeated": len(named) - new, "nonsense": len(some) - len(named)})
    return +taken


async def _reference_of(database: Database, gateway_id: int, receipt: ReceiptIn, known: dict[str, gateway_refs.Named]) -> str:
    """The message's own reference, where a gateway names its own id alone; "" where it means none of ours. Raises SeveralError."""
    if not receipt.gateway_ref:
        return ""
    found = known.get(receipt.gateway_ref) or await gateway_refs.find_by_number(database, gateway_id, receipt.address)
    return "" if found is None else found.reference


async def _numbers(tx: Tx, gateway_id: int, meant: Sequence[_Meant]) -> list[int | None]:
    """Of each the delivery's number within its message; None where a batch has none to that number."""
    batches = [(receipt, target) for receipt, target in meant if target.first != target.last]
    found: dict[int, int] = {}
    if batches:
        rows = await tx.rows(
            SQL.deliveries_in_batches, InBatch, tx.community, gateway_id, [target.message_id for _, target in batches],
            [target.first for _, target in batches], [target.last for _, target in batches],
            [as_stored(receipt.address) for receipt, _ in batches],
        )  # fmt: skip
        found = {id(batches[row.place - 1][0]): row.no for row in rows}
    return [target.first if target.first == target.last else found.get(id(receipt)) for receipt, target in meant]
