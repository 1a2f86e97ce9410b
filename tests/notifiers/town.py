"""A few people with ways to reach them, written straight into the tables by the owner: fast, and free of other packages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from notifiers.announcements import Announcement, Audience, Homes, People, Text, To
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings

SECRETS = Secrets("a key that only these tests use, long enough")
SETTINGS = Settings(public_url="http://10.0.0.7:8080", lease_seconds=4)
MOBILE = "+861380000{:04d}"
TEXTS = {
    "zh-CN": Text("elevator.engineers", {"place": "3栋2单元"}, "{name}: 3栋2单元1号梯困人。回复{code} 1 接单 {link}"),
    "en": Text("elevator.engineers", {"place": "3-2"}, "{name}: people in elevator 1 of 3-2. Answer {code} 1 {link}"),
}
DRILL_TEXTS = {
    "zh-CN": Text("drill", {}, "【演练】3栋2单元1号梯困人 {link}"),
    "en": Text("drill", {}, "[DRILL] people in elevator 1 {link}"),
}


@dataclass
class Town:
    """Writes people, homes, gateways and channels of one community as the owner."""

    owner: "asyncpg.Connection[asyncpg.Record]"
    community: int
    root: int = 0
    homes: list[int] = field(default_factory=list)

    async def person(self, *, kind: str = "staff", language: str = "zh-CN", name: str = "张伟") -> int:
        """A person without any contact point."""
        return await self._value(
            "INSERT INTO person (community_id, kind, name, language) VALUES ($1, $2, $3, $4) RETURNING id", kind, name, language
        )

    async def contact(
        self, person: int, address: str, *, kind: str = "mobile", rank: int = 0, quality: str = "good",
        consent: tuple[str, ...] = ("alert", "emergency", "notice"), proxy: str | None = None,
    ) -> int:  # fmt: skip
        """One address of a person; `proxy`: the name of the son whose it is."""
        return await self._value(
            "INSERT INTO contact_point (community_id, person_id, kind, address, rank, consent, quality, proxy_name, proxy_relation)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $8::text IS NOT NULL THEN 'son' END) RETURNING id",
            person, kind, address, rank, list(consent), quality, proxy,
        )  # fmt: skip

    async def engineer(self, number: int, *, language: str = "zh-CN", name: str = "张伟") -> int:
        """A member of staff with a mobile number."""
        person = await self.person(language=language, name=name)
        await self.contact(person, MOBILE.format(number))
        return person

    async def home(self, code: str) -> int:
        """A home in building 3 of the community (both are made when missing)."""
        if not self.root:
            self.root = await self._place("community", "0", None, None)
            self.building = await self._place("building", "3", self.root, "community")
        home = await self._place("home", code, self.building, "building")
        for depth, ancestor in enumerate((home, self.building, self.root)):
            await self.owner.execute(
                "INSERT INTO place_within (community_id, ancestor_id, place_id, depth) VALUES ($1, $2, $3, $4)",
                self.community, ancestor, home, depth,
            )  # fmt: skip
        self.homes.append(home)
        return home

    async def lives(self, person: int, home: int) -> None:
        """This person lives in this home."""
        await self.owner.execute(
            "INSERT INTO residence (community_id, person_id, home_id, role) VALUES ($1, $2, $3, 'owner')",
            self.community,
            person,
            home,
        )

    async def occupied_as(self, home: int, occupancy: str) -> None:
        """How a home is lived in: occupied, let, vacant, not_moved_in."""
        await self.owner.execute("UPDATE place SET occupancy = $2 WHERE id = $1", home, occupancy)

    async def gateway(
        self, kind: str, *, name: str = "", sink: bool = False, rate: float = 1000.0, burst: int = 1000,
        settings: Mapping[str, object] | None = None, secret: str = "a secret of sixteen",
    ) -> int:  # fmt: skip
        """A gateway's row; without settings nothing can be sent to it, for tests that end at the claim."""
        return int(
            await self.owner.fetchval(
                "INSERT INTO gateway (company_id, kind, name, settings, secret_sealed, hook_key, sink, rate_per_second, burst, created_at)"
                " SELECT company_id, $2, $3, $4, $5, 'hook-' || $3, $6, $7, $8, story_now() FROM community WHERE id = $1 RETURNING id",
                self.community, kind, name or kind, json.dumps(dict(settings or {})), SECRETS.seal(secret), sink, rate, burst,
            )
        )  # fmt: skip

    async def channel(self, gateway: int, kind: str, rank: int = 0) -> int:
        """A channel of this community through a gateway."""
        return await self._value(
            "INSERT INTO channel (community_id, gateway_id, kind, rank, sink) SELECT $1, id, $3, $4, sink FROM gateway WHERE id = $2"
            " RETURNING id",
            gateway, kind, rank,
        )  # fmt: skip

    async def sums_hold(self) -> bool:
        """Whether every message's counters are what its members say, place by place."""
        wrong = await self.owner.fetchval(
            "SELECT count(*) FROM message AS m CROSS JOIN LATERAL (SELECT count(*) AS size,"
            " count(*) FILTER (WHERE reach = 'confirmed') AS confirmed, count(*) FILTER (WHERE reach = 'handed_over') AS handed_over,"
            " count(*) FILTER (WHERE reach = 'trying') AS trying, count(*) FILTER (WHERE reach = 'unknown') AS unknown,"
            " count(*) FILTER (WHERE reach = 'unreachable') AS unreachable, count(*) FILTER (WHERE reach = 'opted_out') AS opted_out,"
            " count(*) FILTER (WHERE reach = 'excluded') AS excluded"
            " FROM audience_member AS a WHERE a.community_id = m.community_id AND a.message_id = m.id) AS c"
            " WHERE (m.size, m.confirmed, m.handed_over, m.trying, m.unknown, m.unreachable, m.opted_out, m.excluded)"
            " IS DISTINCT FROM"
            " (c.size, c.confirmed, c.handed_over, c.trying, c.unknown, c.unreachable, c.opted_out, c.excluded)"
        )
        return bool(wrong == 0)

    async def _place(self, kind: str, code: str, parent: int | None, parent_kind: str | None) -> int:
        return await self._value(
            "INSERT INTO place (community_id, kind, parent_id, parent_kind, code, names, label, rank)"
            " VALUES ($1, $2, $3, $4, $5, '{}', $5, 0) RETURNING id",
            kind, parent, parent_kind, code,
        )  # fmt: skip

    async def _value(self, statement: str, *values: object) -> int:
        return int(await self.owner.fetchval(statement, self.community, *values))


def alert(*person_ids: int, key: str = "call#1/1", subject: int = 41, **changes: object) -> Announcement:
    """An alert to these people that asks for an answer by code K7."""
    return announcement(People(person_ids), key=key, subject=subject, **changes)


def broadcast(*home_ids: int, key: str = "tell#1", subject: int = 41, **changes: object) -> Announcement:
    """News to whoever lives in these homes."""
    given: dict[str, object] = {
        "kind": "broadcast", "lane": "urgent", "audience_kind": "residents", "life_safety": False, "code": "", "link": "resident",
        **changes,
    }  # fmt: skip
    return announcement(Homes(home_ids), key=key, subject=subject, **given)


def announcement(audience: Audience, *, key: str, subject: int = 41, **changes: object) -> Announcement:
    """An announcement that is an alert in all that `changes` does not say."""
    given: dict[str, object] = {
        "kind": "alert", "lane": "alert", "means": "write", "audience_kind": "staff", "to": To(audience), "drill": False,
        "life_safety": True, "code": "K7", "link": "answer", "expires_seconds": 900.0, "texts": TEXTS, **changes,
    }  # fmt: skip
    return Announcement(subject=subject, effect_key=key, **given)  # type: ignore[arg-type]
