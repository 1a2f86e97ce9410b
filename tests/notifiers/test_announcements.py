"""Everybody a message concerns has a place from the first instant, and the places always sum to the audience."""

import asyncpg
import pytest

from notifiers.announcements import (
    HeldBy,
    Homes,
    People,
    PriorityIn,
    ResidentsOf,
    Text,
    To,
    ToldBy,
    announce,
    announce_all,
    confirm_persons,
    counters,
    members,
    stop,
)
from notifiers.channels.shape import NotSent, Unknown
from notifiers.delivery import fan_out
from notifiers.errors import DrillMarkMissingError, NoTextError
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import DRILL_TEXTS, MOBILE, Town, alert, announcement, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Wakeups


async def test_an_alert_is_sealed_and_queued_when_it_commits(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    engineer, helper = await town.engineer(1), await town.engineer(2, language="en")
    async with database.community(town.community) as tx:
        announced = await announce(tx, alert(engineer, helper))
        assert announced.size == 2 and not announced.already
        counted = (await counters(tx, [announced.message_id]))[announced.message_id]
        assert (counted.size, counted.trying) == (2, 2)
    queue = await town.owner.fetch("SELECT no, address, language, state FROM delivery ORDER BY no")
    assert [tuple(row) for row in queue] == [(1, MOBILE.format(1), "zh-CN", "queued"), (2, MOBILE.format(2), "en", "queued")]
    assert await town.owner.fetchval("SELECT count(*) FROM work WHERE lane = 'alert'") == 1


async def test_announcing_the_same_effect_again_is_the_same_message(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    engineer = await town.engineer(1)
    ids = set()
    for _ in range(3):
        async with database.community(town.community) as tx:
            ids.add((await announce(tx, alert(engineer))).message_id)
    assert len(ids) == 1
    assert await town.owner.fetchval("SELECT count(*) FROM delivery") == 1


async def test_a_shared_phone_is_one_delivery_and_two_people_reached(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-1502")
    for name in ("王女士", "王先生"):
        person = await town.person(kind="resident", name=name)
        await town.contact(person, MOBILE.format(7))
        await town.lives(person, home)
    async with database.community(town.community) as tx:
        announced = await announce(tx, broadcast(home))
        assert [(one.member_no, one.delivery_no) for one in await members(tx, announced.message_id)] == [(1, 1), (2, 1)]
    assert await town.owner.fetchval("SELECT count(*) FROM delivery") == 1
    assert await town.sums_hold()


@pytest.mark.parametrize(
    ("contacts", "life_safety", "place"),
    [
        ([], False, ("unreachable", "no_contact")),
        ([("email", "a@b.example", "good", ("alert", "emergency"))], False, ("unreachable", "no_channel")),
        ([("mobile", MOBILE.format(1), "wrong", ("emergency",))], True, ("unreachable", "wrong_number")),
        ([("mobile", MOBILE.format(1), "good", ("notice",))], False, ("unreachable", "no_consent")),
        ([("mobile", MOBILE.format(1), "good", ("notice",))], True, ("trying", None)),
        ([("mobile", MOBILE.format(1), "opted_out", ("emergency",))], False, ("opted_out", None)),
        ([("mobile", MOBILE.format(1), "opted_out", ("emergency",))], True, ("trying", None)),
        ([("mobile", MOBILE.format(1), "wrong", ("emergency",)), ("mobile", MOBILE.format(2), "failing", ("emergency",))],
         False, ("trying", None)),
    ],
)  # fmt: skip
async def test_who_cannot_be_reached_has_a_reason_from_the_start(
    database: Database, town: Town, contacts: list[tuple[str, str, str, tuple[str, ...]]], life_safety: bool,
    place: tuple[str, str | None],
) -> None:  # fmt: skip
    await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-101")
    person = await town.person(kind="resident")
    await town.lives(person, home)
    for kind, address, quality, consent in contacts:
        await town.contact(person, address, kind=kind, quality=quality, consent=consent)
    async with database.community(town.community) as tx:
        announced = await announce(tx, broadcast(home, life_safety=life_safety))
        (member,) = await members(tx, announced.message_id)
    assert (member.reach, member.reason) == place
    assert await town.sums_hold()


async def test_the_ways_are_tried_by_the_rank_of_channels_then_of_contact_points(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms", rank=1)
    await town.channel(await town.gateway("smtp"), "email", rank=2)
    person = await town.person()
    await town.contact(person, "zhang@example.com", kind="email", rank=0)
    await town.contact(person, MOBILE.format(2), rank=2)
    await town.contact(person, MOBILE.format(1), rank=1)
    async with database.community(town.community) as tx:
        await announce(tx, alert(person))
    (queued,) = await town.owner.fetch("SELECT channel_id, address FROM delivery")
    assert tuple(queued) == (sms, MOBILE.format(1))


async def test_what_must_ring_uses_only_what_rings(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms", rank=0)
    voice = await town.channel(await town.gateway("http_voice"), "voice", rank=5)
    engineer = await town.engineer(1)
    async with database.community(town.community) as tx:
        await announce(tx, alert(engineer, means="ring"))
    assert await town.owner.fetchval("SELECT channel_id FROM delivery") == voice


async def test_a_drill_reaches_residents_only_through_a_sink(database: Database, town: Town) -> None:
    real = await town.channel(await town.gateway("http_sms"), "sms", rank=0)
    home, person = await town.home("3-101"), await town.person(kind="resident")
    await town.contact(person, MOBILE.format(1))
    await town.lives(person, home)
    async with database.community(town.community) as tx:
        first = await announce(tx, broadcast(home, drill=True, texts=DRILL_TEXTS))
        counted = (await counters(tx, [first.message_id]))[first.message_id]
        assert (counted.unreachable, counted.trying) == (1, 0)
    sink = await town.channel(await town.gateway("http_sms", name="sink", sink=True), "sms", rank=9)
    async with database.community(town.community) as tx:
        await announce(tx, broadcast(home, key="again", drill=True, texts=DRILL_TEXTS))
    assert await town.owner.fetchval("SELECT channel_id FROM delivery") == sink
    with pytest.raises(asyncpg.CheckViolationError):
        await town.owner.execute(
            "INSERT INTO message_route (community_id, message_id, channel_id, rank, contact_kinds, drill, sink, audience)"
            " VALUES ($1, $2, $3, 0, '{mobile}', true, false, 'residents')",
            town.community, first.message_id, real,
        )  # fmt: skip
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await town.owner.execute(
            "INSERT INTO message_route (community_id, message_id, channel_id, rank, contact_kinds, drill, sink, audience)"
            " VALUES ($1, $2, $3, 0, '{mobile}', true, true, 'residents')",
            town.community, first.message_id, real,
        )  # fmt: skip


async def test_a_drill_says_so_and_a_drill_for_staff_never_reaches_a_resident(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    resident = await town.person(kind="resident")
    await town.contact(resident, MOBILE.format(1))
    async with database.community(town.community) as tx:
        with pytest.raises(DrillMarkMissingError):
            await announce(tx, alert(resident, drill=True))
        with pytest.raises(NoTextError):
            await announce(tx, alert(resident, texts={}))
        announced = await announce(tx, alert(resident, drill=True, texts=DRILL_TEXTS))
        (member,) = await members(tx, announced.message_id)
    assert (member.reach, member.reason) == ("excluded", "not_staff")


async def test_the_night_holds_homes_visibly_and_the_morning_takes_exactly_those_over(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    homes = [await town.home(f"3-{number}") for number in range(101, 106)]
    for number, home in enumerate(homes):
        person = await town.person(kind="resident")
        await town.contact(person, MOBILE.format(number))
        await town.lives(person, home)
    async with database.community(town.community) as tx:
        told = await announce(tx, broadcast(homes[0], key="callers"))
        held = await announce(
            tx, announcement(ResidentsOf(town.root), key="night", kind="broadcast", lane="urgent", audience_kind="residents",
                             to=To(ResidentsOf(town.root), but_not_told_by=(told.message_id,), held=True)),
        )  # fmt: skip
        reasons = [one.reason for one in await members(tx, held.message_id)]
        assert sorted(reasons, key=str) == ["held"] * 4 + ["told_before"]
        morning = await announce(tx, broadcast(key="morning", to=To(HeldBy((held.message_id,)))))
        assert (morning.size, (await counters(tx, [morning.message_id]))[morning.message_id].trying) == (4, 4)
        all_clear = await announce(tx, broadcast(key="clear", to=To(ToldBy((told.message_id, held.message_id, morning.message_id)))))
        assert all_clear.size == 5
    assert await town.owner.fetchval("SELECT count(*) FROM delivery WHERE message_id = $1", held.message_id) == 0
    assert await town.sums_hold()


async def test_every_home_of_the_place_has_its_place_in_the_sentence_lived_in_or_not(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    lived_in, let, empty, sold, unknown = [await town.home(f"3-{number}") for number in (101, 102, 103, 104, 105)]
    owner, tenant, former, buyer = [await town.person(kind="resident", name=name) for name in ("业主", "租客", "前住户", "买家")]
    for number, (person, home) in enumerate(((owner, lived_in), (tenant, let), (former, empty), (buyer, sold))):
        await town.lives(person, home)
        await town.contact(person, MOBILE.format(number))
    await town.lives(owner, let)
    for home, occupancy in ((let, "let"), (empty, "vacant"), (sold, "not_moved_in")):
        await town.occupied_as(home, occupancy)
    async with database.community(town.community) as tx:
        announced = await announce(tx, broadcast(key="all", to=To(ResidentsOf(town.root))))
        stand = [(one.home_id, one.person_id, one.reach, one.reason) for one in await members(tx, announced.message_id)]
        again = await announce(tx, broadcast(key="clear", to=To(ToldBy((announced.message_id,)))))
    assert stand == [
        (lived_in, owner, "trying", None),
        (let, owner, "trying", None),
        (let, tenant, "trying", None),
        (empty, former, "excluded", "vacant"),
        (sold, buyer, "excluded", "vacant"),
        (unknown, None, "unreachable", "nobody_known"),
    ]
    assert again.size == 3 and await town.sums_hold()
    addresses = await town.owner.fetch("SELECT address FROM delivery WHERE message_id = $1 ORDER BY no", announced.message_id)
    assert [row["address"] for row in addresses] == [MOBILE.format(0), MOBILE.format(1)], "one delivery to whoever has two homes"


async def test_who_works_and_lives_here_gets_one_message_of_each_kind_and_counts_in_every_home(database: Database, town: Town) -> None:
    """Engineer and resident, with two homes and a number shared with somebody else: an alert asks for something, news tell something."""
    await town.channel(await town.gateway("http_sms"), "sms")
    homes = [await town.home("3-101"), await town.home("3-102")]
    engineer, wife = await town.engineer(1), await town.person(kind="resident")
    await town.contact(wife, MOBILE.format(1))
    for home in homes:
        await town.lives(engineer, home)
    await town.lives(wife, homes[0])
    async with database.community(town.community) as tx:
        called = await announce(tx, alert(engineer))
        told = await announce(tx, broadcast(key="both", to=To((People((engineer,)), ResidentsOf(town.root)))))
        stand = [(one.person_id, one.home_id, one.delivery_no) for one in await members(tx, told.message_id)]
    assert (called.size, told.size) == (1, 4)
    assert stand == [(engineer, None, 1), (engineer, homes[0], 1), (wife, homes[0], 1), (engineer, homes[1], 1)]
    sent = await town.owner.fetch("SELECT message_id, address FROM delivery ORDER BY message_id")
    assert [tuple(row) for row in sent] == [(called.message_id, MOBILE.format(1)), (told.message_id, MOBILE.format(1))]
    async with database.community(town.community) as tx:
        await confirm_persons(tx, [(told.message_id, engineer)])
    assert await town.owner.fetchval("SELECT confirmed FROM message WHERE id = $1", told.message_id) == 3 and await town.sums_hold()


async def test_the_owner_of_a_let_home_is_told_under_their_own_number_where_they_agreed_to(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    home, owner = await town.home("3-101"), await town.person(kind="resident")
    await town.lives(owner, home)
    await town.occupied_as(home, "let")
    await town.contact(owner, MOBILE.format(1), consent=("notice",))
    async with database.community(town.community) as tx:
        news = await announce(tx, broadcast(home, key="news"))
        notice = await announce(tx, broadcast(home, key="notice", kind="notice", lane="notice"))
        stand = [[(one.reach, one.reason) for one in await members(tx, one.message_id)] for one in (news, notice)]
    assert stand == [[("unreachable", "no_consent")], [("trying", None)]]


async def test_who_needs_help_is_told_also_where_the_home_counts_as_vacant(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    home, person = await town.home("3-101"), await town.person(kind="resident")
    await town.lives(person, home)
    await town.contact(person, MOBILE.format(1))
    await town.occupied_as(home, "vacant")
    await town.owner.execute("INSERT INTO need_of_help VALUES ($1, $2, true, 'oxygen', 'supervisor')", town.community, person)
    async with database.community(town.community) as tx:
        first = await announce(tx, broadcast(key="first", to=To((ResidentsOf(town.root), PriorityIn(town.root, powered_only=False)))))
        assert [(one.reach, one.reason) for one in await members(tx, first.message_id)] == [("trying", None)]


async def test_several_audiences_are_one_and_those_who_need_help_are_found(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    homes = [await town.home("3-101"), await town.home("3-102")]
    people = [await town.person(kind="resident") for _ in homes]
    for person, home in zip(people, homes, strict=True):
        await town.lives(person, home)
    await town.owner.execute(
        "INSERT INTO need_of_help VALUES ($1, $2, true, 'oxygen', 'supervisor'), ($1, $3, false, 'wheelchair', 'supervisor')",
        town.community, *people,
    )  # fmt: skip
    async with database.community(town.community) as tx:
        powered = await announce(tx, broadcast(key="powered", to=To(PriorityIn(town.root, powered_only=True))))
        both = await announce(tx, broadcast(key="both", to=To((Homes((homes[0],)), PriorityIn(town.root, powered_only=False)))))
    assert (powered.size, both.size) == (1, 2)


async def test_a_big_audience_fans_out_in_pages_that_can_be_repeated(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-101")
    await town.owner.execute(
        "WITH made AS (INSERT INTO person (community_id, kind, name, language) SELECT $1, 'resident', 'p', 'en'"
        " FROM generate_series(1, 450) RETURNING id), lives AS ("
        " INSERT INTO residence (community_id, person_id, home_id, role) SELECT $1, id, $2, 'owner' FROM made)"
        " INSERT INTO contact_point (community_id, person_id, kind, address, consent, quality)"
        " SELECT $1, id, 'mobile', '+861390000' || lpad((id % 300)::text, 4, '0'), '{emergency}', 'good' FROM made",
        town.community, home,
    )  # fmt: skip
    async with database.community(town.community) as tx:
        announced = await announce(tx, broadcast(home))
    assert await town.owner.fetchval("SELECT count(*) FROM delivery") == 0
    async with database.community(town.community) as tx:
        page = await fan_out.fan_out_page(tx, announced.message_id, 100)
        assert page is not None and (page.made, page.more) == (100, True)
    await town.owner.execute("UPDATE message SET fanned_out = 0")
    assert await fan_out.run_once(database, Wakeups(database), town.community) == 200
    assert await states(town) == [(no, "queued") for no in range(1, 301)]
    assert await town.owner.fetchval("SELECT count(DISTINCT address) FROM audience_member") == 300
    assert await town.owner.fetchval("SELECT count(*) FROM work WHERE lane = 'fan_out'") == 0


async def test_stopping_leaves_nothing_queued(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    engineers = [await town.engineer(number) for number in range(3)]
    async with database.community(town.community) as tx:
        announced = await announce(tx, alert(*engineers))
        await confirm_persons(tx, [(announced.message_id, engineers[0])])
        assert await stop(tx, [announced.message_id]) == 2
        assert await stop(tx, [announced.message_id]) == 0
        counted = (await counters(tx, [announced.message_id]))[announced.message_id]
        assert (counted.confirmed, counted.excluded) == (1, 2)
    assert await town.owner.fetchval("SELECT count(*) FROM delivery") == 0
    assert await town.sums_hold()


async def test_what_may_have_arrived_before_a_stop_stays_uncertain(database: Database, town: Town) -> None:
    sms = await town.channel(await town.gateway("http_sms"), "sms")
    posted = await post(database, town, alert(await town.engineer(1), await town.engineer(2)))
    first, second = await take(database, town, sms)
    await finish(database, town, came(first, Unknown("reset")), came(second, NotSent("refused")))
    async with database.community(town.community) as tx:
        assert await stop(tx, [posted.message_id]) == 2
    assert await states(town) == [(1, "unknown"), (2, "cancelled")]
    assert await reaches(town) == ["unknown", "excluded: stopped"], "nobody is called untold who may have been told"
    assert await town.sums_hold()


async def test_stopping_before_the_fan_out_sends_nothing_at_all(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    home = await town.home("3-101")
    for number in range(220):
        person = await town.person(kind="resident")
        await town.contact(person, MOBILE.format(number))
        await town.lives(person, home)
    async with database.community(town.community) as tx:
        announced = await announce(tx, broadcast(home))
        await stop(tx, [announced.message_id])
    assert await fan_out.run_once(database, Wakeups(database), town.community) == 0
    async with database.community(town.community) as tx:
        assert (await counters(tx, [announced.message_id]))[announced.message_id].excluded == 220
    assert await town.sums_hold()


async def test_a_language_without_a_text_gets_the_nearest_and_then_the_community_s(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    people = [await town.engineer(number, language=language) for number, language in enumerate(("en-GB", "fr", "zh-CN"))]
    async with database.community(town.community) as tx:
        announced = await announce(tx, announcement(People(tuple(people)), key="x"))
        assert [one.language for one in await members(tx, announced.message_id)] == ["en", "zh-CN", "zh-CN"]
    only_english = {"en": Text("x", {}, "help")}
    async with database.community(town.community) as tx:
        announced = await announce(tx, announcement(People(tuple(people)), key="y", texts=only_english))
        assert {one.language for one in await members(tx, announced.message_id)} == {"en"}


async def test_several_announcements_are_posted_together_and_one_posted_before_stays_one(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    first, second = await town.engineer(1), await town.engineer(2)
    home = await town.home("3-1502")
    resident = await town.person(kind="resident")
    await town.contact(resident, MOBILE.format(3))
    await town.lives(resident, home)
    async with database.community(town.community) as tx:
        before = await announce(tx, alert(first, key="call#1/1"))
    async with database.community(town.community) as tx:
        again, news, both = await announce_all(
            tx, [alert(first, key="call#1/1"), broadcast(home, key="tell#1"), alert(first, second, key="call#1/2")]
        )
    assert (again.message_id, again.already, again.size) == (before.message_id, True, 1)
    assert not news.already and news.size == 1 and not both.already and both.size == 2
    sent = await town.owner.fetch("SELECT message_id, address FROM delivery ORDER BY message_id, no")
    assert [tuple(row) for row in sent] == [
        (before.message_id, MOBILE.format(1)),
        (news.message_id, MOBILE.format(3)),
        (both.message_id, MOBILE.format(1)),
        (both.message_id, MOBILE.format(2)),
    ]
    assert await town.sums_hold()
