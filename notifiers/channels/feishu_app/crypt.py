"""What Feishu posts: signed by SHA-256 with the Encrypt Key, and encrypted by AES-256-CBC under it. Pure.

Source: open.feishu.cn, "receive events": the key is the SHA-256 of the Encrypt Key, the first 16 bytes are the vector, padded by PKCS#7.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from notifiers.channels.shape import HookRefusedError

_VECTOR_BYTES = 16


def callback_signature(encrypt_key: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Lower-case hex SHA-256 over time, nonce, key and the body as it came."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode("utf-8", "surrogatepass") + body).hexdigest()


def check_callback(encrypt_key: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raise HookRefusedError unless `X-Lark-Signature` fits; `headers` have lower-case names."""
    timestamp, nonce = headers.get("x-lark-request-timestamp", ""), headers.get("x-lark-request-nonce", "")
    expected = callback_signature(encrypt_key, timestamp, nonce, body)
    if not hmac.compare_digest(expected.encode(), headers.get("x-lark-signature", "").encode("utf-8", "surrogatepass")):
        raise HookRefusedError("signature missing or wrong")


def decrypt(encrypt_key: str, encrypted: str) -> bytes:
    """What is in `encrypted` (base64); raises HookRefusedError where key or form do not fit."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
        opener = Cipher(algorithms.AES256(hashlib.sha256(encrypt_key.encode()).digest()), modes.CBC(sealed[:_VECTOR_BYTES])).decryptor()
        padded = opener.update(sealed[_VECTOR_BYTES:]) + opener.finalize()
        remover = PKCS7(algorithms.AES256.block_size).unpadder()
        return remover.update(padded) + remover.finalize()
    except (ValueError, binascii.Error):
        raise HookRefusedError("not encrypted as agreed") from None
