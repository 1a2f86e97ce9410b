"""Finds a changed byte, a removed row and a cut-off tail, and says where.

The chain alone proves that nothing in it was changed; that its tail was not cut off is proven by the heads that were
written outside the database (anchors.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from incidents.timeline.chain import GENESIS, Link, detail_hash, link_hash
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
PAGE = 5_000


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it lies in the database; salt and detail are None where there was none or it was erased."""

    no: int
    at: datetime
    happened_at: datetime
    kind: str
    cause: str
    body: str
    detail_hash: bytes | None
    prev_hash: bytes
    hash: bytes
    salt: bytes | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """Where an incident's chain ends, by its own row or by an anchor."""

    community_id: int
    incident_id: int
    number: int
    head_no: int
    head_hash: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and at which event."""

    what: Literal["changed", "missing", "order", "detail_changed", "head_differs", "cut_off", "anchor_differs"]
    no: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` is empty when the record holds. `erased` counts details that were erased by law."""

    community_id: int
    incident_id: int
    number: int
    events: int
    erased: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def check_chain(head: Head, events: Sequence[StoredEvent], anchors: Iterable[Head] = ()) -> Verdict:
    """Judge one incident's events (all of them, in order) against its own head and against anchors. Pure."""
    faults: list[Fault] = []
    previous_hash, previous_no, previous_at = GENESIS, 0, None
    erased = 0
    for event in events:
        if event.no != previous_no + 1:
            faults.append(Fault("missing", previous_no + 1))
        link = Link(
            head.community_id, head.incident_id, event.no, event.at, event.happened_at, event.kind, event.cause, event.body,
            event.detail_hash,
        )  # fmt: skip
        if event.prev_hash != previous_hash or link_hash(event.prev_hash, link) != event.hash:
            faults.append(Fault("changed", event.no))
        if previous_at is not None and event.at < previous_at:
            faults.append(Fault("order", event.no))
        if event.detail_hash is not None:
            if event.salt is None or event.detail is None:
                erased += 1
            elif detail_hash(event.salt, event.detail) != event.detail_hash:
                faults.append(Fault("detail_changed", event.no))
        previous_hash, previous_no, previous_at = event.hash, event.no, event.at
    if previous_no < head.head_no:
        faults.append(Fault("cut_off", previous_no + 1))
    elif (previous_no, previous_hash) != (head.head_no, head.head_hash):
        faults.append(Fault("head_differs", previous_no))
    hashes = {event.no: event.hash for event in events}
    faults.extend(_anchor_faults(hashes, previous_no, anchors))
    return Verdict(head.community_id, head.incident_id, head.number, len(events), erased, tuple(dict.fromkeys(faults)))


def _anchor_faults(hashes: dict[int, bytes], last_no: int, anchors: Iterable[Head]) -> list[Fault]:
    faults = []
    for anchor in anchors:
        if anchor.head_no > last_no:
            faults.append(Fault("cut_off", last_no + 1))
        elif hashes.get(anchor.head_no) != anchor.head_hash:
            faults.append(Fault("anchor_differs", anchor.head_no))
    return faults


async def verify(tx: Tx, incident_id: int | None, anchors: Sequence[Head] = ()) -> list[Verdict]:
    """Verify one incident of the transaction's community, or all of them (None). An anchored incident that is gone is cut off at 1."""
    verdicts = []
    found = await tx.rows(SQL.heads, Head, tx.community, incident_id)
    for head in found:
        events = await read_all(tx, head.incident_id)
        own = [anchor for anchor in anchors if (anchor.community_id, anchor.incident_id) == (tx.community, head.incident_id)]
        verdicts.append(check_chain(head, events, own))
    known = {head.incident_id for head in found}
    for anchor in anchors:
        gone = anchor.community_id == tx.community and anchor.incident_id not in known and incident_id in (None, anchor.incident_id)
        if gone:
            known.add(anchor.incident_id)
            verdicts.append(Verdict(tx.community, anchor.incident_id, anchor.number, 0, 0, (Fault("cut_off", 1),)))
    return verdicts


async def verify_changed_since(tx: Tx, since: datetime) -> list[Verdict]:
    """Verify those of the community's incidents that changed since `since` (story time), without anchors. One that grows at this very moment may
    look wrong: ask again before you believe it."""
    return [
        check_chain(head, await read_all(tx, head.incident_id))
        for head in await tx.rows(SQL.heads_changed_since, Head, tx.community, since)
    ]


async def read_all(tx: Tx, incident_id: int) -> list[StoredEvent]:
    """Every event of an incident, read page by page."""
    events: list[StoredEvent] = []
    while page := await tx.rows(SQL.events_of_incident, StoredEvent, tx.community, incident_id, len(events) and events[-1].no, PAGE):
        events.extend(page)
        if len(page) < PAGE:
            break
    return events
