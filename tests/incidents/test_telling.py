"""A message outside of the playbook: whom it reaches, when it may leave, and what is refused before anything is posted."""

from datetime import timedelta

import asyncpg
import pytest

from incidents.answers.responses import respond
from incidents.desk import changes
from incidents.desk.declare import Declaration, declare
from incidents.desk.telling import CONFIRM_ABOVE_HOMES, Telling, Whom, foresee_telling, tell
from incidents.errors import (
    AudienceChangedError,
    AudienceEmptyError,
    AudienceUnconfirmedError,
    IncidentEndedError,
    TextMissingError,
    TextNeverSayError,
)
from incidents.views.lists import timeline
from notifiers.announcements import forecast
from notifiers.links import LinkTarget
from people.bulk import AddressLine, PersonLine, PlaceLine, add_people, add_places
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.sending import everything_leaves
from tests.incidents.test_conductor import tick
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

WORDS = {"zh-CN": "3栋大堂有工程车，请绕行。", "en": "Work vehicles in the lobby of building 3. Please go round."}
Owner = asyncpg.Connection


async def set_hour(story: StoryClock, hour: int) -> None:
    """Tomorrow at `hour` in the community's zone (UTC+8)."""
    now = await story.now()
    await story.set_clock((now + timedelta(days=1)).replace(hour=(hour - 8) % 24, minute=0, second=0))


@pytest.fixture
async def incident(database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock) -> int:
    """A power cut in building 3 at noon."""
    await set_hour(story, 12)
    return await declare_power_cut(database, town, wakeups)


async def declare_power_cut(database: Database, town: SmallTown, wakeups: Wakeups, place: str = "3", *, drill: bool = False) -> int:
    async with database.community(town.community_id) as tx:
        return (await declare(tx, wakeups, Declaration("power_cut", town.places[place], drill=drill), CLERK)).incident_id


def to_building_3(town: SmallTown, **more: object) -> Telling:
    given: dict[str, object] = {"words": WORDS, "whom": Whom(residents_of=(town.places["3"],)), **more}
    return Telling(**given)  # type: ignore[arg-type]


