"""Databases that are filled once and cloned: what most stories begin with is not built again for each of them."""

from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from time import monotonic

import asyncpg

from tocsin.base.database import Database, connect
from tocsin.base.embedded import Embedded

Fill = Callable[[Database, int], Awaitable[object]]
"""Fills a bare community; what it gives back is what the fixture of this name gives to a test."""

_PRESENT_SECONDS = 15.0
"""A clone's work has waited no longer than this when its test begins: after a minute the service would call its worker late."""


async def add_bare_community(owner: "asyncpg.Connection[asyncpg.Record]") -> int:
    """A community of a company, without anything in it; its id."""
    company = await owner.fetchval("INSERT INTO company (name, created_at) VALUES ('Anju', story_now()) RETURNING id")
    return int(
        await owner.fetchval(
            "INSERT INTO community (company_id, names, zone, languages, default_language, desk_phone, created_at)"
            """ VALUES ($1, '{"zh-CN": "云栖花园", "en": "Cloud Garden"}', 'Asia/Shanghai', '{zh-CN,en}', 'zh-CN','"""
            "+8657188001234', story_now()) RETURNING id",
            company,
        )
    )


@dataclass
class Filled:
    """The templates of one test process: by the name of the fixture, the database to clone and what stands in it."""

    postgres: Embedded
    empty: str
    fills: Mapping[str, Fill]
    made: dict[str, tuple[str, int, object]] = field(default_factory=dict)
    present_at: dict[str, float] = field(default_factory=dict)

    async def template_of(self, name: str) -> str:
        """The name of the database to clone; filled at the first call. What it holds due became so just now, however old it is."""
        if name not in self.made:
            await self._fill(name)
        elif monotonic() - self.present_at[name] > _PRESENT_SECONDS:
            await self._bring_up(name)
        return self.made[name][0]

    async def _fill(self, name: str) -> None:
        database_name = f"tocsin_{name}"
        connection = await asyncpg.connect(self.postgres.url)
        await connection.execute(f"CREATE DATABASE {database_name} TEMPLATE {self.empty} STRATEGY file_copy")
        await connection.close()
        owner = await asyncpg.connect(self.postgres.address_of(database_name))
        community = await add_bare_community(owner)
        await owner.close()
        database = await connect(self.postgres.address_of(database_name))
        value = await self.fills[name](database, community)
        await database.close()
        self.made[name] = (database_name, community, value)
        self.present_at[name] = monotonic()

    async def _bring_up(self, name: str) -> None:
        owner = await asyncpg.connect(self.postgres.address_of(self.made[name][0]))
        await owner.execute("UPDATE work SET due_at = clock_timestamp() WHERE due_at < clock_timestamp()")
        await owner.close()
        self.present_at[name] = monotonic()

    def community_of(self, name: str) -> int:
        """The community in it."""
        return self.made[name][1]

    def value_of(self, name: str) -> object:
        """What the filling gave, as a copy that a test may change."""
        return deepcopy(self.made[name][2])
