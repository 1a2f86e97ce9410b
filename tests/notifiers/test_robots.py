"""Robots of chat groups: they show, and prove nothing; whoever is to answer is told where; who is shut out rests."""

from dataclasses import replace

import pytest

from notifiers.channels.dingtalk.channel import dingtalk_sign
from notifiers.channels.feishu.channel import feishu_sign
from notifiers.channels.registry import KINDS
from notifiers.channels.shape import Accepted, NotSent, Outgoing, Refused
from notifiers.channels.wire.robots import Mention, read_mention, robot_text
from notifiers.delivery.worker import Sender
from notifiers.gateways import MIRROR_RANK, NewChannel, add_channel, get_channel
from tests.notifiers.conformance.adapter import Adapter, Fake
from tests.notifiers.conformance.adapters import ADAPTERS
from tests.notifiers.conformance.conftest import adapter, fake  # noqa: F401 - the fixtures
from tests.notifiers.steps import post, reaches
from tests.notifiers.town import SECRETS, Town, alert
from tocsin.base.database import Database
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

ROBOTS = [kind.name for kind in KINDS.values() if kind.mirror and ADAPTERS[kind.name].start]
LINK = "https://tocsin.example/a/abcdef"
WEI, GROUP = Mention("mobile", "13800000001"), Mention("group")


def says(text: str, *, code: str = "K7", link: str = LINK, language: str = "zh-CN") -> Outgoing:
    return Outgoing("1-2s-1", "group", language, text, "elevator.engineers", code=code, link=link)


def test_the_signatures_are_the_vendors_own() -> None:
    assert dingtalk_sign(1767323045000, "SECtest") == "6CG3N1+fFJyxLdz6lCF8cfo909dra8zNKTGsCm+jSRg="
    assert feishu_sign(1767323045, "testsecret") == "Mz1kaPU21ybbT7vLc4rEZaxc4822pAuwOuDYOkGwHX0="


@pytest.mark.parametrize(
    ("address", "mention"),
    [
        ("group", GROUP),
        ("all", Mention("all")),
        ("+8613800000001", WEI),
        ("13800000001", WEI),
        ("manager4220", Mention("user", "manager4220")),
        ("", None),
        ('a"></at><at user_id="all', None),
        ("张伟", None),
    ],
)
def test_a_chat_address_is_whom_the_message_mentions(address: str, mention: Mention | None) -> None:
    assert read_mention(address) == mention


def test_a_link_answers_for_one_person_and_stands_only_where_that_person_is_mentioned() -> None:
    text = f"困人,3栋2单元1号梯,回1接单 {LINK}"
    assert robot_text(says(text), WEI, 2048) == f"{text}\n此群消息不算接单，请点链接或回短信。"
    assert robot_text(says(text), GROUP, 2048) == "困人,3栋2单元1号梯,回1接单\n此群消息不算接单，请在自己的短信或来电里答复。"
    assert "Nothing written in this group takes the job" in robot_text(says(text, language="en"), GROUP, 2048)


def test_news_that_nobody_is_to_answer_carries_no_note() -> None:
    assert robot_text(says("全部恢复", code="", link=""), GROUP, 2048) == "全部恢复"


@pytest.mark.parametrize("mention", [WEI, GROUP])
def test_what_is_too_long_in_bytes_loses_its_end_and_never_its_link_or_its_note(mention: Mention) -> None:
    said = robot_text(says(f"{LINK} {'困人' * 1500}"), mention, 2048)
    assert 2040 <= len(said.encode()) <= 2048 and "…" in said and "此群消息不算接单" in said.splitlines()[-1]
    assert (LINK in said) is mention.names_one


async def test_a_text_in_the_desk_s_own_words_mentions_nobody_by_markup() -> None:
    feishu = ADAPTERS["feishu"]
    assert feishu.start is not None
    async with feishu.start(None) as robot:
        channel = feishu.open(robot)
        sly = replace(feishu.message(1), text='<at user_id="all">所有人</at>停水', address="group")
        assert await channel.send([sly]) == [Accepted()]
        assert robot.script.arrived[0].address == "group" and "<at " not in robot.script.arrived[0].text
        await channel.close()


async def test_feishu_cannot_mention_a_telephone_number_and_says_so() -> None:
    feishu = ADAPTERS["feishu"]
    assert feishu.start is not None
    async with feishu.start(None) as robot:
        channel = feishu.open(robot)
        assert await channel.send([replace(feishu.message(1), address="+8613800000001")]) == [
            Refused("address_malformed", "address_malformed")
        ]
        assert robot.script.calls == 0
        await channel.close()


@pytest.mark.parametrize(("kind", "seconds"), [("dingtalk", 600.0), ("wecom", 60.0)])
async def test_who_posts_too_often_is_shut_out_and_rests(adapter: Adapter, fake: Fake, seconds: float) -> None:  # noqa: F811
    channel = adapter.open(fake)
    fake.script.fault = "too_often"
    assert await channel.send([adapter.message(1)]) == [NotSent("throttled", seconds)]
    await channel.close()


def test_what_a_minute_brings_stays_below_the_vendors_limits() -> None:
    for kind, most in (("feishu", 100), ("dingtalk", 18), ("wecom", 18)):
        assert KINDS[kind].burst + 60 * KINDS[kind].rate_per_second <= most
    assert KINDS["feishu"].burst <= 5


@pytest.mark.parametrize("kind", ROBOTS)
async def test_a_mirror_stands_behind_whatever_reaches_the_person(kind: str, database: Database, town: Town) -> None:
    gateway = await town.gateway(kind, secret=ADAPTERS[kind].secret)
    async with database.community(town.community) as tx:
        channel = await add_channel(tx, NewChannel(gateway, rank=0))
        assert (await get_channel(tx, channel)).rank == MIRROR_RANK


@pytest.mark.parametrize("kind", ["dingtalk"])
async def test_a_robot_s_word_is_never_more_than_handed_over(
    adapter: Adapter,  # noqa: F811
    fake: Fake,  # noqa: F811
    database: Database,
    town: Town,
) -> None:
    gateway = await town.gateway(adapter.kind, settings=fake.settings(), secret=adapter.secret)
    await town.channel(gateway, "chat", MIRROR_RANK)
    group = await town.person(name="工程群")
    await town.contact(group, "group", kind="chat")
    await post(database, town, alert(group))
    sender = Sender(database, SECRETS, Wakeups(database), Settings(public_url="https://tocsin.example"))
    await sender.run_once()
    await sender.close()
    (arrived,) = fake.script.arrived
    assert "/a/" not in arrived.text and "此群消息不算接单" in arrived.text
    assert [reach.partition(":")[0] for reach in await reaches(town)] == ["handed_over"]
