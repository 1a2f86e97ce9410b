"""What WeCom posts: signed by SHA-1 over a token, encrypted by AES-256-CBC. Pure.

Source: developer.work.weixin.qq.com, callbacks, "加解密方案说明".
"""

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from notifiers.channels.shape import HookRefusedError

_RANDOM_BYTES = 16
_LENGTH_BYTES = 4
_PAD_MAX = 32


def callback_signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Lower-case hex SHA-1 over the four, sorted and joined."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode("utf-8", "surrogatepass")).hexdigest()


def check_callback(token: str, query: dict[str, str], encrypted: str) -> None:
    """Raise HookRefusedError unless `msg_signature` of the query fits; without a token nothing does."""
    expected = callback_signature(token, query.get("timestamp", ""), query.get("nonce", ""), encrypted)
    given = query.get("msg_signature", "")
    if not token or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
        raise HookRefusedError("signature missing or wrong")


def decrypt(aes_key: str, encrypted: str, corp_id: str) -> bytes:
    """The message in `encrypted` (base64); raises HookRefusedError where key, form or corporation do not fit.

    Inside: 16 random bytes, the length as 4 bytes big-endian, the message, the corporation's id, padded to 32 bytes.
    """
    try:
        key = base64.b64decode(f"{aes_key}=", validate=True)
        sealed = base64.b64decode(encrypted, validate=True)
        opener = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
        plain = opener.update(sealed) + opener.finalize()
    except (ValueError, binascii.Error):
        raise HookRefusedError("not encrypted as agreed") from None
    pad = plain[-1] if plain else 0
    plain = plain[:-pad] if 1 <= pad <= _PAD_MAX else b""
    start = _RANDOM_BYTES + _LENGTH_BYTES
    end = start + int.from_bytes(plain[_RANDOM_BYTES:start])
    if len(plain) < start or plain[end:] != corp_id.encode():
        raise HookRefusedError("not encrypted as agreed")
    return plain[start:end]
