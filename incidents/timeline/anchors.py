"""Writes the heads of all chains, signed, to a file outside the database, and reads them back.

One line a head: community, incident, number, head_no, head_hash, at, mark. The mark is keyed (Secrets.mark), so that whoever can
write the database cannot write a matching anchor. Copy the file elsewhere to be safe from whoever owns this machine.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from incidents.timeline.chain import canonical
from incidents.timeline.verify import Head
from tocsin.base.database import Database
from tocsin.base.queries import load_queries
from tocsin.base.secrets import Secrets

SQL = load_queries(__package__)
_PURPOSE = "anchor"


@dataclass(frozen=True, slots=True)
class Anchored:
    """What one pass wrote."""

    heads: int


def anchor_file(data_dir: Path) -> Path:
    """Where anchors are kept."""
    return data_dir / "anchors" / "heads.jsonl"


async def write_anchors(database: Database, secrets: Secrets, path: Path, community_ids: list[int], since: datetime | None) -> Anchored:
    """Append the heads that changed since `since` (story time, a minute of overlap; None: all)."""
    lines: list[str] = []
    for community_id in community_ids:
        async with database.community(community_id) as tx:
            after = datetime(1970, 1, 1, tzinfo=UTC) if since is None else since - timedelta(minutes=1)
            heads = await tx.rows(SQL.heads_changed_since, Head, community_id, after)
            lines.extend(_line(secrets, head, tx.now) for head in heads)
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(lines)
    return Anchored(len(lines))


def read_anchors(secrets: Secrets, path: Path) -> tuple[list[Head], int]:
    """All heads whose mark is ours, and how many lines were not readable as such."""
    heads: list[Head] = []
    refused = 0
    if not path.exists():
        return heads, refused
    for line in path.read_text("utf-8").splitlines():
        head = _parse(secrets, line)
        if head is None:
            refused += 1
        else:
            heads.append(head)
    return heads, refused


def _line(secrets: Secrets, head: Head, at: datetime) -> str:
    content = {
        "community": head.community_id,
        "incident": head.incident_id,
        "number": head.number,
        "head_no": head.head_no,
        "head_hash": head.head_hash.hex(),
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    return canonical({**content, "mark": secrets.mark(_PURPOSE, canonical(content))}) + "\n"


def _parse(secrets: Secrets, line: str) -> Head | None:
    try:
        content = json.loads(line)
        mark = content.pop("mark")
        if not secrets.is_marked(_PURPOSE, canonical(content), mark):
            return None
        return Head(content["community"], content["incident"], content["number"], content["head_no"], bytes.fromhex(content["head_hash"]))
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
