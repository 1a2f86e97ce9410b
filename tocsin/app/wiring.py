"""Puts the parts together: settings become a running service, in named steps; shutting down is their mirror."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from people.sending.identity import recognise
from tocsin.base.database import SERVICE_ROLE, Database, connect
from tocsin.base.database_errors import NotMigratedError, explained
from tocsin.base.logs import logger
from tocsin.base.migrations import missing_migrations
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

log = logger("wiring")


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is connected and ready to serve and work."""

    settings: Settings
    secrets: Secrets
    database: Database
    wakeups: Wakeups


def read_secrets(settings: Settings) -> Secrets:
    """The present secret key and its predecessor; raises SettingsError when there is none."""
    return Secrets(settings.require_secret_key(), settings.previous_secret_key())


@asynccontextmanager
async def owner_url(settings: Settings) -> AsyncGenerator[str]:
    """The database's address, with embedded PostgreSQL running for as long as the block when none is set."""
    address = settings.database_address()
    if address is not None:
        yield address
        return
    from tocsin.base.embedded import start_embedded  # what a process with a database of its own never needs

    embedded = start_embedded(settings.data_dir / "postgres")
    try:
        yield embedded.url
    finally:
        embedded.stop()


@asynccontextmanager
async def running_service(settings: Settings, *, connections: int = 16) -> AsyncGenerator[Service]:
    """Connect as the service's role to a database whose schema is this version's.

    Raises SettingsError when the key is missing, or an error of tocsin.base.database_errors. On a restored copy all sending is held.
    """
    secrets = read_secrets(settings)
    async with owner_url(settings) as url:
        database = await connect(url, size=connections)
        try:
            with explained(url, role=SERVICE_ROLE):
                await _look_at_database(database)
            yield Service(settings, secrets, database, Wakeups(database))
        finally:
            await database.close()


async def _look_at_database(database: Database) -> None:
    async with database.floor() as tx:
        if missing := await missing_migrations(tx):
            raise NotMigratedError(missing=", ".join(missing))
        held = await recognise(tx)
    if held:
        log.error("restored_copy_does_not_send", communities=held, allow="tocsin sending allow")
