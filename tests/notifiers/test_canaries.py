"""A canary per building and channel proves each day that the way to residents is open; its silence is news, and it reaches nobody else."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from notifiers.canaries import chore
from notifiers.canaries.named import name_canary, withdraw_canary
from notifiers.canaries.plan import CanaryPlan, change_canary_plan, due_on, last_test_due, next_test
from notifiers.canaries.proofs import press, why_missed
from notifiers.canaries.sending import send_test_now
from notifiers.canaries.ways import Way, past_tests, ways
from notifiers.channels.shape import Accepted, ReceiptIn, ReplyIn
from notifiers.delivery import receipts, replies
from notifiers.delivery.worker import Sender
from notifiers.errors import CanaryPlaceWrongError, CanaryTestOpenError, CanaryUnknownError, LinkRefusedError, NoCanaryError
from notifiers.links import LinkTarget, make_reference, read_link
from people.errors import PersonUnknownError
from people.persons import NewContactPoint, add_contact_point, add_person
from tests.harness.clock import StoryClock
from tests.harness.forward import Story
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.harness.small_town import SmallTown, build_small_town
from tests.notifiers.steps import came, finish, take
from tests.notifiers.town import SECRETS, Town
from tocsin.app.worker import Worker
from tocsin.base.database import Database
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

SETTINGS = Settings(public_url="http://10.0.0.7:8080")
TEN = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
"""Ten o'clock in Shanghai."""
OFFICE, VOLUNTEER = "+8613700000001", "+8613900000001"


class Estate:
    """The small town with an office handset that stands for the community, and Mrs Wang, a volunteer, for building 3."""

    def __init__(self, database: Database, town: SmallTown, rows: Town, clock: StoryClock, gateway: SmsGateway) -> None:
        self.database, self.town, self.rows, self.clock, self.gateway = database, town, rows, clock, gateway
        self.office = 0

    async def name(self) -> None:
        async with self.database.community(self.town.community_id) as tx:
            self.office = await add_person(tx, kind="staff", name="前台手机")
            await add_contact_point(tx, NewContactPoint(self.office, "mobile", OFFICE, quality="good"))
            await name_canary(tx, self.town.places["0"], self.office, by="孙主管")
            await name_canary(tx, self.town.places["3"], self.town.people["mrs_wang"], by="孙主管")

    async def run(self) -> int:
        return await chore.run_once(self.database, Wakeups(self.database), self.town.community_id)

    async def ways(self) -> dict[tuple[str, str], Way]:
        async with self.database.community(self.town.community_id) as tx:
            return {(one.place_code, one.medium): one for one in await ways(tx)}

    async def states(self) -> dict[tuple[str, str], str]:
        return {way: one.state for way, one in (await self.ways()).items()}

    async def receipt(self, to: str, state: str = "delivered") -> None:
        """The network says what became of the last message to this number."""
        reference = next(one.reference for one in reversed(self.gateway.sent) if one.to == to)
        gateway = await self.rows.owner.fetchval("SELECT id FROM gateway WHERE kind = 'http_sms'")
        async with self.database.community(self.town.community_id) as tx:
            await receipts.record(tx, gateway, ReceiptIn(reference, state, None, "{}", f"{reference}{state}"))  # type: ignore[arg-type]
        await receipts.run_once(self.database, self.town.community_id)


@pytest.fixture
async def grounds(database: Database, database_url: str, community: int, owner: asyncpg.Connection) -> AsyncIterator[Estate]:
    """Half past nine in the morning, nobody named yet."""
    clock = StoryClock(database_url)
    await clock.set_clock(TEN - timedelta(minutes=30))
    town, rows = await build_small_town(database, community), Town(owner, community)
    async with sms_gateway() as gateway:
        await rows.channel(await rows.gateway("http_sms", name="sms", settings=gateway.settings()), "sms", 1)
        yield Estate(database, town, rows, clock, gateway)


@pytest.fixture
async def story(grounds: Estate, database: Database) -> AsyncIterator[Story]:
    """Worker and sender, run by the story."""
    wakeups = Wakeups(database)
    sender = Sender(database, SECRETS, wakeups, SETTINGS)
    yield Story(grounds.clock, database, Worker(database, wakeups, SECRETS, SETTINGS), sender)
    await sender.close()


async def test_the_test_of_the_day_goes_to_canaries_alone_and_its_receipt_proves_the_way(grounds: Estate, story: Story) -> None:
    await grounds.name()
    await story.forward(minutes=20)
    assert grounds.gateway.sent == [] and set((await grounds.states()).values()) == {"untested"}
    await story.forward(minutes=11)
    assert sorted(one.to for one in grounds.gateway.sent) == [OFFICE, VOLUNTEER]
    assert all(one.text.startswith("【演练】云栖花园每日通道测试（10:00）") for one in grounds.gateway.sent)
    assert set((await grounds.states()).values()) == {"waiting"}
    await grounds.receipt(VOLUNTEER)
    await grounds.receipt(OFFICE)
    await story.forward(minutes=2)
    found = await grounds.ways()
    assert {way: one.state for way, one in found.items()} == {("0", "sms"): "proven", ("3", "sms"): "proven"}
    assert found["3", "sms"].evidence == "receipt" and found["3", "sms"].proven_at is not None
    await story.forward(minutes=24 * 60 - 40)
    assert len(grounds.gateway.sent) == 2, "one a day, however often the chore looks"
    await story.forward(minutes=40)
    assert len(grounds.gateway.sent) == 4, "and the next day again"


