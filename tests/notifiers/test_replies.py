"""People answer as they do on a phone; what is not clear is asked, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.announcements import withdraw_codes
from notifiers.channels.shape import ReplyIn
from notifiers.delivery import replies
from notifiers.delivery.claims import open_codes
from notifiers.delivery.reply_text import ParsedReply, parse_reply
from notifiers.links import make_reference
from tests.notifiers.steps import post, take
from tests.notifiers.town import SECRETS, Town, alert
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets

PHONE = "+8613800000001"


@pytest.mark.parametrize(
    ("text", "open_now", "expected"),
    [
        ("1", (), (None, 1, None)),
        ("１。", (), (None, 1, None)),
        (" 1 !", (), (None, 1, None)),
        ("K7 1", (), ("K7", 1, None)),
        ("k71", ("K7",), ("K7", 1, None)),
        ("K71", ("K7", "K71"), ("K7", 1, None)),
        ("K711", ("K7", "K71"), ("K71", 1, None)),
        ("1 K7", (), ("K7", 1, None)),
        ("1K7", ("K7",), ("K7", 1, None)),
        ("Ｋ７，２　８", ("K7",), ("K7", 2, 8)),
        ("2 8", (), (None, 2, 8)),
        ("2 8分钟", (), (None, 2, 8)),
        ("8分钟到", (), (None, 2, 8)),
        ("出发,10分钟左右", (), (None, 2, 10)),
        ("收到,10分钟到", (), (None, 2, 10)),
        ("On my way, 15 min", (), (None, 2, 15)),
        ("收到", (), (None, 1, None)),
        ("接单!", (), (None, 1, None)),
        ("我出发了", (), (None, 2, None)),
        ("已到场", (), (None, 3, None)),
        ("K7去不了", ("K7",), ("K7", 9, None)),
        ("处理完了,谢谢", (), (None, 4, None)),
        ("完成", (), (None, 4, None)),
        ("can't", (), (None, 9, None)),
    ],
)
def test_what_people_text_is_understood(text: str, open_now: tuple[str, ...], expected: tuple[object, ...]) -> None:
    parsed = parse_reply(text, open_now)
    assert (parsed.code, parsed.digit, parsed.minutes) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "12",
        "28",
        "1 2",
        "5",
        "没收到",
        "没到",
        "收到 去不了",
        "2 900",
        "2 0",
        "1 2 3",
        "到没到?谁去",
        "13800000001",
        "not ok",
    ],
)
def test_what_may_mean_two_things_is_not_understood(text: str) -> None:
    assert not parse_reply(text).understood


@given(st.text(max_size=40), st.sets(st.from_regex(r"[A-Z][0-9]{1,2}", fullmatch=True), max_size=3))
def test_any_text_is_read_without_an_error_and_names_only_real_answers(text: str, codes: set[str]) -> None:
    parsed = parse_reply(text, codes)
    assert parsed.digit in (None, 1, 2, 3, 4, 9)
    assert parsed.minutes is None or (parsed.digit == 2 and 0 < parsed.minutes <= 240)


async def alert_phone(database: Database, town: Town, engineer: int, *, code: str, subject: int) -> tuple[int, int]:
    """Alert the engineer, and have it leave through the town's first channel: gateway and message."""
    gateway = await town.owner.fetchval("SELECT id FROM gateway ORDER BY id LIMIT 1") or await town.gateway("http_sms")
    channel = await town.owner.fetchval("SELECT id FROM channel ORDER BY id LIMIT 1") or await town.channel(gateway, "sms")
    announced = await post(database, town, alert(engineer, key=f"{code}/{subject}", subject=subject, code=code))
    claimed = await take(database, town, channel)
    async with database.community(town.community) as tx:
        await open_codes(tx, SECRETS, claimed)
    return gateway, announced.message_id


async def hear(database: Database, town: Town, gateway: int, text: str, *, dedupe: str = "", address: str = PHONE) -> replies.RecordedReply:
    """The gateway posts a reply."""
    async with database.community(town.community) as tx:
        return await replies.record(tx, SECRETS, gateway, ReplyIn(address, text, dedupe or text + address))


async def test_with_one_open_alert_a_one_is_enough(database: Database, town: Town) -> None:
    engineer = await town.engineer(1)
    gateway, message = await alert_phone(database, town, engineer, code="K7", subject=1)
    heard = await hear(database, town, gateway, "1")
    assert (heard.outcome, heard.message_id, heard.no, heard.person_ids) == ("matched", message, 1, (engineer,))
    assert heard.parsed == ParsedReply("K7", 1)


