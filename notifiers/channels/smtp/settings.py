"""The settings of an SMTP server."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from notifiers.channels.smtp.letters import plain_address
from notifiers.channels.wire.settings import Network, Plain, ReachSettings, check_host

_HOST = re.compile(r"[A-Za-z0-9.:-]+")


def _check_address(address: str) -> str:
    plain = plain_address(address)
    if plain is None or not plain.isascii():
        raise PydanticCustomError("address_wrong", "not a mail address of ASCII characters before its @")
    return plain


def _check_bounce(address: str) -> str:
    return _check_address(address) if address else address


def _check_name(name: str) -> str:
    if not name.isprintable():
        raise PydanticCustomError("not_printable", "no control characters or line breaks")
    return name


class SmtpSettings(ReachSettings):
    """Each setting is explained in docs/gateways/smtp.md."""

    host: Plain
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Plain | None = None
    sender_address: Annotated[str, AfterValidator(_check_address)]
    sender_name: Annotated[str, AfterValidator(_check_name)] = ""
    list_id: Plain = ""
    local_hostname: Plain = ""
    bounce_address: Annotated[str, AfterValidator(_check_bounce)] = ""
    receipts: bool = False
    hook_networks: tuple[Network, ...] = ()
    connections: int = Field(default=4, ge=1, le=100)
    messages_per_connection: int = Field(default=100, ge=1, le=10_000)
    idle_seconds: float = Field(default=30, ge=0, le=600)
    connect_seconds: float = Field(default=5, gt=0, le=30)

    @model_validator(mode="after")
    def _check_reach(self) -> Self:
        if not _HOST.fullmatch(self.host):
            raise PydanticCustomError("url_wrong", "not a host name or address", {"setting": "host"})
        check_host("host", self.host, self.allow_private_addresses)
        if self.security == "none" and self.host not in self.allow_private_addresses:
            raise PydanticCustomError("not_encrypted", "has to use TLS", {"setting": "security"})
        return self

    @property
    def domain(self) -> str:
        """The sender's domain: the right-hand side of Message-IDs."""
        return self.sender_address.rpartition("@")[2]

    def secret_length_min(self) -> int:
        """The secret is the password of `username`."""
        return 1 if self.username is not None else 0
