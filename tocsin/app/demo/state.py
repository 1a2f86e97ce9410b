"""What the demo remembers between two runs: its keys, its ports, and where its town is."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter

from tocsin.app.demo.town import Town


@dataclass(frozen=True, slots=True)
class DemoState:
    """`town` is None until it was built; `lived` once its history has happened. Ports 0: none taken yet."""

    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    gateway_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    http_port: int = 0
    smtp_port: int = 0
    town: Town | None = None
    lived: bool = False

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The state of an earlier run, or a new one with keys of its own."""
        path = folder / _NAME
        return TypeAdapter(cls).validate_json(path.read_bytes()) if path.exists() else cls()

    def with_ports(self, http_port: int, smtp_port: int) -> Self:
        """The same with the catchers' present ports."""
        return replace(self, http_port=http_port, smtp_port=smtp_port)

    def with_town(self, town: Town) -> Self:
        """The same with a town that was built."""
        return replace(self, town=town)

    def with_history(self) -> Self:
        """The same with a town that has a history."""
        return replace(self, lived=True)

    def write(self, folder: Path) -> None:
        """Keep it, readable by its owner only, whole or not at all."""
        path, draft = folder / _NAME, folder / f"{_NAME}.new"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file, indent=1)
        draft.replace(path)


_NAME = "demo.json"
