"""How one event is bound to the one before it. Pure; docs/timeline.md lets anybody recompute it without us."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

GENESIS = bytes(32)
"""What stands before the first event."""
_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Link:
    """The parts of an event that its hash covers; instants in UTC, `body` as its exact text."""

    community_id: int
    incident_id: int
    no: int
    at: datetime
    happened_at: datetime
    kind: str
    cause: str
    body: str
    detail_hash: bytes | None


def canonical(value: Mapping[str, object]) -> str:
    """JSON with sorted keys, no spaces and no escapes of letters: the one text a body is written and hashed as."""
    return _write(value)


def link_hash(prev_hash: bytes, link: Link) -> bytes:
    """SHA-256 over the previous hash and the canonical header and body of this event."""
    header = orjson.dumps(  # the same text as `canonical` gives of numbers and names, at a tenth of the cost
        {
            "community": link.community_id,
            "incident": link.incident_id,
            "no": link.no,
            "at": _instant(link.at),
            "happened_at": _instant(link.happened_at),
            "kind": link.kind,
            "cause": link.cause,
            "detail": link.detail_hash.hex() if link.detail_hash else None,
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(prev_hash + header + b"\n" + link.body.encode()).digest()


def detail_hash(salt: bytes, detail: str) -> bytes:
    """SHA-256 over salt and detail: erasing both leaves the chain whole and nothing to guess from."""
    return hashlib.sha256(salt + detail.encode()).digest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
