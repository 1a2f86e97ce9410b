"""Which addresses a gateway may have: names are looked up once, judged, and exactly what was judged is connected to.

A gateway's settings are typed by a company's administrator; without this they would reach whatever the server can
reach: its own loopback, its neighbours, the cloud's metadata.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic

_LOOK_UP_SECONDS = 2.0
_STALE_SECONDS = 3600.0
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressForbiddenError(OSError):
    """The name leads to a private, loopback, link-local or otherwise special address."""


def is_public(address: str) -> bool:
    """Whether an IP address in text form belongs to a host anybody may call; False for what is no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return parsed.is_global and not parsed.is_multicast


def is_address(host: str) -> bool:
    """Whether `host` is an IP address and not a name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Found:
    """One address a name leads to; `family` is a socket family."""

    address: str
    family: int


@dataclass
class AddressBook:
    """Looks names up for one gateway, in threads of its own, so that a stalled name server holds up nobody else.

    `allowed_hosts` are the hosts (as written in the settings) that may be special addresses. When the name server
    fails, the last good answer of the past hour is used.
    """

    allowed_hosts: Collection[str]
    look_up_seconds: float = _LOOK_UP_SECONDS
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "look-up"))
    _known: dict[str, tuple[float, list[Found]]] = field(default_factory=dict)

    async def find(self, host: str, port: int) -> list[Found]:
        """Every address of `host` that may be connected to; raises AddressForbiddenError or OSError when there is none."""
        found = await self._look_up(host, port)
        if host in self.allowed_hosts:
            return found
        allowed = [one for one in found if is_public(one.address)]
        if not allowed:
            raise AddressForbiddenError("address not allowed")
        return allowed

    async def _look_up(self, host: str, port: int) -> list[Found]:
        if is_address(host):
            return [Found(host, socket.AF_INET6 if ":" in host else socket.AF_INET)]
        try:
            async with asyncio.timeout(self.look_up_seconds):
                rows = await asyncio.get_running_loop().run_in_executor(self._threads, _ask, host, port)
        except (OSError, TimeoutError, UnicodeError) as problem:
            at, known = self._known.get(host, (0.0, []))
            if known and monotonic() - at < _STALE_SECONDS:
                return known
            raise OSError("name not found") from problem
        self._known[host] = (monotonic(), rows)
        return rows

    def close(self) -> None:
        """End the threads without waiting for a stalled look-up."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask(host: str, port: int) -> list[Found]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [Found(str(row[4][0]), int(row[0])) for row in rows if row[0] in (socket.AF_INET, socket.AF_INET6)]
