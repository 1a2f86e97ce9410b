"""Who is at the other end: the connection's own address, or what a proxy of ours says of it."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

from aiohttp import web

from api.keys import CONTEXT

Network = IPv4Network | IPv6Network


IPV6_LINE_BITS = 64
"""The least that a line is given of IPv6 (RFC 6177): whoever has one may send from any of 2^64 addresses."""


def peer_of(request: web.Request) -> str:
    """Where the request came from, to be counted by; headers count only from TOCSIN_TRUSTED_PROXIES, since anybody can write them."""
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
    return one_line(peer_behind(request.remote or "", forwarded, request.app[CONTEXT].settings.proxy_networks))


def one_line(peer: str) -> str:
    """An address as what is counted of it: of IPv6 the network of the line, else the address itself. Pure."""
    if not _is_address(peer):
        return peer
    address = ip_address(peer)
    if isinstance(address, IPv4Address):
        return peer
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), IPV6_LINE_BITS), strict=False))


def peer_behind(remote: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Walk `forwarded` (X-Forwarded-For: client, proxy, …) from its end past our own proxies. Pure."""
    here = remote
    for word in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_in(here, trusted):
            break
        if not _is_address(word):
            break
        here = word
    return here


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True
