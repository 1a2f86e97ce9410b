"""The town is lived in, quickly built, and ready for an emergency at any hour."""

from datetime import timedelta
from time import monotonic

import asyncpg
import pytest

from incidents.plans import kinds
from notifiers.gateways import list_channels
from people.audiences import count_residents
from people.contact.debt import debts
from people.duty.readiness import readiness
from people.outside import number_for
from people.persons import person_by_phone
from people.places import facilities_within, find_places, resolve_place
from people.rosters import TIERS, duty_now, holders, on_call
from people.search.box import search
from playbooks.language.vocabulary import STANDARD
from tocsin.app.demo.gateways import GatewaySettings
from tocsin.app.demo.plan import read_plan
from tocsin.app.demo.town import Town, seed_town
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets

SECRETS = Secrets("a key that only these tests use, long enough")
GATEWAYS = GatewaySettings(http_port=18081, smtp_port=18025, token="the catchers' own token")


@pytest.fixture
async def town(database: Database) -> Town:
    return await seed_town(database, SECRETS, GATEWAYS)


async def test_twelve_hundred_homes_are_built_within_seconds(database: Database) -> None:
    began = monotonic()
    town = await seed_town(database, SECRETS, GATEWAYS)
    assert monotonic() - began < 10
    async with database.community(town.community_id) as tx:
        everybody = await count_residents(tx, (await resolve_place(tx, "0")).id)
    assert 1_100 <= everybody.homes <= 1_200
    assert everybody.persons > 2_000
    assert 0 < everybody.without_way < everybody.persons / 10


async def test_no_floor_brings_bad_luck_and_every_elevator_has_its_number(database: Database, town: Town) -> None:
    async with database.community(town.community_id) as tx:
        lifts = await facilities_within(tx, (await resolve_place(tx, "0")).id, "elevator")
        assert len(lifts) == 24
        assert len({lift.rescue_code for lift in lifts}) == 24
        assert [place.code for place in await find_places(tx, "203117")][:1] == ["3-2-L1"]
        for label in ("4", "13", "14"):
            assert not any(place.code == f"3-2-{label}" for place in await find_places(tx, f"3-2-{label}", kind="floor"))
        assert (await resolve_place(tx, "3-2-1502")).names["en"] == "Building 3 Unit 2 Home 1502"
        assert (await count_residents(tx, lifts[0].id)).homes > 80


async def test_somebody_is_on_duty_in_every_tier_at_every_hour_but_for_one_night(database: Database, town: Town) -> None:
    plan, gaps = read_plan(), set()
    async with database.community(town.community_id) as tx:
        for hour in range(-15, 30 * 24):  # the first shift began at eight yesterday, whatever the hour is now
            at = tx.now + timedelta(hours=hour)
            roster = {(one.department_key, one.tier) for one in await duty_now(tx, at)}
            gaps |= {(key, tier) for key in plan.departments for tier in TIERS if (key, tier) not in roster}
        assert gaps == {(plan.gap.department, plan.gap.tier)}
        for role in STANDARD.roles:
            assert await holders(tx, role), role


async def test_who_is_on_duty_can_be_reached(database: Database, town: Town) -> None:
    async with database.community(town.community_id) as tx:
        engineer = (await on_call(tx, department="engineering", tier="duty", at=tx.now))[0]
        numbers = await tx.connection.fetch(
            "SELECT address FROM contact_point WHERE person_id = $1 AND kind = 'mobile'", engineer.person_id
        )
        assert (await person_by_phone(tx, numbers[0]["address"]))[0].name == engineer.name


async def test_mrs_wang_and_her_husband_share_a_phone(database: Database, town: Town) -> None:
    async with database.community(town.community_id) as tx:
        found = await person_by_phone(tx, "199 0000 7702")
    assert [(one.name, one.home_code) for one in found] == [("王芳", "3-2-1502"), ("李建军", "3-2-1502")]


async def test_every_number_that_a_playbook_may_call_is_known(database: Database, town: Town) -> None:
    async with database.community(town.community_id) as tx:
        home = (await resolve_place(tx, "7-1-L1")).id
        for what in STANDARD.numbers:
            assert await number_for(tx, what, home) is not None, what
        here = await number_for(tx, "maintenance_company", home)
        elsewhere = await number_for(tx, "maintenance_company", (await resolve_place(tx, "1-1-L1")).id)
    assert here is not None
    assert elsewhere is not None
    assert here.number != elsewhere.number


async def test_everything_leaves_by_a_sink_and_by_every_means(database: Database, town: Town) -> None:
    async with database.community(town.community_id) as tx:
        channels = await list_channels(tx)
        assert {channel.kind for channel in channels} == {"sms", "email", "voice", "by_hand"}
        assert all(channel.sink for channel in channels)
        assert {"elevator_entrapment", "power_cut"} <= {playbook.kind for playbook in await kinds(tx)}


async def test_each_role_has_an_account(town: Town, owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    rows = await owner.fetch("SELECT role FROM membership WHERE community_id = $1", town.community_id)
    assert {row["role"] for row in rows} == {"clerk", "department_lead", "supervisor", "administrator"}
    assert set(town.accounts) == {"chen", "zhang", "sun", "admin"}


async def test_the_box_finds_what_people_call_things_and_readiness_warns(database: Database, town: Town) -> None:
    async with database.community(town.community_id) as tx:
        for text, name in (("云栖阁2单元1502", "3-2-1502"), ("88弄7号", "7"), ("yaofang", "3-S1"), ("d7702", "王芳"), ("hgf", "何桂芬")):
            hit = (await search(tx, text))[0]
            assert (hit.place.code if hit.place else hit.person.name if hit.person else "") == name, text
        found = await readiness(tx)
        assert {(gap.department, gap.tier) for gap in found.gaps} == {(read_plan().gap.department, read_plan().gap.tier)}
        assert [one.name for one in found.expiring] == ["李强"]
        assert {"all_wrong", "no_address", "nobody_known"} <= {debt.why for debt in await debts(tx, limit=200)}


async def test_some_speak_english_some_need_help_and_some_homes_stand_empty(
    town: Town, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    assert await owner.fetchval("SELECT count(*) FROM person WHERE kind = 'resident' AND language = 'en'") > 30
    assert 10 <= await owner.fetchval("SELECT count(*) FROM need_of_help") <= 80
    assert await owner.fetchval("SELECT count(*) FROM need_of_help WHERE powered_device") >= 2
    assert 20 <= await owner.fetchval("SELECT count(*) FROM place WHERE vacant") <= 120
    shared = "SELECT count(*) FROM (SELECT address FROM contact_point WHERE kind = 'mobile' GROUP BY address HAVING count(*) > 1) AS one"
    assert await owner.fetchval(shared) > 20
