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


@dataclass(frozen=True, slots=True)
class _Meant:
    receipt: ReceiptIn
    target: BatchTarget


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
        meant = await _meant(database, gateway_id, receipt, known)
        if isinstance(meant, _Meant) and meant.target.community_id in ours:
            by_community[meant.target.community_id].append(meant)
        else:
            word: Taken = "nonsense" if isinstance(meant, _Meant) else meant
            taken[word] += 1
            log.warning("receipt_of_nothing", gateway=gateway_id, reference=receipt.reference[:60], why=word)
    for community_id, some in sorted(by_community.items()):
        async with database.community(community_id) as tx:
            numbers = await _numbers(tx, gateway_id, some)
            named = [(one.target.message_id, no, one.receipt) for one, no in zip(some, numbers, strict=True) if no is not None]
            new = await receipts.record_all(tx, gateway_id, named) if named else 0
            wakeups.after_commit(tx, "receipts")
        taken.update({"new": new, "repeated": len(named) - new, "nonsense": len(some) - len(named)})
    return +taken


async def _meant(
    database: Database, gateway_id: int, receipt: ReceiptIn, known: dict[str, gateway_refs.Named]
) -> _Meant | Literal["nonsense", "ambiguous"]:
    reference = receipt.reference
    try:
        if not reference and receipt.gateway_ref:
            found = known.get(receipt.gateway_ref) or await gateway_refs.find_by_number(database, gateway_id, receipt.address)
            reference = "" if found is None else found.reference
        return _Meant(receipt, read_batch_reference(reference))
    except ReferenceWrongError:
        return "nonsense"
    except SeveralError:
        return "ambiguous"


async def _numbers(tx: Tx, gateway_id: int, meant: Sequence[_Meant]) -> list[int | None]:
    """Of each the delivery's number within its message; None where a batch has none to that number."""
    batches = [one for one in meant if one.target.first != one.target.last]
    found: dict[int, int] = {}
    if batches:
        rows = await tx.rows(
            SQL.deliveries_in_batches, InBatch, tx.community, gateway_id, [one.target.message_id for one in batches],
            [one.target.first for one in batches], [one.target.last for one in batches], [as_stored(one.receipt.address) for one in batches],
        )  # fmt: skip
        found = {id(batches[row.place - 1]): row.no for row in rows}
    return [one.target.first if one.target.first == one.target.last else found.get(id(one)) for one in meant]
