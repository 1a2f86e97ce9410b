"""The address that Apprise is given: built here from a service and its tokens, never taken from anybody. Pure.

Apprise reads files, follows redirects, drops checks of certificates and calls any host when an address asks for it. So there is no
query, no user, no separator between two addresses, and no host in what is built.
"""

import re
from collections.abc import Mapping

from notifiers.channels.apprise.settings import Service

_TOKENS: Mapping[Service, re.Pattern[str]] = {
    "discord": re.compile(r"[0-9]{15,22}/[A-Za-z0-9_-]{40,100}", re.ASCII),
    "slack": re.compile(r"T[A-Z0-9]{6,14}/[AB][A-Z0-9]{6,14}/[A-Za-z0-9]{20,40}", re.ASCII),
    "tgram": re.compile(r"[0-9]{6,12}:[A-Za-z0-9_-]{30,50}/-?[0-9]{5,16}", re.ASCII),
}


def apprise_address(service: Service, secret: str) -> str | None:
    """The address for Apprise; None unless `secret` is exactly the service's tokens with slashes between."""
    return f"{service}://{secret}/" if _TOKENS[service].fullmatch(secret) else None
