"""HMAC-SHA256 where many short texts are marked by one key."""

import hashlib
from collections.abc import Callable

_BLOCK_BYTES = 64
"""Of SHA-256 (FIPS 180-4)."""


def hmac_sha256(key: bytes) -> Callable[[bytes], bytes]:
    """Gives the 32 bytes of HMAC-SHA256 of a text by this key.

    What depends on the key alone is hashed once and kept, as RFC 2104, 4 suggests: of a text as short as a reference it is half of the hashing,
    and most of the rest of `hmac.digest` is OpenSSL looking up what SHA-256 is.
    """
    block = (key if len(key) <= _BLOCK_BYTES else hashlib.sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(one ^ 0x36 for one in block)).copy
    outer = hashlib.sha256(bytes(one ^ 0x5C for one in block)).copy

    def digest(text: bytes) -> bytes:
        within, around = inner(), outer()
        within.update(text)
        around.update(within.digest())
        return around.digest()

    return digest
