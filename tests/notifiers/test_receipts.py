"""Receipts in any order and number end in the same place, and the denominator holds at every step."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers.channels.shape import (
    Accepted,
    NotSent,
    Outcome,
    ReceiptIn,
    Refused,
    Unknown,
)
from notifiers.delivery import by_hand, leases, receipts
from notifiers.delivery.claims import Room, claim
from notifiers.delivery.reach import Settled, follow, lock_messages
from notifiers.delivery.receipts import Standing, Word, strongest
from notifiers.delivery.verdicts import RANK, outranks
from notifiers.errors import DeliveryUnknownError, ReferenceWrongError
from notifiers.links import make_reference
from tests.harness.clock import StoryClock
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import Town, alert
from tocsin.base.database import Database

Said = Literal["accepted", "delivered", "failed"]


async def say(database: Database, town: Town, gateway: int, message: int, state: Said, *, no: int = 1, dedupe: str = "") -> bool:
    """The gateway posts a receipt."""
    receipt = ReceiptIn(make_reference(town.community, message, no), state, "code-7", "{}", dedupe or uuid4().hex)
    async with database.community(town.community) as tx:
        return await receipts.record(tx, gateway, receipt)


async def say_together(database: Database, town: Town, gateway: int, message: int, said: Sequence[tuple[int, Said]]) -> int:
    """The gateway posts several in one request; how many were new."""
    async with database.community(town.community) as tx:
        named = [(message, no, ReceiptIn("", state, None, "raw words", f"{no} {state}")) for no, state in said]
        return await receipts.record_all(tx, gateway, named)


async def test_a_receipt_before_the_response_waits_for_it(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    assert await say(database, town, gateway, announced.message_id, "delivered")
    assert await receipts.run_once(database, town.community) == 0
    assert await town.owner.fetchval("SELECT count(*) FROM work WHERE lane = 'receipts'") == 1
    await finish(database, town, came(claimed, Accepted()))
    assert await town.owner.fetchval("SELECT due_at <= clock_timestamp() FROM work WHERE lane = 'receipts'")
    assert await receipts.run_once(database, town.community) == 1
    assert await states(town) == [(1, "delivered")] and await reaches(town) == ["confirmed"]
    assert await town.owner.fetchval("SELECT count(*) FROM work WHERE lane = 'receipts'") == 0


async def test_said_twice_and_three_days_late_it_counts_once(database: Database, town: Town, story: StoryClock) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    await finish(database, town, came(claimed, Accepted()))
    assert await reaches(town) == ["handed_over"]
    await story.forward_clock(minutes=3 * 24 * 60)
    assert await say(database, town, gateway, announced.message_id, "delivered", dedupe="a")
    assert not await say(database, town, gateway, announced.message_id, "delivered", dedupe="a")
    await receipts.run_once(database, town.community)
    assert await reaches(town) == ["confirmed"] and await town.sums_hold()


async def test_a_failure_after_confirmation_takes_nothing_back_and_delivered_wins_over_failed(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    await finish(database, town, came(claimed, Accepted()))
    story: list[tuple[Said, str]] = [
        ("failed", "unreachable: code-7"),
        ("delivered", "confirmed"),
        ("failed", "confirmed"),
        ("accepted", "confirmed"),
    ]
    for state, place in story:
        await say(database, town, gateway, announced.message_id, state)
        await receipts.run_once(database, town.community)
        assert await reaches(town) == [place] and await town.sums_hold()


async def test_a_failed_receipt_leads_on_and_a_late_delivered_still_confirms(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    mail = await town.channel(await town.gateway("smtp"), "email", rank=1)
    engineer = await town.engineer(1)
    await town.contact(engineer, "zhang@example.com", kind="email")
    announced = await post(database, town, alert(engineer))
    (claimed,) = await take(database, town, sms)
    await finish(database, town, came(claimed, Accepted()))
    await say(database, town, gateway, announced.message_id, "failed")
    await receipts.run_once(database, town.community)
    assert await reaches(town) == ["trying"]
    (other,) = await take(database, town, mail)
    await say(database, town, gateway, announced.message_id, "delivered")
    await receipts.run_once(database, town.community)
    assert await reaches(town) == ["confirmed"]
    await finish(database, town, came(other, Refused("no_mailbox", "gone")))
    assert await reaches(town) == ["confirmed"] and await town.sums_hold()


async def test_a_receipt_settles_what_waits_to_be_repeated(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    await take(database, town, sms, lease_seconds=-1.0)
    await leases.run_once(database, town.community)
    assert await states(town) == [(1, "queued")]
    await say(database, town, gateway, announced.message_id, "accepted")
    await receipts.run_once(database, town.community)
    assert await states(town) == [(1, "accepted")] and await reaches(town) == ["handed_over"]
    assert await take(database, town, sms, ahead=3600) == []


async def test_a_receipt_for_what_is_claimed_at_that_moment_waits_for_what_comes_of_it(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    await take(database, town, sms, lease_seconds=-1.0)
    await leases.run_once(database, town.community)
    await say(database, town, gateway, announced.message_id, "delivered")
    async with database.community(town.community) as tx:
        (claimed,) = await claim(
            tx, "alert", [Room(sms, 1, repeats_told_apart=False)], now=tx.machine_now + timedelta(hours=1), lease_seconds=20.0
        )
        applying = asyncio.create_task(receipts.run_once(database, town.community))
        while not await town.owner.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            await asyncio.sleep(0.01)
    await applying
    assert await states(town) == [(1, "sending")]
    await finish(database, town, came(claimed, Accepted()))
    await receipts.run_once(database, town.community)
    assert await states(town) == [(1, "delivered")] and await reaches(town) == ["confirmed"]


async def test_of_one_request_each_receipt_has_its_own_end_and_the_gateway_s_words_are_kept_whole(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(*[await town.engineer(number) for number in range(4)]))
    claimed = {one.no: one for one in await take(database, town, sms)}
    await finish(database, town, *[came(claimed[no], Accepted()) for no in (1, 2, 4)])
    request: list[tuple[int, Said]] = [
        (1, "delivered"),
        (2, "failed"),
        (3, "delivered"),
        (3, "accepted"),
        (1, "delivered"),
        (99, "delivered"),
    ]
    assert await say_together(database, town, gateway, announced.message_id, request) == 5
    assert await say_together(database, town, gateway, announced.message_id, list(reversed(request))) == 0, "the same in another order"

    assert await receipts.run_once(database, town.community) == 3, "the two of what is on the wire wait"
    assert await states(town) == [(1, "delivered"), (2, "failed"), (3, "sending"), (4, "accepted")]
    assert await say_together(database, town, gateway, announced.message_id, [(1, "delivered"), (4, "delivered")]) == 2, "in other company"
    await receipts.run_once(database, town.community)
    await finish(database, town, came(claimed[3], Unknown("no answer")))
    assert await receipts.run_once(database, town.community) == 2
    assert await states(town) == [(1, "delivered"), (2, "failed"), (3, "delivered"), (4, "delivered")] and await town.sums_hold()
    assert await town.owner.fetchval("SELECT count(*) FROM early_receipt") == 0
    kept = await town.owner.fetch("SELECT unnest(nos) AS no, unnest(states) AS state, unnest(raws) AS raw FROM receipt_bundle ORDER BY id")
    assert len(kept) == 5 + 2 and {one["raw"] for one in kept} == {"raw words"}


async def test_a_gateway_s_words_go_after_more_than_a_year_and_never_unread(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    for age_days, read in ((399, True), (401, True), (401, False)):
        await say(database, town, gateway, 7, "delivered", dedupe=f"{age_days} {read}")
        await town.owner.execute(
            "UPDATE receipt_bundle SET received_at = received_at - $1 * interval '1 day', applied_at = CASE WHEN $2 THEN received_at END"
            " WHERE received_at > clock_timestamp() - interval '1 day'", age_days, read,
        )  # fmt: skip
    assert await receipts.run_once(database, town.community) == 1, "it means no delivery of ours, and was read"
    assert await town.owner.fetchval("SELECT count(*) FROM receipt_bundle") == 1


async def test_no_gateway_speaks_of_another_s_deliveries_or_of_another_community(database: Database, town: Town) -> None:
    gateway, stranger = (await town.gateway("http_sms"), await town.gateway("http_sms", name="stranger"))
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    await finish(database, town, came(claimed, Accepted()))
    await say(database, town, stranger, announced.message_id, "delivered")
    await say(database, town, gateway, announced.message_id, "delivered", no=99)
    assert await receipts.run_once(database, town.community) == 2
    assert await reaches(town) == ["handed_over"]
    async with database.community(town.community) as tx:
        for wrong in (make_reference(town.community + 1, 1, 1), "nonsense", "", "1-2-zzzzzzzzzzzzz"):
            with pytest.raises(ReferenceWrongError):
                await receipts.record(tx, gateway, ReceiptIn(wrong, "delivered", None, "", "x"))


async def test_a_call_by_hand_waits_for_its_key(database: Database, town: Town) -> None:
    desk = await town.channel(await town.gateway("by_hand"), "by_hand")
    engineers = [await town.engineer(1, name="张伟"), await town.engineer(2, name="李强")]
    announced = await post(database, town, alert(*engineers, means="ring"))
    await finish(database, town, *[came(one, Accepted(), by_hand=True) for one in await take(database, town, desk)])
    assert await reaches(town) == ["trying", "trying"], "handed to the desk is not told"
    async with database.community(town.community) as tx:
        calls = await by_hand.waiting(tx, 41)
        assert [(call.name, call.no) for call in calls] == [("张伟", 1), ("李强", 2)]
        assert calls[0].text.startswith("张伟: 3栋2单元") and "{" not in calls[0].text
        await by_hand.finish(tx, announced.message_id, 1, "answered")
        await by_hand.finish(tx, announced.message_id, 1, "answered")
        await by_hand.finish(tx, announced.message_id, 2, "switched_off")
        assert await by_hand.waiting(tx, 41) == []
        with pytest.raises(DeliveryUnknownError):
            await by_hand.finish(tx, announced.message_id, 3, "answered")
    assert await reaches(town) == ["confirmed", "unreachable: switched_off"] and await town.sums_hold()


async def test_receipts_results_and_confirmations_at_the_same_time_keep_the_sum(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(*[await town.engineer(number) for number in range(40)]))
    claimed = await take(database, town, sms)
    halves = [claimed[:20], claimed[20:]]
    outcomes: list[Outcome] = [Accepted(), Refused("x", "x"), Unknown("x"), NotSent("x")]
    await asyncio.gather(
        *[finish(database, town, *[came(one, outcomes[one.no % 4]) for one in half]) for half in halves],
        *[say(database, town, gateway, announced.message_id, "delivered", no=no) for no in range(1, 41, 3)],
    )
    await asyncio.gather(*[receipts.run_once(database, town.community) for _ in range(3)])
    assert await town.sums_hold()


_WORDS = st.lists(st.sampled_from(["accepted", "delivered", "failed"]), min_size=1, max_size=6)


@given(words=_WORDS, order=st.randoms(use_true_random=False), first=st.sampled_from(["accepted", "unknown", "failed"]))
@settings(max_examples=300, deadline=None)
def test_any_order_and_grouping_of_receipts_ends_in_the_same_state(words: list[Said], order: object, first: str) -> None:
    shuffled = list(words)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    ends = {_end(first, [[word] for word in words]), _end(first, [[word] for word in shuffled]), _end(first, [shuffled])}
    assert len(ends) == 1
    assert RANK[ends.pop()] == max(RANK[word] for word in [*words, first])


def _end(state: str, batches: Sequence[Sequence[Said]]) -> str:
    for batch in batches:
        words = [Word(1, 5, 1, word, None) for word in batch]
        for one in strongest(words, {(5, 1): Standing(5, 1, state, 1, False)}):
            assert outranks(one.state, state)
            state = one.state
    return state


async def test_of_a_message_to_many_only_those_are_looked_at_of_whom_a_receipt_speaks(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(await town.engineer(1)))

    async def hear(numbers: Sequence[int]) -> int:
        async with database.community(town.community) as tx:
            heads = await lock_messages(tx, [announced.message_id])
            await follow(tx, heads, [Settled(announced.message_id, no, "delivered") for no in numbers], tx.machine_now)
            looks = "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'audience_member'"
            return int(await tx.connection.fetchval(looks))

    # The plan is made, and kept, while there is hardly anybody.
    await town.owner.execute("ANALYZE audience_member, earlier_way")
    await hear([1])
    await town.owner.execute(
        "INSERT INTO audience_member (community_id, message_id, member_no, person_id, language, reach, delivery_no, channel_id, address)"
        " SELECT $1, $2, n, n + 1000, 'zh-CN', 'trying', n, $3, '+86' || n FROM generate_series(2, 2000) AS n", town.community, announced.message_id, sms,
    )  # fmt: skip
    await town.owner.execute("UPDATE message SET size = 2000, trying = 1999, deliveries = 2000")
    assert await hear(range(2, 102)) <= 400
    assert await town.sums_hold()