async def test_a_way_without_proof_in_time_is_news_and_open_again_when_the_proof_comes_late(grounds: Estate, story: Story) -> None:
    await grounds.name()
    await story.forward(minutes=31)
    await grounds.receipt(OFFICE)
    with capture_logs() as logs:
        await story.forward(minutes=31)
    assert await grounds.states() == {("0", "sms"): "proven", ("3", "sms"): "not_proven"}
    assert (await grounds.ways())["3", "sms"].why == "no_receipt"
    missed = [one for one in logs if one["event"] == "way_not_proven"]
    assert [(one["place"], one["gateway"], one["log_level"]) for one in missed] == [("3", "sms", "error")]
    await grounds.receipt(VOLUNTEER)
    with capture_logs() as logs:
        await story.forward(minutes=120)
    assert await grounds.states() == {("0", "sms"): "proven", ("3", "sms"): "proven"}
    assert [one["event"] for one in logs if one["event"].startswith("way_")] == ["way_proven_again"]
    async with grounds.database.community(grounds.town.community_id) as tx:
        (past,) = await past_tests(tx, before=None, limit=10)
    assert [one.evidence for one in past.places] == ["receipt", "receipt"]


async def test_a_gateway_that_refuses_is_said_with_its_reason(grounds: Estate, story: Story) -> None:
    await grounds.name()
    grounds.gateway.always = "refuse"
    await story.forward(minutes=62)
    found = await grounds.ways()
    assert {one.state for one in found.values()} == {"not_proven"}
    assert found["3", "sms"].why not in (None, "not_sent") and found["3", "sms"].proven_at is None


async def test_restarts_and_several_workers_send_one_test(grounds: Estate) -> None:
    await grounds.name()
    await grounds.clock.set_clock(TEN)
    assert await grounds.run() == 1
    assert [await grounds.run() for _ in range(3)] == [0, 0, 0]
    assert await grounds.rows.owner.fetchval("SELECT count(*) FROM message") == 1
    assert await grounds.rows.sums_hold()


async def test_a_day_on_which_no_test_went_out_is_red_whoever_looks(grounds: Estate, story: Story) -> None:
    await grounds.name()
    await story.forward(minutes=31)
    for number in (OFFICE, VOLUNTEER):
        await grounds.receipt(number)
    await story.forward(minutes=1)
    await grounds.clock.set_clock(TEN + timedelta(days=1, minutes=31))
    found = await grounds.ways()
    assert {(one.state, one.why) for one in found.values()} == {("not_proven", "no_test")}
    assert {one.proven_at for one in found.values()} != {None}


async def test_after_downtime_the_test_is_made_up_for_on_its_own_day_only(grounds: Estate) -> None:
    await grounds.name()
    await grounds.clock.set_clock(TEN + timedelta(hours=13))
    assert await grounds.run() == 0, "nobody is woken for it"
    await grounds.clock.set_clock(TEN + timedelta(days=1, hours=9))
    assert await grounds.run() == 1
    await grounds.clock.set_clock(TEN + timedelta(days=3, hours=-1))
    await grounds.run()
    assert await grounds.rows.owner.fetchval("SELECT count(*) FROM canary_test") == 1


async def test_whoever_is_named_after_the_days_time_waits_for_the_next_day(grounds: Estate) -> None:
    await grounds.clock.set_clock(TEN + timedelta(hours=2))
    await grounds.name()
    assert await grounds.run() == 0 and set((await grounds.states()).values()) == {"untested"}
    await grounds.clock.set_clock(TEN + timedelta(days=1, seconds=1))
    assert await grounds.run() == 1


