"""What becomes of deliveries, and what people text back, teaches how good their addresses are; once, and never more than it says."""

from uuid import uuid4

import pytest

from notifiers.channels.shape import Accepted, Outcome, ReceiptIn, Refused, ReplyIn
from notifiers.delivery import by_hand, receipts, replies
from notifiers.links import make_reference
from notifiers.quality import chore
from notifiers.quality.failures import FAILED_AT_ONCE, NOT_THE_ADDRESS, STOPPED, WRONG, is_outage, learnt_from
from notifiers.quality.stop_words import read_wish
from people.contact.quality import Learnt, Point, Standing, learn, say_quality
from people.persons import Quality
from tests.notifiers.steps import came, finish, post, take
from tests.notifiers.town import MOBILE, SECRETS, Town, alert, broadcast
from tocsin.base.database import Database
from tocsin.base.work import lower

NUMBER = MOBILE.format(7)


async def resident(town: Town, number: int = 7, *, quality: str = "good", kind: str = "resident") -> int:
    """Somebody in a home of their own, with a mobile."""
    person = await town.person(kind=kind, name="王芳")
    await town.contact(person, MOBILE.format(number), quality=quality)
    home = await town.home(f"3-{100 + number}")
    await town.lives(person, home)
    return home


async def qualities(town: Town) -> list[str]:
    rows = await town.owner.fetch("SELECT quality FROM contact_point ORDER BY id")
    return [row["quality"] for row in rows]


async def read(database: Database, town: Town) -> int:
    return await chore.run_once(database, town.community)


async def told(database: Database, town: Town, *homes: int, key: str = "tell#1", outcome: Outcome | None = None) -> int:
    """A broadcast to these homes that the gateway took (or not); the message."""
    channel = await town.owner.fetchval("SELECT id FROM channel WHERE kind = 'sms'") or await town.channel(
        await town.gateway("http_sms"), "sms"
    )
    announced = await post(database, town, broadcast(*homes, key=key))
    for claimed in await take(database, town, channel, lane="urgent"):
        await finish(database, town, came(claimed, outcome or Accepted()))
    return announced.message_id


async def receipt(database: Database, town: Town, message: int, state: str, code: str | None = None, no: int = 1) -> None:
    """The gateway says later what became of it."""
    gateway = await town.owner.fetchval("SELECT id FROM gateway WHERE kind = 'http_sms'")
    said = ReceiptIn(make_reference(town.community, message, no), state, code, "{}", uuid4().hex)  # type: ignore[arg-type]
    async with database.community(town.community) as tx:
        await receipts.record(tx, gateway, said)
    await receipts.run_once(database, town.community)


async def texts_back(database: Database, town: Town, words: str, address: str = NUMBER) -> None:
    """Somebody answers by SMS."""
    gateway = await town.owner.fetchval("SELECT id FROM gateway WHERE kind = 'http_sms'") or await town.gateway("http_sms")
    async with database.community(town.community) as tx:
        await replies.record(tx, SECRETS, gateway, ReplyIn(address, words, uuid4().hex))


TABLE: list[tuple[Learnt, dict[Quality, Quality]]] = [
    ("failed", {"good": "good", "unproven": "failing", "failing": "failing", "wrong": "wrong", "opted_out": "opted_out"}),
    ("wrong_number", dict.fromkeys(("good", "unproven", "failing", "wrong", "opted_out"), "wrong")),
    ("disowned", dict.fromkeys(("good", "unproven", "failing", "wrong", "opted_out"), "wrong")),
    ("stop", {"good": "opted_out", "unproven": "opted_out", "failing": "opted_out", "wrong": "wrong", "opted_out": "opted_out"}),
    ("start", {"good": "good", "unproven": "unproven", "failing": "failing", "wrong": "wrong", "opted_out": "good"}),
]


@pytest.mark.parametrize(("what", "was", "becomes"), [(what, was, becomes) for what, row in TABLE for was, becomes in row.items()])
def test_what_is_learnt_moves_an_address_as_the_table_says(what: Learnt, was: Quality, becomes: Quality) -> None:
    assert learn(Point(1, NUMBER, was, 0, "resident"), what).quality == becomes


def test_a_good_number_fails_at_the_second_time_in_a_row() -> None:
    once = learn(Point(1, NUMBER, "good", 0, "resident"), "failed")
    assert once == Standing("good", 1)
    assert learn(Point(1, NUMBER, once.quality, once.failures, "resident"), "failed") == Standing("failing", 2)


@pytest.mark.parametrize("what", ["stop", "disowned"])
def test_no_text_takes_staff_off_their_alerts(what: Learnt) -> None:
    assert learn(Point(1, NUMBER, "good", 0, "staff"), what).quality == "good"