async def test_exactly_the_residents_meant_are_told_and_the_record_says_by_whom(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    async with database.community(town.community_id) as tx:
        told = await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    assert (told.size, told.homes, told.held_until) == (3, 3, None)
    assert set(await everything_leaves(database, town, owner)) >= {"mrs_wang", "mr_zhou", "alice"}
    async with database.community(town.community_id) as tx:
        said = next(event for event in await timeline(tx, incident) if event.kind == "told_by_desk")
    assert said.no == told.no and said.body["homes"] == 3 and said.detail is not None
    assert (said.detail["by_name"], said.detail["zh-CN"]) == ("陈静", WORDS["zh-CN"])


async def test_everybody_reads_their_own_language(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    async with database.community(town.community_id) as tx:
        await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    got = await everything_leaves(database, town, owner)
    assert (got["mrs_wang"], got["alice"]) == ([WORDS["zh-CN"]], [WORDS["en"]])


async def test_the_preview_is_what_is_then_sealed_and_writes_nothing(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    before = await owner.fetchval("SELECT count(*) FROM message")
    async with database.community(town.community_id) as tx:
        seen = await foresee_telling(tx, incident, to_building_3(town))
    assert await owner.fetchval("SELECT count(*) FROM message") == before
    assert (seen.forecast.homes, seen.forecast.persons, seen.must_confirm, seen.night) == (3, 3, False, False)
    async with database.community(town.community_id) as tx:
        assert (await tell(desk_of(tx, wakeups), incident, to_building_3(town, confirmed_homes=3))).homes == 3


async def test_a_figure_that_is_another_by_now_is_refused_and_nothing_is_posted(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    before = await owner.fetchval("SELECT count(*) FROM message")
    with pytest.raises(AudienceChangedError) as refusal:
        async with database.community(town.community_id) as tx:
            await tell(desk_of(tx, wakeups), incident, to_building_3(town, confirmed_homes=128))
    assert refusal.value.values == {"value": 128, "homes": 3} and refusal.value.field == "/confirmed_homes"
    assert await owner.fetchval("SELECT count(*) FROM message") == before


async def test_a_count_kept_from_an_earlier_look_is_refused_and_the_next_look_counts_anew(
    database: Database, town: SmallTown, wakeups: Wakeups, incident: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "MANY_PERSONS", 1)

    async def homes_seen() -> int:
        async with database.community(town.community_id) as tx:
            return (await foresee_telling(tx, incident, to_building_3(town))).forecast.homes

    assert await homes_seen() == 3
    async with database.community(town.community_id) as tx:
        await add_places(tx, [PlaceLine("home", "3-2", "3-2-2001", {"en": "3-2-2001"}, "2001", 1)])
        await add_people(tx, [PersonLine("resident", "吴", addresses=(AddressLine("mobile", "+8613900000003"),), home_codes=("3-2-2001",))])
    assert await homes_seen() == 3
    with pytest.raises(AudienceChangedError):
        async with database.community(town.community_id) as tx:
            await tell(desk_of(tx, wakeups), incident, to_building_3(town, confirmed_homes=3))
    assert await homes_seen() == 4


async def test_a_message_to_many_homes_needs_the_figure_that_was_seen(
    database: Database, town: SmallTown, wakeups: Wakeups, incident: int
) -> None:
    async with database.community(town.community_id) as tx:
        floors = [f"3-2-{number}" for number in range(2001, 2001 + CONFIRM_ABOVE_HOMES)]
        await add_places(tx, [PlaceLine("home", "3-2", code, {"en": code}, code[-4:], 1) for code in floors])
        people = [PersonLine("resident", code, addresses=(AddressLine("mobile", "+8613900000003"),), home_codes=(code,)) for code in floors]
        await add_people(tx, people)
    with pytest.raises(AudienceUnconfirmedError) as refusal:
        async with database.community(town.community_id) as tx:
            await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    homes = refusal.value.values["homes"]
    assert homes == CONFIRM_ABOVE_HOMES + 3
    async with database.community(town.community_id) as tx:
        assert (await foresee_telling(tx, incident, to_building_3(town))).must_confirm
        assert (await tell(desk_of(tx, wakeups), incident, to_building_3(town, confirmed_homes=homes))).homes == homes


async def test_those_told_and_nobody_else_or_everybody_but_them(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    home = Whom(homes=(town.places["3-2-1502"],))
    async with database.community(town.community_id) as tx:
        await tell(desk_of(tx, wakeups), incident, Telling(home, WORDS))
        await tell(desk_of(tx, wakeups), incident, Telling(Whom(told=True), WORDS))
        rest = Whom(residents_of=(town.places["3"],), except_told=True)
        told = await tell(desk_of(tx, wakeups), incident, Telling(rest, WORDS))
    assert told.homes == 2
    got = await everything_leaves(database, town, owner)
    assert {name: len(texts) for name, texts in got.items() if name in ("mrs_wang", "mr_zhou", "alice", "bob")} == {
        "mrs_wang": 2, "mr_zhou": 1, "alice": 1,
    }  # fmt: skip


async def test_whom_a_facility_serves_and_who_needs_help_first(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    await owner.execute(
        "INSERT INTO need_of_help (community_id, person_id, powered_device, reason, confirmer_role) VALUES ($1, $2, true, 'x', 'security')",
        town.community_id,
        town.people["mr_zhou"],
    )
    async with database.community(town.community_id) as tx:
        served = await tell(desk_of(tx, wakeups), incident, Telling(Whom(homes_served_by=(town.places["3-2-L1"],)), WORDS))
        first = await tell(desk_of(tx, wakeups), incident, Telling(Whom(priority_in=(town.places["0"],)), WORDS))
    assert (served.homes, first.homes) == (3, 1)


async def test_nobody_is_an_error_and_not_a_success(database: Database, town: SmallTown, wakeups: Wakeups, incident: int) -> None:
    for whom in (Whom(told=True), Whom(homes_served_by=(town.places["3"],)), Whom(residents_of=(town.places["3-2-L1"],))):
        with pytest.raises(AudienceEmptyError):
            async with database.community(town.community_id) as tx:
                await tell(desk_of(tx, wakeups), incident, Telling(whom, WORDS))


@pytest.mark.parametrize("words", [{"zh-CN": "停电"}, {"en": "Power cut"}, {"zh-CN": "停电", "en": "  "}])
async def test_every_language_of_the_community_needs_its_text(
    database: Database, town: SmallTown, wakeups: Wakeups, incident: int, words: dict[str, str]
) -> None:
    with pytest.raises(TextMissingError) as refusal:
        async with database.community(town.community_id) as tx:
            await tell(desk_of(tx, wakeups), incident, to_building_3(town, words=words))
    assert refusal.value.field in ("/texts/en", "/texts/zh-CN")


@pytest.mark.parametrize(
    ("language", "text", "phrase"),
    [
        ("zh-CN", "大家别急，小问题，很快就好。", "小问题"),
        ("en", "It’s nothing, don't worry.", "It's nothing"),
        ("en", "WE WILL PAY FOR IT", "We will pay for it"),
    ],
)
async def test_what_the_plan_says_never_to_say_is_found_unless_somebody_insists(
    database: Database, town: SmallTown, wakeups: Wakeups, incident: int, language: str, text: str, phrase: str
) -> None:
    said = to_building_3(town, words={**WORDS, language: text})
    with pytest.raises(TextNeverSayError) as refusal:
        async with database.community(town.community_id) as tx:
            await tell(desk_of(tx, wakeups), incident, said)
    assert (refusal.value.field, refusal.value.values["phrase"]) == (f"/texts/{language}", phrase)
    async with database.community(town.community_id) as tx:
        await tell(desk_of(tx, wakeups), incident, to_building_3(town, words={**WORDS, language: text}, insist=True))
        event = (await timeline(tx, incident))[-1]
    assert event.body["insisted"] is True


async def test_at_night_it_waits_for_the_morning_and_then_leaves(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 2)
    incident = await declare_power_cut(database, town, wakeups)
    async with database.community(town.community_id) as tx:
        told = await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    assert told.held_until is not None and told.homes == 3
    assert "mrs_wang" not in await everything_leaves(database, town, owner)
    await story.set_clock(told.held_until + timedelta(seconds=1))
    await tick(database, town, wakeups)
    assert WORDS["zh-CN"] in (await everything_leaves(database, town, owner))["mrs_wang"]


async def test_at_night_somebody_can_say_that_it_must_not_wait(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 2)
    incident = await declare_power_cut(database, town, wakeups)
    async with database.community(town.community_id) as tx:
        told = await tell(desk_of(tx, wakeups), incident, to_building_3(town, night="send"))
    assert told.held_until is None
    assert WORDS["zh-CN"] in (await everything_leaves(database, town, owner))["mrs_wang"]


async def test_where_lives_are_at_stake_nobody_waits_for_the_morning(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock
) -> None:
    await set_hour(story, 2)
    async with database.community(town.community_id) as tx:
        incident = (await declare(tx, wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"]), CLERK)).incident_id
        told = await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    assert told.held_until is None


async def test_a_false_alarm_is_not_told_in_the_morning(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 2)
    incident = await declare_power_cut(database, town, wakeups)
    async with database.community(town.community_id) as tx:
        await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    await everything_leaves(database, town, owner)
    await set_hour(story, 8)
    await tick(database, town, wakeups)
    assert await everything_leaves(database, town, owner) == {}


async def test_whoever_only_the_desk_told_is_corrected_when_it_was_a_false_alarm(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    async with database.community(town.community_id) as tx:
        await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    got = await everything_leaves(database, town, owner)
    assert "没有停电" in got["mrs_wang"][0] and "no power cut" in got["alice"][0] and "bob" not in got


async def test_a_drill_says_that_it_is_one(database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock) -> None:
    await set_hour(story, 12)
    incident = await declare_power_cut(database, town, wakeups, drill=True)
    async with database.community(town.community_id) as tx:
        await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    got = await everything_leaves(database, town, owner)
    assert got["mrs_wang"] == [f"【演练】{WORDS['zh-CN']}"] and got["alice"] == [f"[DRILL] {WORDS['en']}"]


async def test_a_drill_reaches_no_resident_where_nothing_ends_in_a_sink(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 12)
    await owner.execute("UPDATE message_route SET sink = false; UPDATE channel SET sink = false; UPDATE gateway SET sink = false")
    incident = await declare_power_cut(database, town, wakeups, drill=True)
    async with database.community(town.community_id) as tx:
        told = await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    got = await everything_leaves(database, town, owner)
    assert told.size == 3 and not {"mrs_wang", "mr_zhou", "alice"} & set(got)
    assert await owner.fetchval("SELECT unreachable FROM message WHERE id = $1", told.message_id) == 3


async def test_residents_told_by_the_desk_can_answer_and_get_the_news(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    async with database.community(town.community_id) as tx:
        told = await tell(desk_of(tx, wakeups), incident, Telling(Whom(homes=(town.places["3-2-1502"],)), WORDS))
    await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        await respond(tx, wakeups, LinkTarget(town.community_id, told.message_id, 1), "all_safe")
        await changes.post_update(desk_of(tx, wakeups), incident, {"zh-CN": "来电了", "en": "Power is back"}, None)
    assert set(await everything_leaves(database, town, owner)) == {"mrs_wang"}


async def test_an_incident_that_is_over_tells_nobody_anything(database: Database, town: SmallTown, wakeups: Wakeups, incident: int) -> None:
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    with pytest.raises(IncidentEndedError):
        async with database.community(town.community_id) as tx:
            await tell(desk_of(tx, wakeups), incident, to_building_3(town))
    with pytest.raises(IncidentEndedError):
        async with database.community(town.community_id) as tx:
            await foresee_telling(tx, incident, to_building_3(town))