async def test_a_mailbox_proves_its_way_by_the_link_and_a_telephone_without_receipts_by_any_answer(grounds: Estate) -> None:
    await grounds.name()
    mail = await grounds.rows.channel(await grounds.rows.gateway("smtp", name="mail"), "email", 2)
    async with grounds.database.community(grounds.town.community_id) as tx:
        await add_contact_point(tx, NewContactPoint(grounds.office, "email", "desk@anju.example", quality="good"))
    await grounds.clock.set_clock(TEN)
    assert await grounds.run() == 2
    sms = await grounds.rows.owner.fetchval("SELECT id FROM channel WHERE kind = 'sms'")
    (letter,) = await take(grounds.database, grounds.rows, mail, lane="notice")
    assert letter.words.text.endswith("{link}") and letter.words.text_key == "canary_linked"
    await finish(grounds.database, grounds.rows, came(letter, Accepted()))
    for text in await take(grounds.database, grounds.rows, sms, lane="notice"):
        assert "{link}" not in text.words.text
        await finish(grounds.database, grounds.rows, came(text, Accepted()))
    assert await grounds.states() == {
        ("0", "sms"): "waiting", ("0", "email"): "waiting", ("3", "sms"): "waiting", ("3", "email"): "nobody",
    }  # fmt: skip
    async with grounds.database.community(grounds.town.community_id) as tx:
        await press(tx, LinkTarget(grounds.town.community_id, letter.message_id, letter.no))
        gateway = await grounds.rows.owner.fetchval("SELECT id FROM gateway WHERE kind = 'http_sms'")
        await replies.record(tx, SECRETS, gateway, ReplyIn(VOLUNTEER, "好的", "reply-1"))
    assert await grounds.run() == 1
    found = await grounds.ways()
    assert (found["0", "email"].state, found["0", "email"].evidence) == ("proven", "link")
    assert (found["3", "sms"].state, found["3", "sms"].evidence) == ("proven", "reply")
    assert found["0", "sms"].state == "waiting"


async def test_a_press_of_a_link_that_leads_to_no_test_is_refused(grounds: Estate) -> None:
    await grounds.name()
    async with grounds.database.community(grounds.town.community_id) as tx:
        with pytest.raises(LinkRefusedError):
            await press(tx, LinkTarget(grounds.town.community_id, 999, 1))
    with pytest.raises(LinkRefusedError):
        read_link(SECRETS, "c", make_reference(grounds.town.community_id, 1, 1) + "-" + "a" * 20)


async def test_a_test_asked_for_goes_out_at_once_and_not_beside_another(grounds: Estate) -> None:
    async with grounds.database.community(grounds.town.community_id) as tx:
        with pytest.raises(NoCanaryError):
            await send_test_now(tx)
    await grounds.name()
    async with grounds.database.community(grounds.town.community_id) as tx:
        assert await send_test_now(tx) == 1
    async with grounds.database.community(grounds.town.community_id) as tx:
        with pytest.raises(CanaryTestOpenError):
            await send_test_now(tx)
    assert await grounds.run() == 0
    await grounds.clock.set_clock(TEN + timedelta(minutes=20))
    assert await grounds.run() == 3, "both places' proof of the one asked for is missing, and the day's own goes out all the same"


async def test_only_buildings_and_the_community_have_canaries_and_only_people_who_are_there(grounds: Estate) -> None:
    async with grounds.database.community(grounds.town.community_id) as tx:
        with pytest.raises(CanaryPlaceWrongError):
            await name_canary(tx, grounds.town.places["3-2"], grounds.town.people["zhang"], by="x")
        with pytest.raises(PersonUnknownError):
            await name_canary(tx, grounds.town.places["3"], 999, by="x")
        with pytest.raises(CanaryUnknownError):
            await withdraw_canary(tx, grounds.town.places["3"], grounds.town.people["zhang"])


async def test_a_canary_whose_number_turned_out_wrong_says_so_instead_of_being_tried(grounds: Estate, story: Story) -> None:
    await grounds.name()
    await grounds.rows.owner.execute("UPDATE contact_point SET quality = 'wrong' WHERE address = $1", VOLUNTEER)
    await story.forward(minutes=62)
    found = await grounds.ways()
    assert (found["3", "sms"].state, found["3", "sms"].why) == ("not_proven", "wrong_number")
    assert [one.to for one in grounds.gateway.sent] == [OFFICE]


async def test_a_plan_that_is_switched_off_sends_nothing_and_is_red_about_nothing(grounds: Estate, story: Story) -> None:
    await grounds.name()
    async with grounds.database.community(grounds.town.community_id) as tx:
        await change_canary_plan(tx, test_at=time(10), within_minutes=30, enabled=False)
    await story.forward(minutes=24 * 60)
    assert grounds.gateway.sent == [] and set((await grounds.states()).values()) == {"untested"}


def test_the_time_on_the_wall_holds_across_the_hour_that_summer_skips_and_repeats() -> None:
    plan = CanaryPlan(time(2, 30), 30, True, datetime(2026, 1, 1, tzinfo=UTC))
    assert due_on(plan, "Europe/Berlin", date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert due_on(plan, "Europe/Berlin", date(2026, 10, 25)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    now = datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    assert last_test_due(plan, "Europe/Berlin", now) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_test(plan, "Europe/Berlin", now) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reach", "reason", "why"),
    [(None, None, "withdrawn"), ("handed_over", "sends_no_receipts", "sends_no_receipts"), ("handed_over", None, "no_receipt"),
     ("trying", None, "not_sent"), ("unknown", None, "unknown"), ("unreachable", "wrong_number", "wrong_number")],
)  # fmt: skip
def test_why_no_proof_came(reach: str | None, reason: str | None, why: str) -> None:
    assert why_missed(reach, reason) == why
