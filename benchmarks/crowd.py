"""Communities with as many residents as a benchmark wants, a gateway for them, and broadcasts to all of them."""

from dataclasses import dataclass
from time import monotonic

import asyncpg

from benchmarks.bare_gateway import BareGateway
from notifiers.announcements import Announcement, ResidentsOf, Text, To, announce
from notifiers.announcements.model import DeliveryLane
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway
from people.communities import NewCommunity, add_community, add_company
from people.places import NewPlace, add_place
from tests.harness.processes import SECRET_KEY
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.work import Wakeups

GATEWAY_SECRET = "a secret of sixteen"
RESIDENT_NUMBERS = "+8613"
"""How the number of every resident begins."""
PEOPLE_A_HOME = 2
TEXT = "云栖花园因配电房抢修，3栋、5栋今晚停电，预计23:30前恢复。请勿乘坐电梯，注意用火用电安全。详情：{link}"
UNBOUNDED = 100_000
"""A rate that no benchmark reaches: where the gateway's contract is not what is measured."""

_SETTLE = """
WITH home AS (
    INSERT INTO place (community_id, kind, parent_id, parent_kind, code, names, label, rank)
    SELECT $1::bigint, 'home', $2::bigint, 'community', 'H' || n, '{"zh-CN": "房", "en": "Home"}', n::text, n FROM generate_series(1, ($3::int + $4::int - 1) / $4::int) AS n
    RETURNING id, rank
), within AS (
    INSERT INTO place_within (community_id, ancestor_id, place_id, depth)
    SELECT $1::bigint, h.id, h.id, 0 FROM home AS h UNION ALL SELECT $1::bigint, $2::bigint, h.id, 1 FROM home AS h
), person AS (
    INSERT INTO person (community_id, kind, name, language)
    SELECT $1::bigint, 'resident', '住户' || n, 'zh-CN' FROM generate_series(1, $3::int) AS n RETURNING id, substr(name, 3)::int AS n
), point AS (
    INSERT INTO contact_point (community_id, person_id, kind, address, consent, quality)
    SELECT $1::bigint, p.id, 'mobile', '+8613' || lpad(p.n::text, 9, '0'), '{alert,emergency,notice}', 'good' FROM person AS p
)
INSERT INTO residence (community_id, person_id, home_id, role)
SELECT $1::bigint, p.id, h.id, 'owner' FROM person AS p JOIN home AS h ON h.rank = (p.n - 1) / $4::int + 1
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A community with residents who all have a telephone; `root` is the place that holds them all."""

    company: int
    community: int
    root: int
    people: int


@dataclass(frozen=True, slots=True)
class Line:
    """How the gateway is used: one request a message (`batch` 1) or so many a call; `in_flight` requests at once."""

    batch: int = 1
    in_flight: int = 64
    rate_per_second: float = UNBOUNDED
    burst: int = UNBOUNDED


async def add_bench_company(database: Database) -> int:
    """A company for the benchmark's communities."""
    async with database.floor() as tx:
        return await add_company(tx, "Anju")


async def connect_gateway(database: Database, company: int, gateway: BareGateway, line: Line) -> int:
    """The bare gateway as one of the company's, used so; its id."""
    settings: dict[str, object] = {
        "url": gateway.url, "allow_private_addresses": ["127.0.0.1"], "auth": "hmac", "in_flight": line.in_flight, "receipts": False,
        "replies": False, "tells_repeats_apart": True,
    }  # fmt: skip
    if line.batch > 1:
        settings |= {"batch_url": gateway.batch_url, "batch_size": line.batch}
    name = f"bare, {line.batch} a call, {line.in_flight} at once, {line.rate_per_second:g}/s"
    new = NewGateway(company, "http_sms", name, settings, GATEWAY_SECRET, sink=True, rate_per_second=line.rate_per_second, burst=line.burst)
    async with database.floor() as tx:
        return await add_gateway(tx, new, Secrets(SECRET_KEY))


async def settle_crowd(database: Database, owner_url: str, company: int, gateways: list[int], people: int) -> Crowd:
    """A community of so many residents, two a home, told through the first of the gateways (the others stand behind it)."""
    async with database.floor() as tx:
        community = await add_community(tx, NewCommunity(company, {"zh-CN": "云栖花园", "en": "Cloud Garden"}))
    async with database.community(community) as tx:
        for rank, gateway in enumerate(gateways):
            await add_channel(tx, NewChannel(gateway, rank=rank, signature="安居物业"))
        root = await add_place(tx, NewPlace("community", None, "0", {"zh-CN": "云栖花园", "en": "Cloud Garden"}, "0", 0))
    await settle_people(owner_url, community, root, people)
    return Crowd(company, community, root, people)


async def settle_people(owner_url: str, community: int, root: int, people: int) -> None:
    """So many residents in homes right under the community's own place, by the owner of the tables and with no terms for the search box."""
    owner = await asyncpg.connect(owner_url)
    await owner.execute(_SETTLE, community, root, people, PEOPLE_A_HOME)
    await owner.execute("ANALYZE person, contact_point, residence, place, place_within")
    await owner.close()


async def broadcast(database: Database, crowd: Crowd, key: str, *, lane: DeliveryLane = "urgent", wakeups: Wakeups | None = None) -> float:
    """Declare a message to all of them; the instant (monotonic) just before the transaction began."""
    began = monotonic()
    async with database.community(crowd.community) as tx:
        text = Text("bench", {}, TEXT)
        await announce(
            tx,
            Announcement(
                None, key, "broadcast", lane, "write", "residents", To(ResidentsOf(crowd.root)), False, False, "", "resident", 7200, {"zh-CN": text}
            ),
        )  # fmt: skip
        (wakeups or Wakeups(database)).after_commit(tx, "fan_out")
    return began