async def test_a_handset_that_was_reached_is_good(database: Database, town: Town) -> None:
    message = await told(database, town, await resident(town, quality="unproven"))
    assert await read(database, town) == 0 and await qualities(town) == ["unproven"]
    await receipt(database, town, message, "delivered")
    assert await read(database, town) == 1
    assert await qualities(town) == ["good"]
    assert await read(database, town) == 0


async def test_a_number_that_does_not_exist_is_wrong_for_everybody_who_has_it(database: Database, town: Town) -> None:
    home = await resident(town)
    husband = await town.person(kind="resident", name="李明")
    await town.contact(husband, NUMBER)
    await told(database, town, home, outcome=Refused("number_unknown", "no such number"))
    assert await read(database, town) == 2
    assert await qualities(town) == ["wrong", "wrong"]
    assert await town.owner.fetchval("SELECT quality_reason FROM contact_point LIMIT 1") == "number_unknown"
    assert await town.owner.fetchval("SELECT count(*) FROM contact_signal WHERE what = 'wrong_number'") == 2


async def test_two_failures_in_a_row_make_a_good_number_failing_and_one_success_good_again(database: Database, town: Town) -> None:
    home = await resident(town)
    for turn, quality in ((1, "good"), (2, "failing")):
        message = await told(database, town, home, key=f"tell#{turn}")
        await receipt(database, town, message, "failed", "UNDELIV")
        await read(database, town)
        await read(database, town)
        assert await qualities(town) == [quality]
    assert await town.owner.fetchval("SELECT count(*) FROM contact_signal") == 2
    message = await told(database, town, home, key="tell#3")
    await receipt(database, town, message, "delivered")
    await read(database, town)
    assert await qualities(town) == ["good"]
    assert await town.owner.fetchval("SELECT failures FROM contact_point") == 0


@pytest.mark.parametrize(
    "outcome", [Refused("no_credit", "no credit", account=True), Refused("template_missing", "", account=True), Refused("odd", "odd")]
)
async def test_what_is_not_the_numbers_fault_teaches_nothing_of_it(database: Database, town: Town, outcome: Outcome) -> None:
    await told(database, town, await resident(town, quality="unproven"), outcome=outcome)
    await read(database, town)
    assert await qualities(town) == ["unproven"]


async def test_a_gateway_in_trouble_does_not_make_the_whole_estate_wrong(database: Database, town: Town) -> None:
    homes = [await resident(town, number) for number in range(30)]
    await told(database, town, *homes, outcome=Refused("number_unknown", "no such number"))
    assert await read(database, town) == 0
    assert set(await qualities(town)) == {"good"}


async def test_the_desk_that_dialled_a_stranger_makes_the_number_wrong(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("by_hand"), "by_hand")
    announced = await post(database, town, alert(await town.engineer(7)))
    (claimed,) = await take(database, town, channel)
    await finish(database, town, came(claimed, Accepted()))
    async with database.community(town.community) as tx:
        await by_hand.finish(tx, announced.message_id, 1, "wrong_number")
    assert await read(database, town) == 1
    assert await qualities(town) == ["wrong"]


async def test_stop_and_start_by_text_count_once_and_in_their_order(database: Database, town: Town) -> None:
    await resident(town)
    await texts_back(database, town, "退订")
    assert await read(database, town) == 1
    assert await qualities(town) == ["opted_out"]
    await texts_back(database, town, " start. ")
    await read(database, town)
    await read(database, town)
    assert await qualities(town) == ["good"]


async def test_an_engineer_who_texts_stop_is_still_alerted(database: Database, town: Town) -> None:
    await resident(town, kind="staff")
    await texts_back(database, town, "TD")
    assert await read(database, town) == 0
    assert await qualities(town) == ["good"]
    assert await town.owner.fetchval("SELECT becomes FROM contact_signal WHERE what = 'stop'") == "good"


async def reached_by(database: Database, town: Town, home: int, key: str, *, life_safety: bool = False) -> str:
    """Where somebody stands who is told once more."""
    announced = await post(database, town, broadcast(home, key=key, life_safety=life_safety))
    row = await town.owner.fetchrow("SELECT reach, reason FROM audience_member WHERE message_id = $1", announced.message_id)
    assert row is not None
    return row["reach"] if row["reason"] is None else f"{row['reach']}: {row['reason']}"


async def test_sending_heeds_what_was_learnt_in_each_direction(database: Database, town: Town) -> None:
    home = await resident(town)
    await town.channel(await town.gateway("http_sms"), "sms")
    assert await reached_by(database, town, home, "a") == "trying"
    await texts_back(database, town, "TD")
    await read(database, town)
    assert await reached_by(database, town, home, "b") == "opted_out"
    assert await reached_by(database, town, home, "c", life_safety=True) == "trying", "where life is at stake everybody is told"
    await texts_back(database, town, "恢复")
    await read(database, town)
    assert await reached_by(database, town, home, "d") == "trying"
    await texts_back(database, town, "你发错了")
    await read(database, town)
    assert await reached_by(database, town, home, "e", life_safety=True) == "unreachable: wrong_number"
    assert await town.owner.fetchval("SELECT quality_reason FROM contact_point") == "disowned"
    async with database.community(town.community) as tx:
        point = await town.owner.fetchval("SELECT id FROM contact_point")
        await say_quality(tx, point, "good", reason="confirmed", by="陈静")
    assert await reached_by(database, town, home, "f") == "trying"
    await read(database, town)
    assert await qualities(town) == ["good"], "what the desk said is not undone by what had been said before"


