"""Writes the heads of all chains, signed, to a file outside the database, and reads them back.

One line a head: community, incident, number, head_no, head_hash, at, mark. The mark is keyed (Secrets.mark), so that whoever can
write the database cannot write a matching anchor. Copy the file elsewhere to be safe from whoever owns this machine.
"""

import fcntl
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
        with _alone(path), path.open("a", encoding="utf-8") as file:
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


def mark_anew(secrets: Secrets, path: Path) -> int:
    """Give every line that is ours the mark of the present key, so that it holds when the key before is forgotten; how many are ours.

    Lines that are not ours stay as they are. The file is replaced whole or not at all.
    """
    if not path.exists():
        return 0
    with _alone(path):
        lines = path.read_text("utf-8").splitlines()
        contents = [_content(secrets, line) for line in lines]
        draft = path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(
                f"{line}\n" if content is None else _marked(secrets, content) for line, content in zip(lines, contents, strict=True)
            )
        draft.replace(path)
    return sum(content is not None for content in contents)


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """While nobody else of this machine writes the file: several workers may share a data folder."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _line(secrets: Secrets, head: Head, at: datetime) -> str:
    content: dict[str, object] = {
        "community": head.community_id,
        "incident": head.incident_id,
        "number": head.number,
        "head_no": head.head_no,
        "head_hash": head.head_hash.hex(),
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    return _marked(secrets, content)


def _marked(secrets: Secrets, content: dict[str, object]) -> str:
    return canonical({**content, "mark": secrets.mark(_PURPOSE, canonical(content))}) + "\n"


def _content(secrets: Secrets, line: str) -> dict[str, Any] | None:
    """What a line says, without its mark; None unless the mark is ours."""
    try:
        content: dict[str, Any] = json.loads(line)
        mark = content.pop("mark")
        return content if secrets.is_marked(_PURPOSE, canonical(content), mark) else None
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def _parse(secrets: Secrets, line: str) -> Head | None:
    content = _content(secrets, line)
    if content is None:
        return None
    try:
        return Head(content["community"], content["incident"], content["number"], content["head_no"], bytes.fromhex(content["head_hash"]))
    except (ValueError, KeyError, TypeError):
        return None
