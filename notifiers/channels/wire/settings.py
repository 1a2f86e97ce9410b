"""What the settings of gateways have in common, and the errors they are refused with."""

import ipaddress
import ssl
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from notifiers.channels.shape import ChannelSettings
from notifiers.channels.wire.addresses import is_address, is_public


def _check_certificate(pem: str) -> str:
    if pem:
        try:
            ssl.create_default_context(cadata=pem)
        except (ssl.SSLError, ValueError):
            raise PydanticCustomError("certificate_wrong", "not a certificate in PEM form") from None
    return pem


def _check_plain(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise PydanticCustomError("not_plain", "only printable ASCII characters")
    return text


def _check_network(network: str) -> str:
    try:
        ipaddress.ip_network(network)
    except ValueError:
        raise PydanticCustomError("network_wrong", "not an IP network such as 203.0.113.0/24") from None
    return network


Pem = Annotated[str, AfterValidator(_check_certificate)]
Plain = Annotated[str, AfterValidator(_check_plain)]
Network = Annotated[str, AfterValidator(_check_network)]


class ReachSettings(ChannelSettings):
    """How a gateway is reached over the network."""

    connect_seconds: float = Field(default=3, gt=0, le=30)
    total_seconds: float = Field(default=15, gt=0, le=60)
    allow_private_addresses: tuple[str, ...] = ()
    trusted_certificate: Pem = ""


class CallSettings(ReachSettings):
    """Settings of every gateway that is called over HTTP."""

    in_flight: int = Field(default=64, ge=1, le=1000)

    def urls(self) -> dict[str, str]:
        """Every address this gateway is called at, by the name of its setting."""
        return {}

    @model_validator(mode="after")
    def _check_urls(self) -> Self:
        for setting, url in self.urls().items():
            check_url(setting, url, self.allow_private_addresses)
        return self


class ProviderSettings(CallSettings):
    """Settings of a provider with a protocol of its own; `endpoint` is its public address unless a region's is set."""

    endpoint: Plain
    receipts: bool = True
    replies: bool = True

    def urls(self) -> dict[str, str]:
        return {"endpoint": self.endpoint}

    def secret_length_min(self) -> int:
        return 8


class UnsignedHookSettings(ProviderSettings):
    """A provider that does not sign what it posts: the hook's key keeps strangers out, and `hook_networks` narrows it further."""

    hook_networks: tuple[Network, ...] = ()


class Codes(ChannelSettings):
    """Which codes of an answer mean what; every other code is a refusal of this message or number."""

    accepted: tuple[str, ...] = ("accepted",)
    later: tuple[str, ...] = ("later",)
    unknown: tuple[str, ...] = ("unknown",)
    account: tuple[str, ...] = (
        "no_credit",
        "not_permitted",
        "signature_refused",
        "template_refused",
    )


class AnswerFields(ChannelSettings):
    """What the fields of an answer are called."""

    code: str = "code"
    id: str = "id"
    message: str = "message"
    retry_after: str = "retry_after"


class HttpSettings(CallSettings):
    """Settings of every gateway that takes JSON over HTTP by the generic protocol."""

    url: Plain
    auth: Literal["bearer", "hmac", "none"] = "bearer"
    fixed: dict[str, str | int | bool] = {}
    codes: Codes = Codes()
    receipts: bool = True
    replies: bool = True
    tells_repeats_apart: bool = False

    def urls(self) -> dict[str, str]:
        return {"url": self.url}

    def secret_length_min(self) -> int:
        """The secret lets us in and proves the gateway's own posts, so it must not be guessable."""
        return 16 if self.auth != "none" or self.receipts or self.replies else 0


def check_url(setting: str, url: str, allowed_hosts: tuple[str, ...]) -> None:
    """Raise a PydanticCustomError unless `url` is https to a public host, or its host is one of `allowed_hosts`."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.username is not None or parts.fragment:
        raise PydanticCustomError("url_wrong", "not an address that can be called", {"setting": setting})
    check_host(setting, host, allowed_hosts)
    if parts.scheme == "http" and host not in allowed_hosts:
        raise PydanticCustomError("not_encrypted", "has to be https", {"setting": setting})


def check_host(setting: str, host: str, allowed_hosts: tuple[str, ...]) -> None:
    """Raise a PydanticCustomError for an IP address that is not public and not one of `allowed_hosts`."""
    if is_address(host) and not is_public(host) and host not in allowed_hosts:
        raise PydanticCustomError("address_private", "a private address", {"setting": setting})
