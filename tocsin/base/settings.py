"""Settings from TOCSIN_… environment variables and an optional .env file, all checked at start."""

import re
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Self
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tocsin.base.errors import SettingsError

SECRET_KEY_LEAST = 32
"""Characters; 24 random bytes in base64, which is more than anybody can guess."""
_WEB_ADDRESS = re.compile(r"https?://[^/\s?#]+(/[^\s?#]*)?")
_LISTEN = re.compile(r"(?:(?P<host>[^\s:]*|\[[0-9a-fA-F:.]+\]):)?(?P<port>\d{1,5})")


class Settings(BaseSettings):
    """What an operator can set; each field is the environment variable TOCSIN_<NAME>. docs/operations.md lists them."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str | None = Field(default=None, repr=False)
    """PostgreSQL address; unset means embedded PostgreSQL under `data_dir`."""
    database_password_file: Path | None = None
    """A file that holds the password of the user in `database_url`, for container secrets."""
    data_dir: Path = Path(".tocsin")
    """Folder for embedded PostgreSQL, anchors of timelines and logs."""
    listen: str = "127.0.0.1:8080"
    """Address and port of the web server."""
    public_url: str = ""
    """Address under which phones reach the service; links in messages begin with it. Default: http://<listen>."""
    trusted_proxies: str = "127.0.0.0/8, ::1/128"
    """Networks of our own reverse proxies, whose X-Forwarded-For is believed."""
    secret_key: SecretStr | None = None
    """At least 32 characters; derives the keys of links, cookies and sealed secrets. Required outside the demo."""
    secret_key_file: Path | None = None
    """A file that holds the secret key, for container secrets."""
    secret_key_previous: SecretStr | None = None
    """The key before the last rotation: still read, never used to write."""
    secret_key_previous_file: Path | None = None
    """A file that holds the key before the last rotation."""
    log_json: bool = False
    """One JSON object per log line instead of text for people."""
    lease_seconds: int = Field(default=20, ge=2, le=600)
    """How long a claimed delivery may be on the wire before another worker may judge it lost."""
    heartbeat_url: SecretStr | None = None
    """Address of an outside watcher, which hears each minute that all is well, and nothing when it is not. Its path is often its secret."""
    heartbeat_allow_private: str = ""
    """Hosts of that address that may be private ones, separated by commas."""
    demo: bool = False
    """Set by `tocsin demo` only: shows the phones page and log-in links."""
    demo_catcher_url: str = ""
    """Set by `tocsin demo` only: where the phones page reads what was caught."""

    @field_validator("listen")
    @classmethod
    def _check_listen(cls, listen: str) -> str:
        found = _LISTEN.fullmatch(listen)
        if found is None or int(found["port"]) > 65_535:
            raise ValueError(f"{listen!r} is no address and port, such as 127.0.0.1:8080")
        return listen

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, address: str) -> str:
        if address and _WEB_ADDRESS.fullmatch(address) is None:
            raise ValueError(f"{address!r} is no web address, such as https://tocsin.example.com")
        return address.rstrip("/")

    @field_validator("heartbeat_url")
    @classmethod
    def _check_heartbeat_url(cls, address: SecretStr | None) -> SecretStr | None:
        if address is not None and re.fullmatch(r"https?://[^/\s#]+(/[^\s#]*)?", address.get_secret_value()) is None:
            raise ValueError("no web address, such as https://watcher.example.com/ping/…")
        return address

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, networks: str) -> str:
        _networks(networks)
        return networks

    @model_validator(mode="after")
    def _fill_public_url(self) -> Self:
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://{self.listen}")
        return self

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return _networks(self.trusted_proxies)

    @property
    def heartbeat_hosts(self) -> tuple[str, ...]:
        return tuple(host.strip() for host in self.heartbeat_allow_private.split(",") if host.strip())

    def database_address(self) -> str | None:
        """`database_url` with the password from its file; None for embedded PostgreSQL. Raises SettingsError."""
        if self.database_url is None or self.database_password_file is None:
            return self.database_url
        scheme, slashes, rest = self.database_url.partition("://")
        user, at, place = rest.partition("@")
        if not at or not user or ":" in user:
            reason = "TOCSIN_DATABASE_PASSWORD_FILE needs an address with a user and without a password: postgresql://user@host/database"
            raise SettingsError(name="TOCSIN_DATABASE_URL", reason=reason)
        password = _read_secret_file("TOCSIN_DATABASE_PASSWORD_FILE", self.database_password_file)
        return f"{scheme}{slashes}{user}:{quote(password, safe='')}@{place}"

    def require_secret_key(self) -> str:
        """The secret key; raises SettingsError when it is missing, given twice or shorter than 32 characters."""
        key = _one_of("TOCSIN_SECRET_KEY", self.secret_key, self.secret_key_file)
        if key is None:
            raise SettingsError(name="TOCSIN_SECRET_KEY", reason="missing")
        return key

    def previous_secret_key(self) -> str | None:
        """The key before the last rotation, or None; raises SettingsError when it is given twice or too short."""
        return _one_of("TOCSIN_SECRET_KEY_PREVIOUS", self.secret_key_previous, self.secret_key_previous_file)


@cache
def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks (or single addresses) separated by commas; ValueError naming the first that is none."""
    return tuple(ip_network(word.strip()) for word in text.split(",") if word.strip())


def _one_of(name: str, value: SecretStr | None, file: Path | None) -> str | None:
    """A key from its variable or from its file, never from both."""
    if value is not None and file is not None:
        raise SettingsError(name=name, reason=f"{name}_FILE is set as well; keep one of the two")
    if file is not None:
        key: str | None = _read_secret_file(f"{name}_FILE", file)
    else:
        key = value.get_secret_value().strip() if value is not None else None
    if key is not None and len(key) < SECRET_KEY_LEAST:
        raise SettingsError(name=name, reason=f"shorter than {SECRET_KEY_LEAST} characters")
    return key


def _read_secret_file(name: str, path: Path) -> str:
    """What the file holds, without the line's end that editors add."""
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(name=name, reason=f"{path}: {getattr(problem, 'strerror', None) or 'not text'}") from problem
    if not text:
        raise SettingsError(name=name, reason=f"{path}: empty")
    return text


def load_settings(**overrides: object) -> Settings:
    """Read and check all settings; raises SettingsError naming every variable that is wrong."""
    try:
        return Settings.model_validate({**Settings().model_dump(), **overrides}) if overrides else Settings()
    except ValidationError as problem:
        wrong = {f"TOCSIN_{str(error['loc'][0]).upper()}": error["msg"].removeprefix("Value error, ") for error in problem.errors()}
        raise SettingsError(name=", ".join(wrong), reason="; ".join(wrong.values())) from problem
