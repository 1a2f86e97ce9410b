"""DingTalk's work notices: what a member was told before is dropped without a word, so no two messages are equal."""

from dataclasses import replace

from notifiers.channels.dingtalk_work.channel import notice_text
from notifiers.channels.shape import Accepted, Refused
from tests.notifiers.conformance.adapters.dingtalk_work import ADAPTER, WorkNotices, running
from tests.notifiers.conformance.http_fake import run_http


async def test_two_messages_of_the_same_words_both_arrive_and_one_that_is_repeated_arrives_once() -> None:
    async with run_http(running(WorkNotices())) as gateway:
        channel = ADAPTER.open(gateway)
        for reference in ("1-2s-1", "1-2t-1", "1-2t-1"):
            assert isinstance((await channel.send([ADAPTER.message(1, reference=reference)]))[0], Accepted)
        assert [one.reference for one in gateway.script.arrived] == ["1-2s-1", "1-2t-1"]
        await channel.close()


async def test_a_token_that_is_over_is_renewed_once_and_the_notice_still_arrives() -> None:
    notices = WorkNotices()
    async with run_http(running(notices)) as gateway:
        channel = ADAPTER.open(gateway)
        await channel.send([ADAPTER.message(1)])
        notices.lent = dict.fromkeys(notices.lent, False)
        assert isinstance((await channel.send([ADAPTER.message(2)]))[0], Accepted)
        assert len(notices.lent) == 2 and len(gateway.script.arrived) == 2
        await channel.close()


async def test_a_list_of_members_is_not_an_address() -> None:
    async with run_http(running(WorkNotices())) as gateway:
        channel = ADAPTER.open(gateway)
        for several in ("a,b", "", "张伟"):
            assert await channel.send([replace(ADAPTER.message(1), address=several)]) == [Refused("address_malformed", "address_malformed")]
        assert gateway.script.calls == 0
        await channel.close()


def test_what_is_too_long_keeps_its_link_and_its_number() -> None:
    link = "https://tocsin.example/a/abcdef"
    said = notice_text(replace(ADAPTER.message(1), text=f"{link} {'困人' * 1500}", link=link))
    assert 2040 <= len(said.encode()) <= 2048 and link in said and said.endswith("消息编号 1-2s-1")
