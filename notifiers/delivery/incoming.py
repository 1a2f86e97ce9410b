"""Takes what a gateway posted: each receipt is put to the delivery it means and kept for the chore; what means nothing is counted."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from notifiers.channels.shape import ReceiptIn
from notifiers.delivery import gateway_refs, receipts
from notifiers.delivery.gateway_refs import SQL, SeveralError, as_stored
from notifiers.errors import ReferenceWrongError
from notifiers.links import BatchTarget, make_reference, read_batch_reference
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


async def take_receipts(database: Database, wakeups: Wakeups, gateway_id: int, said: Sequence[ReceiptIn]) -> "Counter[Taken]":
    """Keep these receipts, a transaction for each community; how many were what."""
    taken: Counter[Taken] = Counter()
    async with database.floor() as tx:
        ours = set(await tx.column(SQL.communities_of_gateway, gateway_id))
    by_community: dict[int, list[_Meant]] = defaultdict(list)
    for receipt in said:
        meant = await _meant(database, gateway_id, receipt)
        if isinstance(meant, _Meant) and meant.target.community_id in ours:
            by_community[meant.target.community_id].append(meant)
        else:
            word: Taken = "nonsense" if isinstance(meant, _Meant) else meant
            taken[word] += 1
            log.warning("receipt_of_nothing", gateway=gateway_id, reference=receipt.reference[:60], why=word)
    for community_id, some in sorted(by_community.items()):
        async with database.community(community_id) as tx:
            for meant in some:
                taken[await _keep(tx, gateway_id, meant)] += 1
            wakeups.after_commit(tx, "receipts")
    return taken


async def _meant(database: Database, gateway_id: int, receipt: ReceiptIn) -> _Meant | Literal["nonsense", "ambiguous"]:
    reference = receipt.reference
    try:
        if not reference and receipt.gateway_ref:
            found = await gateway_refs.find_delivery(
                database, gateway_id, gateway_ref=receipt.gateway_ref, address=receipt.address
            )  # fmt: skip
            reference = "" if found is None else found.reference
        return _Meant(receipt, read_batch_reference(reference))
    except ReferenceWrongError:
        return "nonsense"
    except SeveralError:
        return "ambiguous"


async def _keep(tx: Tx, gateway_id: int, meant: _Meant) -> Taken:
    target = meant.target
    no: int | None = target.first
    if target.first != target.last:
        no = await tx.value(
            SQL.delivery_in_batch, tx.community, gateway_id, target.message_id, target.first, target.last, as_stored(meant.receipt.address)
        )  # fmt: skip
    if no is None:
        return "nonsense"
    reference = make_reference(target.community_id, target.message_id, no)
    return "new" if await receipts.record(tx, gateway_id, replace(meant.receipt, reference=reference)) else "repeated"
