"""How many calls go out for how many messages, and what stands in them: each provider's own limits and forms."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl

import orjson
import pytest

from notifiers.channels.shape import Accepted, Channel, Outcome, Outgoing, Refused, Template
from notifiers.channels.wire.codebook import Codebook
from tests.notifiers.conformance.adapter import HOOK_URL, Arrived
from tests.notifiers.conformance.adapters import ADAPTERS
from tests.notifiers.conformance.http_fake import HttpFake, Received, Said


@dataclass
class Overheard:
    """A channel, its gateway, and every call between them."""

    channel: Channel
    fake: HttpFake
    calls: list[Received]

    async def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        return await self.channel.send(messages)


@asynccontextmanager
async def overheard(kind: str, **changes: object) -> AsyncIterator[Overheard]:
    """The channel at work with its gateway for as long as the block."""
    adapter = ADAPTERS[kind]
    assert adapter.start is not None
    async with adapter.start(None) as running:
        fake = cast(HttpFake, running)
        calls: list[Received] = []
        speaks = fake.speaks

        def listen(received: Received, script: Any) -> Said:
            calls.append(received)
            return speaks(received, script)

        fake.speaks = listen
        channel = adapter.open(fake, **changes)
        try:
            yield Overheard(channel, fake, calls)
        finally:
            await channel.close()


def messages(kind: str, count: int, *, same_words: bool = False) -> list[Outgoing]:
    """Messages of one announcement, each with words of its own unless said otherwise."""
    some = [ADAPTERS[kind].message(number) for number in range(1, count + 1)]
    return [replace(one, template=some[0].template) for one in some] if same_words else some


def actions(line: Overheard) -> list[str]:
    return [call.headers.get("x-acs-action") or call.headers["x-tc-action"] for call in line.calls]


async def test_alibaba_cloud_gets_few_one_by_one_and_many_a_hundred_at_a_time() -> None:
    async with overheard("aliyun_sms") as line:
        assert all(isinstance(one, Accepted) for one in await line.send(messages("aliyun_sms", 9)))
        assert actions(line) == ["SendSms"] * 9
        line.calls.clear()
        assert all(isinstance(one, Accepted) for one in await line.send(messages("aliyun_sms", 100)))
        (call,) = line.calls
        assert call.headers["x-acs-action"] == "SendBatchSms" and parse_qs(call.raw_query)["OutId"] == ["1-2s-1-100"]
        form = {name: orjson.loads(value) for name, value in parse_qsl(call.body.decode())}
        assert {len(values) for values in form.values()} == {100} and set(form["SignNameJson"]) == {"安居物业"}


async def test_alibaba_cloud_s_batches_hold_one_announcement_one_template_and_no_number_twice() -> None:
    async with overheard("aliyun_sms", batch_from=2) as line:
        batch = messages("aliyun_sms", 4)
        other_template = [replace(one, reference=f"1-2s-{n}", template=Template("SMS_7", {})) for n, one in enumerate(batch[:2], 20)]
        other_announcement = [replace(one, reference=f"1-2t-{n}") for n, one in enumerate(batch[:2], 1)]
        again = [replace(batch[0], reference="1-2s-30")]
        outcomes = await line.send([*batch, *other_template, *other_announcement, *again])
        assert all(isinstance(one, Accepted) for one in outcomes)
        assert sorted(actions(line)) == ["SendBatchSms"] * 3 + ["SendSms"]


async def test_one_bad_number_keeps_nobody_else_of_a_batch_from_being_told() -> None:
    async with overheard("aliyun_sms") as line:
        batch = messages("aliyun_sms", 30)
        line.fake.script.refused = {batch[7].address}
        outcomes = await line.send(batch)
        assert [number for number, one in enumerate(outcomes) if isinstance(one, Refused)] == [7]
        assert len(line.fake.script.arrived) == 29
    async with overheard("aliyun_sms") as line:
        line.fake.script.fault = "refuse_account"
        assert {one.account for one in await line.send(messages("aliyun_sms", 30)) if isinstance(one, Refused)} == {True}
        assert actions(line) == ["SendBatchSms"], "what is the account's fault is not tried thirty times more"


async def test_tencent_cloud_gets_the_very_same_words_in_one_call_of_two_hundred() -> None:
    async with overheard("tencent_sms") as line:
        outcomes = await line.send(messages("tencent_sms", 200, same_words=True))
        assert len(line.calls) == 1 and len({one.gateway_ref for one in outcomes if isinstance(one, Accepted)}) == 200
        assert orjson.loads(line.calls[0].body)["SessionContext"] == "1-2s-1-200"
        line.calls.clear()
        await line.send(messages("tencent_sms", 5))
        assert len(line.calls) == 5, "what differs in one value goes by itself"


async def test_tencent_cloud_never_gets_numbers_of_the_mainland_and_abroad_together_nor_one_twice() -> None:
    async with overheard("tencent_sms") as line:
        batch = messages("tencent_sms", 4, same_words=True)
        abroad = [replace(batch[0], address=f"+8529876543{n}", reference=f"1-2s-{n}") for n in range(5, 8)]
        again = [replace(batch[0], reference="1-2s-9")]
        assert all(isinstance(one, Accepted) for one in await line.send([*batch, *abroad, *again]))
        assert sorted(len(orjson.loads(call.body)["PhoneNumberSet"]) for call in line.calls) == [1, 3, 4]


async def test_tencent_cloud_refuses_some_of_one_call_and_the_others_are_on_their_way() -> None:
    async with overheard("tencent_sms") as line:
        batch = messages("tencent_sms", 6, same_words=True)
        line.fake.script.refused = {batch[1].address, batch[4].address}
        outcomes = await line.send(batch)
        assert len(line.calls) == 1
        assert [isinstance(one, Accepted) for one in outcomes] == [True, False, True, True, False, True]


@pytest.mark.parametrize(("address", "dialled"), [("+8613800000001", "13800000001"), ("+8657188001234", "057188001234"),
                                                  ("+861088001234", "01088001234"), ("+85298765432", "85298765432")])  # fmt: skip
async def test_alibaba_cloud_dials_landlines_with_their_area_s_zero(address: str, dialled: str) -> None:
    async with overheard("aliyun_voice") as line:
        await line.send([replace(ADAPTERS["aliyun_voice"].message(1), address=address)])
        assert parse_qs(line.calls[0].raw_query)["CalledNumber"] == [dialled]


async def test_a_reference_that_is_too_long_for_alibaba_cloud_s_calls_is_left_out() -> None:
    async with overheard("aliyun_voice") as line:
        for reference in ("1-2s-1", "zzzz-zzzzzz-zzz", "zzzz-zzzzzz-zzzz"):
            await line.send([ADAPTERS["aliyun_voice"].message(1, reference=reference)])
        assert [parse_qs(call.raw_query).get("OutId") for call in line.calls] == [["1-2s-1"], ["zzzz-zzzzzz-zzz"], None]


async def test_twilio_s_api_key_lets_in_and_its_auth_token_checks_what_comes_back() -> None:
    adapter = replace(ADAPTERS["twilio"], secret=f"the key's secret:{ADAPTERS['twilio'].secret}")
    assert adapter.start is not None and adapter.receipt is not None
    async with adapter.start(None) as fake:
        channel = adapter.open(fake, api_key_sid="SK" + "1" * 32)
        (outcome,) = await channel.send([adapter.message(1)])
        assert isinstance(outcome, Refused) and outcome.account, "this gateway knows no such key"
        posted = adapter.receipt(HOOK_URL, Arrived("+8613800000001", "", "1-2s-1", "SM1"), "delivered", "e1")
        assert channel.read_hook(posted.request()).receipts[0].reference == "1-2s-1"
        await channel.close()


def test_of_several_lists_the_longest_fit_counts() -> None:
    book = Codebook(accepted=("OK",), later=("Throttling*",), unsure=("isp.*",), account=("isp.RAM*",), refused=("isv.X",))
    meanings = {
        code: book.meaning(code) for code in ("OK", "Throttling.User", "isp.SYSTEM_ERROR", "isp.RAM_PERMISSION_DENY", "isv.Y", "ok")
    }
    assert meanings == {"OK": "accepted", "Throttling.User": "later", "isp.SYSTEM_ERROR": "unsure", "isp.RAM_PERMISSION_DENY": "account",
                        "isv.Y": None, "ok": None}  # fmt: skip
