"""A server that ends a connection in the middle of a transaction costs that transaction, and nothing else."""

import asyncpg
import pytest

from tocsin.base.database import CONNECTION_LOST, Database


async def test_a_transaction_whose_connection_is_ended_says_so_and_the_next_one_works(
    database: Database, community: int, owner: asyncpg.Connection
) -> None:
    with pytest.raises(CONNECTION_LOST):
        async with database.community(community) as tx:
            await owner.execute("SELECT pg_terminate_backend($1)", tx.connection.get_server_pid())
            while not tx.connection.is_closed():
                await tx.connection.execute("SELECT 1")
    async with database.community(community) as tx:
        assert await tx.connection.fetchval("SELECT 1") == 1


async def test_what_went_wrong_first_is_what_is_told_when_the_connection_was_given_back_meanwhile(
    database: Database, community: int, owner: asyncpg.Connection
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.community(community) as tx:
            await database.pool.release(tx.connection)
            raise ZeroDivisionError
