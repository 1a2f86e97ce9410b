"""Links and references, derived and never stored: the same text can be sent again, and every address carries its community.

A reference is (community, message, delivery number) in base36, joined by "-". A batch of one message's deliveries has the lowest and the
highest number instead. A link's token is a reference and a 96-bit mark of it that only the secret key gives; each purpose has
its own marks.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from notifiers.errors import LinkRefusedError, ReferenceWrongError
from tocsin.base.secrets import Secrets

Purpose = Literal["a", "s", "c"]
"""'a': an alert's answer page. 's': a resident's page. 'c': a canary's."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_REFERENCE = re.compile(r"([0-9a-z]{1,13})-([0-9a-z]{1,13})-([0-9a-z]{1,13})")
_BATCH = re.compile(_REFERENCE.pattern + r"(?:-([0-9a-z]{1,13}))?")
_NUMBERS_MAX = 2**63
_TOKEN = re.compile(r"(([0-9a-z]{1,13})-([0-9a-z]{1,13})-([0-9a-z]{1,13}))-([a-z2-7]{20})")


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What a link leads to: one delivery (`no`) of one message of one community."""

    community_id: int
    message_id: int
    no: int


def base36(number: int) -> str:
    """A non-negative number in base36."""
    if number < 36:
        return _DIGITS[number]
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if number == 0:
            return digits


@lru_cache(maxsize=1024)
def _of_message(community_id: int, message_id: int) -> str:
    """What the references of all deliveries of a message begin with."""
    return f"{base36(community_id)}-{base36(message_id)}-"


def make_reference(community_id: int, message_id: int, no: int) -> str:
    """The idempotency key of a delivery, the same at every attempt."""
    return _of_message(community_id, message_id) + base36(no)


def read_reference(reference: str) -> LinkTarget:
    """The delivery a reference names; raises ReferenceWrongError when it is none of ours. Says nothing of its existence."""
    numbers = _numbers(_REFERENCE, reference)
    if numbers is None:
        raise ReferenceWrongError()
    return LinkTarget(*numbers)


def known_reference(text: str) -> str | None:
    """The reference in `text` as we write it; None where it is none of ours."""
    return None if _numbers(_REFERENCE, text) is None else text.strip().lower()


def _numbers(pattern: re.Pattern[str], text: str) -> list[int] | None:
    match = pattern.fullmatch(text.strip().lower())
    if match is None:
        return None
    numbers = [int(part, 36) for part in match.groups() if part is not None]
    return numbers if max(numbers) < _NUMBERS_MAX else None


@dataclass(frozen=True, slots=True)
class BatchTarget:
    """What a batch's reference names: the deliveries of one message from number `first` to `last`."""

    community_id: int
    message_id: int
    first: int
    last: int


def make_batch_reference(references: Iterable[str]) -> str:
    """One reference for several deliveries of one message. Raises ReferenceWrongError when they are not."""
    targets = [read_reference(one) for one in references]
    if len({(one.community_id, one.message_id) for one in targets}) != 1:
        raise ReferenceWrongError()
    numbers = [one.no for one in targets]
    return f"{make_reference(targets[0].community_id, targets[0].message_id, min(numbers))}-{base36(max(numbers))}"


def read_batch_reference(reference: str) -> BatchTarget:
    """What a batch's reference names; one delivery's own reference is a batch of one. Raises ReferenceWrongError."""
    numbers = _numbers(_BATCH, reference)
    if numbers is None:
        raise ReferenceWrongError()
    return BatchTarget(numbers[0], numbers[1], numbers[2], numbers[-1])


def covers(named: str, reference: str) -> bool:
    """Whether `named`, a reference or a batch's, means the delivery of `reference`. False for what is neither."""
    try:
        target, one = read_batch_reference(named), read_reference(reference)
    except ReferenceWrongError:
        return False
    return (target.community_id, target.message_id) == (one.community_id, one.message_id) and target.first <= one.no <= target.last


def make_link(secrets: Secrets, purpose: Purpose, community_id: int, message_id: int, no: int) -> str:
    """The token of a delivery's link; the address is `<public_url>/<purpose>/<token>`."""
    return make_link_of(secrets, purpose, make_reference(community_id, message_id, no))


def make_link_of(secrets: Secrets, purpose: Purpose, reference: str) -> str:
    """The same of a delivery whose reference was made."""
    return f"{reference}-{secrets.mark(purpose, reference)}"


def read_link(secrets: Secrets, purpose: Purpose, token: str) -> LinkTarget:
    """What the token leads to; raises LinkRefusedError when it was not made by us for this purpose. Expiry is the message's own."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise LinkRefusedError()
    reference, community_id, message_id, no, mark = match.groups()
    if not secrets.is_marked(purpose, reference, mark):
        raise LinkRefusedError()
    return LinkTarget(int(community_id, 36), int(message_id, 36), int(no, 36))
