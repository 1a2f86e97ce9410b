"""Puts the parts together: settings become a running service, in named steps; shutting down is their mirror."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from tocsin.base.database import Database, connect
from tocsin.base.embedded import Embedded, start_embedded
from tocsin.base.errors import SettingsError
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is connected and ready to serve and work."""

    settings: Settings
    secrets: Secrets
    database: Database
    wakeups: Wakeups


def read_secrets(settings: Settings) -> Secrets:
    """The present secret key and its predecessor; raises SettingsError when there is none."""
    previous = settings.secret_key_previous.get_secret_value() if settings.secret_key_previous else None
    return Secrets(settings.require_secret_key(), previous)


@asynccontextmanager
async def owner_url(settings: Settings) -> AsyncGenerator[str]:
    """The database's address, with embedded PostgreSQL running for as long as the block when none is set."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    embedded: Embedded = start_embedded(settings.data_dir / "postgres")
    try:
        yield embedded.url
    finally:
        embedded.stop()


@asynccontextmanager
async def running_service(settings: Settings, *, connections: int = 16) -> AsyncGenerator[Service]:
    """Connect as the service's role; raises SettingsError when the key is missing or the database cannot be used."""
    secrets = read_secrets(settings)
    async with owner_url(settings) as url:
        try:
            database = await connect(url, size=connections)
        except asyncpg.InvalidParameterValueError as problem:
            raise SettingsError(name="TOCSIN_DATABASE_URL", reason="not migrated; run: tocsin migrate") from problem
        try:
            yield Service(settings, secrets, database, Wakeups(database))
        finally:
            await database.close()
