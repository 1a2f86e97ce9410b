"""Settings from TOCSIN_… environment variables and an optional .env file, all checked at start."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tocsin.base.errors import SettingsError


class Settings(BaseSettings):
    """What an operator can set; each field is the environment variable TOCSIN_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", env_file=".env", extra="ignore", frozen=True)

    database_url: str | None = None
    """PostgreSQL address; unset means embedded PostgreSQL under `data_dir`."""
    data_dir: Path = Path(".tocsin")
    """Folder for embedded PostgreSQL, anchors of timelines and logs."""
    listen: str = "127.0.0.1:8080"
    """Address and port of the web server."""
    public_url: str = ""
    """Address under which phones reach the service; links in messages begin with it. Default: http://<listen>."""
    secret_key: SecretStr | None = None
    """At least 32 characters; derives the keys of links, cookies and sealed secrets. Required outside the demo."""
    secret_key_previous: SecretStr | None = None
    """The key before the last rotation: still read, never used to write."""
    secret_key_file: Path | None = None
    """A file that holds the secret key, for container secrets."""
    log_json: bool = False
    """One JSON object per log line instead of text for people."""
    lease_seconds: int = Field(default=20, ge=2, le=600)
    """How long a claimed delivery may be on the wire before another worker may judge it lost."""
    demo: bool = False
    """Set by `tocsin demo` only: shows the phones page and log-in links."""
    demo_catcher_url: str = ""
    """Set by `tocsin demo` only: where the phones page reads what was caught."""

    @model_validator(mode="after")
    def _fill_public_url(self) -> Self:
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://{self.listen}")
        return self

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0] or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    def require_secret_key(self) -> str:
        """The secret key; raises SettingsError when it is missing or shorter than 32 characters."""
        if self.secret_key is not None:
            key = self.secret_key.get_secret_value()
        elif self.secret_key_file is not None:
            key = self.secret_key_file.read_text().strip()
        else:
            raise SettingsError(name="TOCSIN_SECRET_KEY", reason="missing")
        if len(key) < 32:
            raise SettingsError(name="TOCSIN_SECRET_KEY", reason="shorter than 32 characters")
        return key


def load_settings(**overrides: object) -> Settings:
    """Read and check all settings; raises SettingsError naming every variable that is wrong."""
    try:
        return Settings.model_validate({**Settings().model_dump(), **overrides}) if overrides else Settings()
    except ValidationError as problem:
        names = ", ".join(f"TOCSIN_{str(error['loc'][0]).upper()}: {error['msg']}" for error in problem.errors())
        raise SettingsError(name=names, reason="invalid") from problem
