"""Stop, resume, correct: each on the record, each to exactly whom it concerns."""

import asyncpg
import pytest

from incidents.desk import changes, messages
from incidents.desk.declare import Declaration, declare
from incidents.desk.telling import Telling, Whom, tell
from incidents.errors import IncidentEndedError, TextMissingError, TextNeverSayError
from incidents.incident_links import IncidentTarget
from incidents.views.lists import timeline
from incidents.views.message_board import message_board
from incidents.views.open_page import open_page
from notifiers.channels.shape import Accepted
from notifiers.delivery.claims import Room, claim
from notifiers.delivery.settling import Result, settle
from notifiers.delivery.verdicts import Standing
from notifiers.errors import MessageNotStoppedError, MessageUnknownError
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tests.incidents.sending import everything_leaves
from tests.incidents.test_conductor import tick
from tests.incidents.test_telling import WORDS, declare_power_cut, set_hour
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

Owner = asyncpg.Connection
RIGHT = {"zh-CN": "更正：工程车在5栋大堂，抱歉。", "en": "Correction: the vehicles are in building 5. Sorry."}


@pytest.fixture
async def incident(database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock) -> int:
    """A power cut in building 3 at noon, of which staff have heard."""
    await set_hour(story, 12)
    incident = await declare_power_cut(database, town, wakeups)
    await everything_leaves(database, town, owner)
    return incident


async def told(database: Database, town: SmallTown, wakeups: Wakeups, incident: int) -> int:
    async with database.community(town.community_id) as tx:
        return (await tell(desk_of(tx, wakeups), incident, Telling(Whom(residents_of=(town.places["3"],)), WORDS))).message_id


async def one_leaves(database: Database, town: SmallTown, owner: Owner) -> str:
    """The gateway takes one message and no more; whose it was."""
    channel = await owner.fetchval("SELECT id FROM channel WHERE kind = 'sms'")
    async with database.community(town.community_id) as tx:
        (one,) = await claim(tx, "urgent", [Room(channel, 1, repeats_told_apart=False)], now=tx.machine_now, lease_seconds=60)
        await settle(tx, [Result(one.message_id, one.no, one.token, Accepted(), Standing(1, False, False, False, False))], tx.machine_now)
    return one.address


async def last_event(database: Database, town: SmallTown, incident: int) -> tuple[str, dict[str, object]]:
    async with database.community(town.community_id) as tx:
        event = (await timeline(tx, incident))[-1]
    return event.kind, event.body