async def test_with_two_open_alerts_it_asks_and_never_guesses(database: Database, town: Town) -> None:
    engineer = await town.engineer(1)
    gateway, _ = await alert_phone(database, town, engineer, code="K7", subject=1)
    _, second = await alert_phone(database, town, engineer, code="M3", subject=2)
    heard = await hear(database, town, gateway, "1")
    assert (heard.outcome, heard.message_id, heard.codes) == ("ambiguous", None, ("K7", "M3"))
    heard = await hear(database, town, gateway, "M3 1")
    assert (heard.outcome, heard.message_id) == ("matched", second)
    heard = await hear(database, town, gateway, "Q9 1")
    assert (heard.outcome, heard.parsed.code) == ("unmatched", "Q9")
    heard = await hear(database, town, gateway, "谁在?")
    assert (heard.outcome, heard.codes) == ("not_understood", ("K7", "M3"))
    assert await town.owner.fetchval("SELECT count(*) FROM reply") == 4


async def test_the_newest_message_of_an_incident_stands_for_its_code(database: Database, town: Town) -> None:
    engineer = await town.engineer(1)
    gateway, _ = await alert_phone(database, town, engineer, code="K7", subject=1)
    await town.owner.execute("UPDATE message SET effect_key = effect_key || '/first'")
    _, newest = await alert_phone(database, town, engineer, code="K7", subject=1)
    assert (await hear(database, town, gateway, "1")).message_id == newest


async def test_a_stranger_or_an_ended_incident_is_unmatched_and_kept(database: Database, town: Town) -> None:
    engineer = await town.engineer(1)
    gateway, _ = await alert_phone(database, town, engineer, code="K7", subject=1)
    stranger = await hear(database, town, gateway, "1", address="+8613900009999")
    assert (stranger.outcome, stranger.language) == ("unmatched", "zh-CN")
    async with database.community(town.community) as tx:
        await withdraw_codes(tx, 1)
    assert (await hear(database, town, gateway, "1")).outcome == "unmatched"


async def test_a_key_pressed_during_a_call_names_its_call(database: Database, town: Town) -> None:
    engineer = await town.engineer(1)
    gateway, message = await alert_phone(database, town, engineer, code="K7", subject=1)
    stranger = await town.gateway("http_voice", name="stranger")
    reference = make_reference(town.community, message, 1)
    async with database.community(town.community) as tx:
        heard = await replies.record(tx, SECRETS, gateway, ReplyIn(PHONE, "9", "a", reference))
        assert (heard.outcome, heard.message_id, heard.parsed.digit) == ("matched", message, 9)
        heard = await replies.record(tx, SECRETS, stranger, ReplyIn(PHONE, "9", "b", reference))
        assert heard.outcome == "unmatched"
        heard = await replies.record(tx, SECRETS, gateway, ReplyIn(PHONE, "9", "c", "not-a-reference!"))
        assert heard.outcome == "unmatched"


async def test_a_reply_finds_its_community(database: Database, town: Town) -> None:
    engineer = await town.engineer(1)
    gateway, message = await alert_phone(database, town, engineer, code="K7", subject=1)
    other = await town.owner.fetchval(
        "INSERT INTO community (company_id, names, zone, languages, default_language, created_at)"
        " SELECT company_id, names, zone, languages, default_language, created_at FROM community RETURNING id"
    )
    assert await replies.community_of(database, SECRETS, gateway, ReplyIn("138 0000 0001", "1", "x")) == town.community
    assert await replies.community_of(database, SECRETS, gateway, ReplyIn("+8613900009999", "1", "x")) is None
    referenced = ReplyIn("", "1", "x", make_reference(other, message, 1))
    assert await replies.community_of(database, SECRETS, gateway, referenced) == other
    await town.owner.execute("INSERT INTO open_code VALUES ($1, $2, 'M3', $3, 1, 1)", gateway, SECRETS.digest("phone", PHONE), other)
    assert await replies.community_of(database, SECRETS, gateway, ReplyIn(PHONE, "M3 1", "x")) == other
    heard = await hear(database, town, gateway, "1")
    assert heard.outcome == "ambiguous", "the same telephone is alerted in another community as well"


async def test_an_answer_to_what_was_sent_before_the_secret_key_was_replaced_still_counts(database: Database, town: Town) -> None:
    engineer = await town.engineer(1)
    gateway, message = await alert_phone(database, town, engineer, code="K7", subject=1)
    rotated = Secrets("the next key, which is as long as the one before", SECRETS.key)
    reply = ReplyIn("138 0000 0001", "1", "a")
    assert await replies.community_of(database, rotated, gateway, reply) == town.community
    async with database.community(town.community) as tx:
        assert (await replies.record(tx, rotated, gateway, reply)).message_id == message

    again = await post(database, town, alert(engineer, key="K7/later", subject=1, code="K7"))
    async with database.community(town.community) as tx:
        claimed = await take(database, town, await town.owner.fetchval("SELECT id FROM channel LIMIT 1"))
        await open_codes(tx, rotated, claimed)
        newest = await replies.record(tx, rotated, gateway, ReplyIn(PHONE, "1", "b"))
        assert (newest.outcome, newest.message_id) == ("matched", again.message_id), "one code, and its newest message"
