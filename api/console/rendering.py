"""A page as it was rendered for many: its parts, which of them changed since another rendering, and the text for one reader. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from html import escape

from api.console.onlooker import MARKS

PAST = 20
"""So many earlier renderings are remembered, by the digests of their parts."""
_PART = re.compile(r"(?=<[a-z]+\b[^>]*\sdata-part\b)")
_ID = re.compile(r'<[^>]*?\sid="([^"]+)"')
_OPENING = re.compile(r'<html\b([^>]*?) data-now="[^"]*"([^>]*)>')
_MOVES_BY_ITSELF = re.compile(
    r'(?<=<b data-left>)[^<]*|(?<=<span class="clock) late(?=" data-due)|(?<=<progress max="1000" value=")[^"]*|(data-age="[^"]*">)[^<]*'
)
"""What a page's own clock keeps right (api/console/static/clock.js): no change."""
_MARK = re.compile("(" + "|".join(map(re.escape, MARKS)) + ")")
Pieces = tuple[str, ...]
"""Text and marks by turns."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """`looked_at`: an instant (this process's monotonic clock) before anything was read; `now`: the story's time then.

    `attributes` are the page's own but for what changes with each answer. `parts` are the text from the beginning of each part to that of the next, by id; `lead` is what comes before the first. `past`: digests of
    parts of earlier renderings of the same page, by version.
    """

    version: str
    looked_at: float
    now: datetime
    attributes: str
    lead: Pieces
    parts: Mapping[str, Pieces]
    digests: Mapping[str, bytes]
    past: Mapping[str, Mapping[str, bytes]] = field(repr=False)

    def page(self, own: Mapping[str, str], at: float) -> str:
        """The whole page for a reader to whom the marks mean `own`, at an instant of the monotonic clock."""
        return "".join((self._opening(at), _filled(self.lead, own), *(_filled(one, own) for one in self.parts.values())))

    def changes(self, shown: str, own: Mapping[str, str], at: float) -> str | None:
        """The parts that differ from the version `shown`, within a page of nothing else; None where that is not remembered."""
        before = self.digests if shown == self.version else self.past.get(shown)
        if before is None:
            return None
        changed = (_filled(text, own) for name, text in self.parts.items() if self.digests[name] != before.get(name))
        return "".join((self._opening(at), "<body>", *changed))

    def _opening(self, at: float) -> str:
        now = datetime.fromtimestamp(self.now.timestamp() + at - self.looked_at, UTC).isoformat(timespec="milliseconds")
        return f'<!doctype html>\n<html{self.attributes} data-now="{now}" data-shown="{self.version}">'


def rendering_of(text: str, looked_at: float, now: datetime, before: Rendering | None) -> Rendering | None:
    """The page `text`, rendered after `before`; None for a page without parts."""
    opening = _OPENING.search(text)
    segments = _PART.split(text[opening.end() :]) if opening is not None else []
    if opening is None or len(segments) < 2:
        return None
    parts = {found[1]: segment for segment in segments[1:] if (found := _ID.match(segment)) is not None}
    digests = {name: _digest(segment) for name, segment in parts.items()}
    version = blake2b(b"".join(name.encode() + one for name, one in digests.items()), digest_size=8).hexdigest()
    past: dict[str, Mapping[str, bytes]] = {}
    if before is not None:
        past = {**before.past, before.version: before.digests}
        past = dict(list(past.items())[-PAST:])
    return Rendering(
        version, looked_at, now, opening[1] + opening[2], tuple(_MARK.split(segments[0])),
        {name: tuple(_MARK.split(segment)) for name, segment in parts.items()}, digests, past,
    )  # fmt: skip


def _digest(segment: str) -> bytes:
    return blake2b(_MOVES_BY_ITSELF.sub(r"\1", segment).encode(), digest_size=16).digest()


def _filled(pieces: Pieces, own: Mapping[str, str]) -> str:
    """Marks stand at every second place; one that means nothing to this reader is a KeyError."""
    return "".join(escape(own[piece]) if number % 2 else piece for number, piece in enumerate(pieces))