async def test_a_stop_is_on_the_record_once_and_nothing_more_leaves(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await told(database, town, wakeups, incident)
    for stopped in (3, 0):
        async with database.community(town.community_id) as tx:
            assert await messages.stop_message(desk_of(tx, wakeups), message) == stopped
    assert await everything_leaves(database, town, owner) == {}
    kind, body = await last_event(database, town, incident)
    assert (kind, body["message"], body["stopped"]) == ("message_stopped", message, 3)
    async with database.community(town.community_id) as tx:
        assert sum(event.kind == "message_stopped" for event in await timeline(tx, incident)) == 1


async def test_resumed_it_goes_to_those_who_had_not_got_it(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await told(database, town, wakeups, incident)
    first = await one_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        await messages.stop_message(desk_of(tx, wakeups), message)
    async with database.community(town.community_id) as tx:
        resumed = await messages.resume_message(desk_of(tx, wakeups), message)
    assert (resumed.members, resumed.deliveries) == (2, 2)
    got = await everything_leaves(database, town, owner)
    assert len(got) == 2 and all(town.phone(name) != first for name in got)
    assert (await last_event(database, town, incident))[0] == "message_resumed"


async def test_a_pause_is_on_the_record_and_whoever_resumes_lets_it_go_on(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await told(database, town, wakeups, incident)
    for _ in range(2):
        async with database.community(town.community_id) as tx:
            assert await messages.pause_message(desk_of(tx, wakeups), message) == 3
    assert await everything_leaves(database, town, owner) == {}
    async with database.community(town.community_id) as tx:
        assert [event.kind for event in await timeline(tx, incident)][-1:] == ["message_paused"]
        (shown,) = [one for one in await message_board(tx, incident) if one.row.id == message]
        assert (shown.state, shown.row.paused_why, shown.left.waiting) == ("paused", "desk", 3)
    async with database.community(town.community_id) as tx:
        resumed = await messages.resume_message(desk_of(tx, wakeups), message)
    assert (resumed.members, resumed.deliveries) == (0, 3)
    assert len(await everything_leaves(database, town, owner)) == 3
    assert (await last_event(database, town, incident))[0] == "message_resumed"


async def test_what_was_held_for_the_morning_is_held_again(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 2)
    incident = await declare_power_cut(database, town, wakeups)
    message = await told(database, town, wakeups, incident)
    await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        await messages.stop_message(desk_of(tx, wakeups), message)
    async with database.community(town.community_id) as tx:
        assert (await messages.resume_message(desk_of(tx, wakeups), message)).held == 3
    assert await everything_leaves(database, town, owner) == {}
    await story.set_clock((await story.now()).replace(hour=23, minute=1))
    await tick(database, town, wakeups)
    assert {"mrs_wang", "mr_zhou", "alice"} <= set(await everything_leaves(database, town, owner))


async def test_what_was_held_and_stopped_is_not_sent_in_the_morning_and_after_it_at_once(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 2)
    incident = await declare_power_cut(database, town, wakeups)
    message = await told(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        await messages.stop_message(desk_of(tx, wakeups), message)
    await everything_leaves(database, town, owner)
    await story.set_clock((await story.now()).replace(hour=23, minute=1))
    await tick(database, town, wakeups)
    assert not {"mrs_wang", "mr_zhou", "alice"} & set(await everything_leaves(database, town, owner))
    async with database.community(town.community_id) as tx:
        await messages.resume_message(desk_of(tx, wakeups), message)
    assert {"mrs_wang", "mr_zhou", "alice"} <= set(await everything_leaves(database, town, owner))


async def test_of_an_incident_that_is_over_nothing_is_resumed(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await told(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    with pytest.raises(IncidentEndedError):
        async with database.community(town.community_id) as tx:
            await messages.resume_message(desk_of(tx, wakeups), message)


async def test_only_what_is_there_and_stopped_is_resumed(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await told(database, town, wakeups, incident)
    for one, error in ((message, MessageNotStoppedError), (999, MessageUnknownError)):
        with pytest.raises(error):
            async with database.community(town.community_id) as tx:
                await messages.resume_message(desk_of(tx, wakeups), one)


async def test_a_correction_goes_to_exactly_those_who_were_told(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await told(database, town, wakeups, incident)
    first = await one_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        corrected = await messages.correct_message(desk_of(tx, wakeups), message, RIGHT, insist=False)
    assert (corrected.size, corrected.stopped) == (1, 2)
    got = await everything_leaves(database, town, owner)
    ((name, texts),) = got.items()
    assert town.phone(name) == first and texts[0] in RIGHT.values()
    kind, body = await last_event(database, town, incident)
    assert (kind, body["corrected"], body["message"]) == ("message_corrected", message, corrected.message_id)


async def test_where_nobody_was_told_it_is_only_stopped(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await told(database, town, wakeups, incident)
    async with database.community(town.community_id) as tx:
        corrected = await messages.correct_message(desk_of(tx, wakeups), message, RIGHT, insist=False)
    assert (corrected.message_id, corrected.size, corrected.stopped) == (None, 0, 3)
    assert await everything_leaves(database, town, owner) == {}


async def test_a_wrong_alert_is_corrected_to_the_staff_it_reached(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    alert = await owner.fetchval("SELECT message_id FROM alert WHERE alert_key LIKE 'engineers#%'")
    async with database.community(town.community_id) as tx:
        corrected = await messages.correct_message(desk_of(tx, wakeups), alert, RIGHT, insist=False)
    assert corrected.size == 1
    assert await everything_leaves(database, town, owner) == {"zhang": [RIGHT["zh-CN"]]}


async def test_a_mistake_noticed_after_the_end_can_still_be_corrected(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int
) -> None:
    message = await told(database, town, wakeups, incident)
    await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        await changes.cancel(desk_of(tx, wakeups), incident, "误报")
    await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        await messages.correct_message(desk_of(tx, wakeups), message, RIGHT, insist=False)
    assert set(await everything_leaves(database, town, owner)) == {"mrs_wang", "mr_zhou", "alice"}


@pytest.mark.parametrize(
    ("words", "error"), [({"zh-CN": "更正"}, TextMissingError), ({**RIGHT, "zh-CN": "没事，发错了"}, TextNeverSayError)]
)
async def test_a_correction_is_read_as_carefully_as_what_it_corrects(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, incident: int, words: dict[str, str], error: type[Exception]
) -> None:
    message = await told(database, town, wakeups, incident)
    with pytest.raises(error):
        async with database.community(town.community_id) as tx:
            await messages.correct_message(desk_of(tx, wakeups), message, words, insist=False)
    assert len(await everything_leaves(database, town, owner)) == 3, "nothing half done: it was not stopped either"


async def test_the_all_clear_leaves_ahead_of_other_news_and_is_no_correction(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: Owner, story: StoryClock
) -> None:
    await set_hour(story, 12)
    async with database.community(town.community_id) as tx:
        incident = (await declare(tx, wakeups, Declaration("other_emergency", town.places["3"]), CLERK)).incident_id
    await told(database, town, wakeups, incident)
    await everything_leaves(database, town, owner)
    async with database.community(town.community_id) as tx:
        await changes.resolve(desk_of(tx, wakeups), incident)
        board = await message_board(tx, incident)
        page = await open_page(tx, IncidentTarget(town.community_id, incident), "en")
    over, first = board[0].row, board[1].row
    assert await owner.fetchval("SELECT lane FROM message WHERE id = $1", over.id) == "correction"
    assert (over.is_correction, first.is_correction) == (False, False)
    assert [news.text for news in page.news] == [over.texts["en"], first.texts["en"]]
    got = await everything_leaves(database, town, owner)
    assert "解除" in got["mrs_wang"][0]
