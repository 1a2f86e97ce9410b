"""Appends to the record. The incident's row is locked first, always; what one transaction adds is written as one statement."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from incidents.timeline.chain import Link, canonical, detail_hash, link_hash
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)

Cause = Literal["outside", "timer", "directory", "effect", "tally"]


@dataclass(frozen=True, slots=True)
class _Written:
    link: Link
    prev_hash: bytes
    hash: bytes
    salt: bytes | None
    detail: str | None


@dataclass
class Ledger:
    """The end of one incident's chain, held under the lock of its row, and what this transaction adds to it."""

    community_id: int
    incident_id: int
    head_no: int
    head_hash: bytes
    head_at: datetime
    _added: list[_Written] = field(default_factory=list)

    def append(
        self,
        now: datetime,
        kind: str,
        cause: Cause,
        body: Mapping[str, object],
        *,
        detail: Mapping[str, object] | None = None,
        happened_at: datetime | None = None,
    ) -> int:
        """Add one event; its number. Times never run backwards. `detail` holds names, numbers and free text, and can be erased."""
        at = max(now, self.head_at)
        salt = secrets.token_bytes(16) if detail else None
        detail_text = canonical(detail) if detail else None
        hashed = detail_hash(salt, detail_text) if salt is not None and detail_text is not None else None
        link = Link(self.community_id, self.incident_id, self.head_no + 1, at, happened_at or at, kind, cause, canonical(body), hashed)
        written = _Written(link, self.head_hash, link_hash(self.head_hash, link), salt, detail_text)
        self._added.append(written)
        self.head_no, self.head_hash, self.head_at = link.no, written.hash, at
        return link.no

    def take_added(self) -> list[_Written]:
        """What was added since the last time; it is the caller's to write."""
        added, self._added = self._added, []
        return added


async def flush(tx: Tx, ledgers: Sequence[Ledger]) -> None:
    """Write what was added to these ledgers of one community. The heads on the incidents' rows are the caller's to update."""
    added = [one for ledger in ledgers for one in ledger.take_added()]
    if not added:
        return
    links = [one.link for one in added]
    await tx.run(
        SQL.append_events, tx.community, [link.incident_id for link in links], [link.no for link in links],
        [link.at for link in links], [link.happened_at for link in links], [link.kind for link in links],
        [link.cause for link in links], [link.body for link in links], [link.detail_hash for link in links],
        [one.prev_hash for one in added], [one.hash for one in added], [one.salt for one in added], [one.detail for one in added],
    )  # fmt: skip
