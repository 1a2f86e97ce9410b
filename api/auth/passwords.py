"""Passwords: argon2id in a thread, so that hashing never holds up an alert."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tocsin.base.errors import TocsinError

SHORTEST = 8
LONGEST = 256
_HASHER = PasswordHasher()
# Two at a time bound the memory (64 MiB each) that a burst of log-ins can take.
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_NOBODY = _HASHER.hash("nobody has this password")


class PasswordUnfitError(TocsinError):
    """values: shortest, longest."""

    code = "password_unfit"


async def hash_password(password: str) -> str:
    """The argon2id hash to store; raises PasswordUnfitError outside 8 to 256 characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordUnfitError(field="/password", shortest=SHORTEST, longest=LONGEST)
    return await _hash(password)


async def hash_pin(pin: str) -> str:
    """The same for a PIN, whose length is judged elsewhere."""
    return await _hash(pin)


async def _hash(secret: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, secret)


async def is_password(password: str, stored: str | None) -> bool:
    """Whether `password` belongs to the stored hash; takes as long when there is none."""
    matches = await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, stored or _NOBODY, password[:LONGEST])
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
