"""Opaque cursors of lists: where the last page ended."""

import base64
from collections.abc import Sequence

import orjson

from api.errors import CursorWrongError


def make_cursor(*position: int) -> str:
    """A cursor after this position."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def read_cursor(cursor: str, size: int) -> Sequence[int]:
    """The `size` numbers of a cursor of ours; raises CursorWrongError for anything else."""
    try:
        position = orjson.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except ValueError:
        raise CursorWrongError(field="?after", value=cursor[:60]) from None
    fits = isinstance(position, list) and len(position) == size
    if not fits or not all(type(part) is int and 0 <= part < 2**63 for part in position):
        raise CursorWrongError(field="?after", value=cursor[:60])
    numbers: Sequence[int] = position
    return numbers
