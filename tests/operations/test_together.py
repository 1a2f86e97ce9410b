"""What is asked at one moment is one transaction, and nobody who asks again on being answered waits for the one after the next."""

import asyncio
from collections.abc import Sequence

from tocsin.base.together import Together


async def test_who_asks_again_on_being_answered_is_in_the_very_next_transaction() -> None:
    transactions: list[list[str]] = []
    at_work, may_commit = asyncio.Event(), asyncio.Event()

    async def take(_: str, asked: Sequence[str]) -> list[None]:
        transactions.append(list(asked))
        at_work.set()
        await may_commit.wait()
        return [None] * len(asked)

    together = Together[str, str, None](take, 10)

    async def ask_twice() -> None:
        await together.ask("message", "first")
        await together.ask("message", "again")

    asking = asyncio.create_task(ask_twice())
    await at_work.wait()
    meanwhile = together.join("message", "meanwhile")
    may_commit.set()
    await asyncio.gather(asking, meanwhile)
    assert transactions == [["first"], ["meanwhile", "again"]]
