"""Posts of providers that sign nothing: whom the hook's key let in, from the networks that the settings name, entry by entry."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import orjson

from notifiers.channels.shape import HookRefusedError, HookRequest
from notifiers.channels.wire.signatures import BODY_BYTES_MAX
from notifiers.channels.wire.words import harmless

Entry = Mapping[str, object]
Read = TypeVar("Read")
_ENTRIES_MAX = 1000
_CODE_OR_TIME = re.compile(r"[A-Za-z_.]{0,64}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\d{1,6}")


def check_peer(request: HookRequest, networks: Sequence[str]) -> None:
    """Raise HookRefusedError unless the post comes from one of the networks, where any are named, and is of a bearable size."""
    if len(request.body) > BODY_BYTES_MAX:
        raise HookRefusedError("too large")
    if networks and not any(_is_in(request.peer, network) for network in networks):
        raise HookRefusedError("not one of the provider's networks")


def _is_in(peer: str, network: str) -> bool:
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address in ipaddress.ip_network(network)


def entries_of(request: HookRequest) -> list[object]:
    """The entries of a JSON array, or the one object that was posted; one that is no entry where it is neither."""
    try:
        document: object = orjson.loads(request.body)
    except ValueError:
        return [None]
    if isinstance(document, dict):
        return [document]
    return document if isinstance(document, list) and len(document) <= _ENTRIES_MAX else [None]


def read_entries(entries: Sequence[object], read: Callable[[Entry], Read | None]) -> list[Read]:
    """What can be read; the rest is passed over."""
    found = [read(entry) for entry in entries if isinstance(entry, dict)]
    return [one for one in found if one is not None]


def text_of(entry: Entry, name: str) -> str:
    """A field as text; "" where it is absent or neither text nor a whole number."""
    value = entry.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def said_in(entry: Entry, *names: str) -> str:
    """These fields as they were said, to be kept as a record: of words the harmless part, of codes and times the plain text."""
    said = {}
    for name in names:
        text = text_of(entry, name)
        said[name] = harmless(text) if not _CODE_OR_TIME.fullmatch(text) else text
    return orjson.dumps(said).decode()


def same(secret: str, given: str) -> bool:
    """Whether `given` is the secret, without telling by the time it takes how much of it is."""
    return hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass"))


def digest(*parts: str) -> str:
    """Equal for equal parts: what a provider repeats."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
