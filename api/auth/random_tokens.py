"""Opaque tokens: 256 random bits that are given out once and stored only as their sha256."""

import hashlib
import secrets


def new_token(prefix: str = "") -> str:
    """A fresh token; the prefix lets people and scanners see what they are looking at."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is stored of a token. Plain sha256 is enough, because the token is not guessable."""
    return hashlib.sha256(token.encode()).digest()
