"""Keys derived from the one secret key: sealing of stored secrets, and the marks of links. Each purpose has its own key."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from tocsin.base.errors import TocsinError
from tocsin.base.keyed_hash import hmac_sha256


class UnsealError(TocsinError):
    """A stored secret was sealed with a key that is no longer known."""

    code = "unseal"


@lru_cache(maxsize=256)
def derive(secret_key: str, purpose: str) -> bytes:
    """32 bytes that only this secret key and purpose give (HMAC-SHA256)."""
    return hmac.new(secret_key.encode(), f"tocsin/{purpose}".encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Secrets:
    """The present secret key and, while it is being rotated, its predecessor."""

    key: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)

    def seal(self, plain: str) -> str:
        """Encrypt a gateway's secret for storage."""
        return self._fernet().encrypt(plain.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """What was sealed by this key or its predecessor; raises UnsealError otherwise."""
        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken as problem:
            raise UnsealError() from problem

    def mark(self, purpose: str, text: str) -> str:
        """A 96-bit mark of `text` in base32 (20 lower-case characters), for links that nothing is stored of."""
        return _mark(self.key, purpose, text)

    def is_marked(self, purpose: str, text: str, mark: str) -> bool:
        """Whether `mark` is that of `text`, by this key or its predecessor; in constant time."""
        matches = [hmac.compare_digest(_mark(key, purpose, text), mark) for key in self._keys()]
        return any(matches)

    def digest(self, purpose: str, text: str) -> bytes:
        """A keyed hash for look-ups of what must not be readable in a table (telephone numbers)."""
        return _digest(self.key, purpose, text)

    def digests(self, purpose: str, text: str) -> list[bytes]:
        """What `digest` gives by this key and what it gave by its predecessor: to find what was noted before the key was replaced."""
        return [_digest(key, purpose, text) for key in self._keys()]

    def _keys(self) -> list[str]:
        return [self.key] if self.previous is None else [self.key, self.previous]

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(base64.urlsafe_b64encode(derive(key, "seal"))) for key in self._keys()])


def _digest(key: str, purpose: str, text: str) -> bytes:
    return _keyed(key, purpose)(text.encode())


@lru_cache(maxsize=256)
def _keyed(secret_key: str, purpose: str) -> Callable[[bytes], bytes]:
    """HMAC-SHA256 by the key of this purpose."""
    return hmac_sha256(derive(secret_key, purpose))


_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]


def _mark(key: str, purpose: str, text: str) -> str:
    # Base32 (RFC 4648) of 96 bits, ten bits at a time: a broadcast needs one for each message.
    bits = int.from_bytes(_keyed(key, f"mark/{purpose}")(text.encode())[:12], "big") << 4
    high, low, pair = bits >> 50, bits & (1 << 50) - 1, _PAIRS
    return (
        f"{pair[high >> 40]}{pair[high >> 30 & 1023]}{pair[high >> 20 & 1023]}{pair[high >> 10 & 1023]}{pair[high & 1023]}"
        f"{pair[low >> 40]}{pair[low >> 30 & 1023]}{pair[low >> 20 & 1023]}{pair[low >> 10 & 1023]}{pair[low & 1023]}"
    )
