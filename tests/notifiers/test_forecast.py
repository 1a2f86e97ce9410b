"""What the forecast says before the button is what the seal does after it, and what the gateway's rate makes of it."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifiers.announcements import Audience, Homes, PriorityIn, ResidentsOf, Text, To, ToldBy, announce
from notifiers.announcements.forecast import Rate, Reachable, Way, audience_of, forecast, foresee
from tests.notifiers.town import MOBILE, Town, broadcast
from tocsin.base.database import Database

TEXTS = {"zh-CN": Text("x", {}, "3栋停电，请勿乘电梯。"), "en": Text("x", {}, "Power cut. No lifts.")}
QUALITIES = ("good", "good", "good", "failing", "wrong", "opted_out")
CONSENTS = (("emergency",), ("emergency", "notice"), ("notice",))


async def populate(town: Town, chance: random.Random) -> None:
    """Homes with people who share telephones, read different languages, have opted out, or cannot be reached at all."""
    people: list[int] = []
    for _ in range(chance.randint(1, 6)):
        home = await town.home(f"3-{100 + len(town.homes)}")
        if chance.random() < 0.2:
            await town.occupied_as(home, "vacant")
        for _ in range(chance.randint(0, 3)):
            if people and chance.random() < 0.2:
                person = chance.choice(people)
            else:
                person = await town.person(kind="resident", language=chance.choice(["zh-CN", "en", "en-GB", "fr"]))
                people.append(person)
                await ways_of(town, person, chance)
                if chance.random() < 0.3:
                    await town.owner.execute(
                        "INSERT INTO need_of_help (community_id, person_id, powered_device, reason, confirmer_role)"
                        " VALUES ($1, $2, $3, 'x', 'security')",
                        town.community, person, chance.random() < 0.5,
                    )  # fmt: skip
            await town.owner.execute(
                "INSERT INTO residence (community_id, person_id, home_id, role, until) VALUES ($1, $2, $3, 'owner', $4)"
                " ON CONFLICT DO NOTHING",
                town.community, person, home, None,
            )  # fmt: skip


async def ways_of(town: Town, person: int, chance: random.Random) -> None:
    for kind, address in (("mobile", MOBILE.format(chance.randint(1, 4))), ("email", f"box{chance.randint(1, 3)}@example.com")):
        if chance.random() < 0.7:
            await town.contact(
                person, address, kind=kind, rank=chance.randint(0, 2), quality=chance.choice(QUALITIES), consent=chance.choice(CONSENTS)
            )


@given(seed=st.integers(0, 2**32), life_safety=st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_foreseen_is_what_is_sealed(database: Database, town: Town, seed: int, life_safety: bool) -> None:
    chance = random.Random(seed)
    if not await town.owner.fetchval("SELECT EXISTS (SELECT FROM channel)"):
        for rank, (kind, medium) in enumerate((("http_sms", "sms"), ("smtp", "email"))):
            await town.channel(await town.gateway(kind), medium, rank=rank)
    await populate(town, chance)
    earlier = await town.owner.fetch("SELECT id FROM message WHERE community_id = $1", town.community)
    told = tuple(row["id"] for row in earlier if chance.random() < 0.3)
    audiences: tuple[Audience | tuple[Audience, ...], ...] = (
        ResidentsOf(town.building),
        (PriorityIn(town.root, powered_only=chance.random() < 0.5), Homes(tuple(town.homes[:2]))),
        (ToldBy(told), Homes(tuple(town.homes[-1:]))),
    )
    audience = chance.choice(audiences)
    to = To(audience, but_not_told_by=told if chance.random() < 0.5 else ())
    announcement = broadcast(key=f"tell/{seed}/{life_safety}/{len(earlier)}", to=to, texts=TEXTS, life_safety=life_safety)
    async with database.community(town.community) as tx:
        plain = {language: text.text for language, text in TEXTS.items()}
        seen = await forecast(tx, to, plain, languages=list(TEXTS), drill=False, life_safety=life_safety)
        announced = await announce(tx, announcement)
    sealed = await town.owner.fetchrow(
        "SELECT count(DISTINCT home_id) FILTER (WHERE reason IS NULL OR reason NOT IN ('told_before', 'vacant')) AS homes,"
        " count(DISTINCT person_id) FILTER (WHERE reason IS NULL OR reason NOT IN ('told_before', 'vacant')) AS persons,"
        " count(DISTINCT person_id) FILTER (WHERE reason = 'told_before') AS told_before,"
        " count(DISTINCT person_id) FILTER (WHERE reach IN ('unreachable', 'opted_out')) AS without_way"
        " FROM audience_member WHERE message_id = $1",
        announced.message_id,
    )
    assert sealed is not None
    assert (seen.homes, seen.persons, seen.told_before, seen.persons_without_way) == tuple(sealed.values())
    queued = await town.owner.fetch(
        "SELECT c.kind, count(*) FROM delivery AS d JOIN channel AS c ON c.id = d.channel_id WHERE d.message_id = $1 GROUP BY 1 ORDER BY 1",
        announced.message_id,
    )
    assert sorted((one.medium, one.deliveries) for one in seen.channels) == [tuple(row) for row in queued]
    cost = await town.owner.fetchval(
        "SELECT coalesce(sum(t.segments), 0) FROM delivery AS d JOIN channel AS c ON c.id = d.channel_id AND c.kind = 'sms'"
        " JOIN message_text AS t ON t.message_id = d.message_id AND t.language = d.language WHERE d.message_id = $1",
        announced.message_id,
    )
    assert sum(one.segments for one in seen.channels) == cost


async def test_a_forecast_writes_nothing(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-101")
    person = await town.person(kind="resident")
    await town.contact(person, MOBILE.format(1))
    await town.lives(person, home)
    async with database.community(town.community) as tx:
        seen = await forecast(tx, To(Homes((home,))), {}, languages=["zh-CN"], drill=False, life_safety=False)
    assert (seen.homes, seen.persons, seen.channels[0].deliveries) == (1, 1, 1)
    assert await town.owner.fetchval("SELECT count(*) FROM message") == 0


async def test_a_drill_is_foreseen_to_leave_only_by_a_sink(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms", sink=False), "sms")
    home = await town.home("3-101")
    person = await town.person(kind="resident")
    await town.contact(person, MOBILE.format(1))
    await town.lives(person, home)
    async with database.community(town.community) as tx:
        seen = await forecast(tx, To(Homes((home,))), {}, languages=["zh-CN"], drill=True, life_safety=False)
    assert (seen.channels, seen.persons_without_way, seen.homes_without_way) == ((), 1, 1)


async def test_persons_left_out_are_no_members_at_all(database: Database, town: Town) -> None:
    home = await town.home("3-101")
    people = [await town.person(kind="resident") for _ in range(3)]
    for person in people:
        await town.lives(person, home)
    to = To(Homes((home,)), without=(people[0],))
    async with database.community(town.community) as tx:
        assert (await audience_of(tx, to)).person_ids == people[1:]
        assert (await announce(tx, broadcast(key="x", to=to))).size == 2


@pytest.mark.parametrize(
    ("deliveries", "ahead", "pause", "seconds"),
    [(0, 0, 0.0, 0.0), (80, 0, 0.0, 0.0), (81, 0, 0.0, 0.0125), (1680, 0, 0.0, 20.0), (80, 1600, 0.0, 20.0), (80, 0, 7.0, 7.0)],
)
def test_the_last_household_waits_for_the_gateways_rate_less_what_is_kept_for_alerts(
    deliveries: int, ahead: int, pause: float, seconds: float
) -> None:
    rate = Rate(9, "sms", rate_per_second=100, burst=100, reserved_share=0.2, pause_seconds=pause, ahead=ahead)
    ways = [Way(1, 9, "sms", "", "en", deliveries, deliveries, 1)]
    seen = foresee(Reachable(1, 1, 0, tuple(ways)), {9: rate}, {"en": "x"})
    assert seen.last_seconds == pytest.approx(seconds)
    assert seen.channels[0].seconds == pytest.approx(seconds)


def test_the_signature_counts_for_the_segments() -> None:
    rate = Rate(9, "sms", 100, 100, 0.2, 0, 0)
    text = "停" * 66
    ways = [Way(1, 9, "sms", "安居物业", "zh-CN", 10, 10, 1)]
    seen = foresee(Reachable(1, 1, 0, tuple(ways)), {9: rate}, {"zh-CN": text})
    assert seen.segments_by_language == {"zh-CN": 2}
    assert seen.channels[0].segments == 20
