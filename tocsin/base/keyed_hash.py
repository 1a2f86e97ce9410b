"""HMAC-SHA256 where many short texts are marked by one key."""

import hmac
from collections.abc import Callable


def hmac_sha256(key: bytes) -> Callable[[bytes], bytes]:
    """Gives the 32 bytes of HMAC-SHA256 of a text by this key.

    What depends on the key alone is hashed once and copied, as RFC 2104, 4 suggests: of a text as short as a reference it is half of the
    hashing, and most of the rest of `hmac.digest` is OpenSSL looking up what SHA-256 is.
    """
    copy = hmac.new(key, digestmod="sha256").copy

    def digest(text: bytes) -> bytes:
        one = copy()
        one.update(text)
        return one.digest()

    return digest
