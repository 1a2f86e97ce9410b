"""A town to tell, for every test of notifiers."""

import asyncpg
import pytest

from tests.notifiers.town import Town


@pytest.fixture
def town(owner: asyncpg.Connection, community: int) -> Town:
    """The bare community, ready to be filled."""
    return Town(owner, community)