async def test_a_mailbox_that_does_not_exist_gets_no_second_mail(database: Database, town: Town) -> None:
    person = await town.person(kind="resident")
    await town.contact(person, "gone@example.org", kind="email")
    home = await town.home("3-107")
    await town.lives(person, home)
    channel = await town.channel(await town.gateway("smtp"), "email")
    await post(database, town, broadcast(home, key="a"))
    for claimed in await take(database, town, channel, lane="urgent"):
        await finish(database, town, came(claimed, Refused("5.1.1", "550 5.1.1 no such user")))
    assert await read(database, town) == 1
    assert await qualities(town) == ["wrong"]
    assert await reached_by(database, town, home, "b") == "unreachable: wrong_number"


async def test_the_chore_looks_again_by_itself(database: Database, town: Town) -> None:
    async with database.community(town.community) as tx:
        lower(tx, "quality")
    await read(database, town)
    assert await town.owner.fetchval("SELECT due_at > clock_timestamp() FROM work WHERE lane = 'quality'")


async def test_what_is_not_late_any_more_is_forgotten(database: Database, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chore, "LATE_MESSAGES", 1)
    home = await resident(town)
    await told(database, town, home)
    await read(database, town)
    await told(database, town, home, key="tell#2")
    await read(database, town)
    assert await town.owner.fetchval("SELECT count(*) FROM quality_seen") == 1


@pytest.mark.parametrize("text", ["退订", "TD", "td。", " Stop! ", "STOP ALL", "Ｔ", "取消订阅", "不要再发了"])
def test_a_wish_for_no_more_is_read(text: str) -> None:
    assert read_wish(text) == "stop"


@pytest.mark.parametrize("text", ["你发错了!", "不是本人。", "Wrong number.", "号码已换人"])
def test_a_stranger_is_understood(text: str) -> None:
    assert read_wish(text) == "disowned"


@pytest.mark.parametrize("text", ["start", "UNSTOP", "恢复通知", "取消退订"])
def test_a_wish_for_texts_again_is_read(text: str) -> None:
    assert read_wish(text) == "start"


@pytest.mark.parametrize(
    "text", ["", "1", "K7 1", "please stop the lift", "我家没电,退订干什么", "不是我家,是隔壁没电", "Thank you", "N", "yes"]
)
def test_anything_else_is_no_wish(text: str) -> None:
    assert read_wish(text) is None


def test_no_code_means_two_things() -> None:
    lists = (WRONG, STOPPED, FAILED_AT_ONCE, NOT_THE_ADDRESS)
    assert sum(map(len, lists)) == len(frozenset().union(*lists))


@pytest.mark.parametrize(
    ("code", "accepted_before", "by_hand", "learnt"),
    [
        ("number_unknown", False, False, "wrong_number"),
        ("30005", True, False, "wrong_number"),
        ("21610", False, False, "stop"),
        ("smtp_550", False, False, "failed"),
        ("5.1.1", True, False, "wrong_number"),
        ("5.2.1", False, False, "failed"),
        ("5.7.1", False, False, None),
        ("5.2.2", True, False, None),
        ("4.4.7", True, False, None),
        ("UNDELIV", True, False, "failed"),
        ("UNDELIV", False, False, None),
        ("switched_off", True, False, None),
        ("not_answered", True, True, None),
        ("switched_off", True, True, None),
        (None, True, False, "failed"),
        (None, False, False, None),
    ],
)
def test_what_a_code_teaches(code: str | None, accepted_before: bool, by_hand: bool, learnt: str | None) -> None:
    assert learnt_from(code, accepted_before=accepted_before, by_hand=by_hand) == learnt


def test_half_of_many_is_an_outage_and_half_of_few_is_not() -> None:
    assert is_outage(11, 20) and not is_outage(10, 20) and not is_outage(5, 5)


async def test_a_landline_is_called_by_the_desk_and_never_texted(database: Database, town: Town) -> None:
    desk = await town.channel(await town.gateway("by_hand"), "by_hand", 9)
    await town.channel(await town.gateway("http_sms"), "sms")
    engineer = await town.person()
    await town.contact(engineer, "+8657188001234", kind="landline")
    home = await town.home("3-107")
    await town.lives(engineer, home)
    assert await reached_by(database, town, home, "a") == "unreachable: no_channel"
    await post(database, town, alert(engineer))
    (called,) = await take(database, town, desk)
    assert (called.address, called.channel_id) == ("+8657188001234", desk)
