"""A town to tell, for every test of notifiers."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from notifiers.delivery.worker import Sender
from tests.notifiers.town import SECRETS, SETTINGS, Town
from tocsin.base.database import Database
from tocsin.base.work import Wakeups


@pytest.fixture
def town(owner: asyncpg.Connection, community: int) -> Town:
    """The bare community, ready to be filled."""
    return Town(owner, community)


@pytest.fixture
async def sender(database: Database) -> AsyncIterator[Sender]:
    """A sender, run by hand."""
    sender = Sender(database, SECRETS, Wakeups(database), SETTINGS)
    yield sender
    await sender.close()
