"""Ports of loopback: the one that was asked for, or the next that is free."""

import socket
from contextlib import closing

MOST_TRIES = 100


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def next_free_port(host: str, port: int) -> int:
    """`port`, or the first free one after it; OSError when a hundred in a row are taken."""
    for candidate in range(port, min(port + MOST_TRIES, 65_536)):
        if is_free(host, candidate):
            return candidate
    raise OSError(f"no free port from {port} on")
