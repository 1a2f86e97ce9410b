"""How Twilio signs what it posts: HMAC-SHA1 over the public address and the sorted form, under the account's auth token. Pure.

Source: twilio.com, "Webhooks security"; its helper libraries take the address with and without the scheme's own port.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

HEADER = "X-Twilio-Signature"


def signature(token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """Base64 of the signature of a post of `form` to `url`; a value that a name has twice counts once."""
    text = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()).decode()


def is_genuine(token: str, url: str, form: Iterable[tuple[str, str]], given: str) -> bool:
    """Whether `given` is the signature of that post. Nothing is genuine without a token."""
    pairs = list(form)
    marks = [signature(token, one, pairs) for one in {url, *_with_and_without_port(url)}]
    found = [hmac.compare_digest(mark.encode(), given.encode("utf-8", "surrogateescape")) for mark in marks]
    return bool(token) and any(found)


def read_form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form as they came, blank ones too; none where it cannot be read."""
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=500)
    except ValueError:
        return []


def _with_and_without_port(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    own = 443 if parts.scheme == "https" else 80
    return parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{parts.port or own}").geturl()
