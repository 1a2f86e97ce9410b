"""The shape that the migrations add up to, table by table, for reading: migrations/schema.sql.

`python -m tests.harness.schema` (or `make schema`) writes the file; tests/house/test_schema.py holds it to the migrations. It is what
pg_dump of the embedded PostgreSQL says, in an order that keeps what belongs to one table together; nothing is ever created from it.
"""

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

from tocsin.base.embedded import Embedded, start_embedded
from tocsin.base.migrations import FOLDER, migrate

FILE = FOLDER / "schema.sql"
HEAD = """\
-- The present shape, written by `make schema` from the migrations, for reading only. Why a column is there stands beside it in the migration.
"""

_ENTRY = re.compile(r"^-- Name: (?P<name>[^;]+); Type: (?P<type>[^;]+); Schema: .*$", re.MULTILINE)
_TABLE = re.compile(r"\b(?:TABLE|ON|ONLY)(?: ONLY)? public\.(\w+)")
_IDENTITY = re.compile(r"ALTER COLUMN (\w+) ADD GENERATED ALWAYS AS IDENTITY \(.*?START WITH (\d+).*?\);", re.DOTALL)
_READABLE = (
    (re.compile(r"\bpublic\."), ""),
    (re.compile(r"timestamp with time zone"), "timestamptz"),
    (re.compile(r"(?<=')::text\b(?!\[)"), ""),
)


def dump(embedded: Embedded, database: str) -> str:
    """The whole text of the file, for a migrated database of this server."""
    command = [str(Path(embedded.server.bin_path) / "pg_dump"), "--schema-only", "--no-owner", embedded.address_of(database)]
    return arranged(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def arranged(dumped: str) -> str:
    """pg_dump's entries by table: columns first, then keys, indexes, the wall and who may do what. Views and functions come last.

    Left out: versions, tokens, and what a partition has like its table.
    """
    pieces = _ENTRY.split(re.sub(r"^(\\(un)?restrict .*|SET .*)$", "", dumped, flags=re.MULTILINE))
    partitions = set(re.findall(r"ATTACH PARTITION public\.(\w+)", dumped))
    blocks: dict[str, list[str]] = {}
    for name, type_, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        text = "\n".join(line for line in body.strip().splitlines() if line.strip() and not line.startswith("--"))
        about = _TABLE.search(text)
        if type_ == "INDEX ATTACH" or (about is not None and about[1] in partitions):
            continue
        if type_ in ("VIEW", "FUNCTION") or about is None:
            blocks.setdefault(f"~ {name}", []).append(text)
        else:
            blocks.setdefault(about[1], []).append(_shaped(type_, text))
    return HEAD + "".join(f"\n{_readable(_with_identity(blocks[name]))}\n" for name in sorted(blocks))


def _shaped(type_: str, text: str) -> str:
    return text if type_ in ("TABLE", "SEQUENCE") else _one_line(text)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _with_identity(texts: list[str]) -> str:
    """One block, with each identity said beside its column."""
    block = "\n".join(text for text in texts if not _IDENTITY.search(text))
    for column, start in (found for text in texts for found in _IDENTITY.findall(text)):
        words = "GENERATED ALWAYS AS IDENTITY" + ("" if start == "1" else f" (START WITH {start})")
        block = re.sub(rf"^(    {column} bigint) NOT NULL", rf"\1 {words}", block, count=1, flags=re.MULTILINE)
    return block


def _readable(text: str) -> str:
    for pattern, instead in _READABLE:
        text = pattern.sub(instead, text)
    return text


def main() -> None:
    """Migrate a database of its own and write the file."""
    with tempfile.TemporaryDirectory(prefix="tocsin-schema-") as folder:
        Path(folder).chmod(0o755)
        embedded = start_embedded(Path(folder) / "data")
        try:
            asyncio.run(migrate(embedded.url))
            FILE.write_text(dump(embedded, "postgres"), "utf-8")
        finally:
            embedded.stop()


if __name__ == "__main__":
    main()
