"""What a mail carries so that a report about it can be believed: our reference and a mark that only this gateway can have made. Pure.

The tag stands in the Message-ID, in the envelope's id (RFC 3461, ENVID) and, where there is an address for bounces, behind its plus sign.
Whoever can read none of our mails can make no tag; who got one can only speak of that mail.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

from notifiers.channels.wire.unsigned import same
from notifiers.links import known_reference

_MARK_BYTES = 10
_TAG = re.compile(r"([0-9a-z]{1,13}-[0-9a-z]{1,13}-[0-9a-z]{1,13})\.([a-z2-7]{16})", re.IGNORECASE)
_LOCAL_MAX = 64
"""Octets of an address before its "@" (RFC 5321, 4.5.3.1.1)."""


@dataclass(frozen=True, slots=True)
class Tags:
    """Makes and reads the tags of one gateway. `key` is the unguessable part of its hooks' address; without it there are no tags."""

    key: str = field(repr=False)

    def make(self, reference: str) -> str:
        """The tag of a reference; the bare reference where there is no key."""
        return f"{reference}.{self._mark(reference)}" if self.key else reference

    def read(self, text: str) -> str | None:
        """The reference of the tag in `text`; None where there is none of ours in it. Mail servers may change the case."""
        found = _TAG.search(text) if self.key else None
        reference = None if found is None else known_reference(found.group(1))
        if found is None or reference is None or not same(self._mark(reference), found.group(2).lower()):
            return None
        return reference

    def _mark(self, reference: str) -> str:
        mark = hmac.new(self.key.encode(), f"mail\n{reference}".encode(), hashlib.sha256).digest()[:_MARK_BYTES]
        return base64.b32encode(mark).decode().lower()


def return_path(bounce_address: str, tag: str) -> str:
    """The address that a bounce of the mail with this tag comes to; the plain one where the tagged one would be too long."""
    local, _, domain = bounce_address.rpartition("@")
    tagged = f"{local}+{tag}"
    return f"{tagged}@{domain}" if len(tagged) <= _LOCAL_MAX else bounce_address
