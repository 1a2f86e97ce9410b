"""Receipts that do not name our reference: by a batch's reference and the number, or by the gateway's own id alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.channels.shape import Accepted, Outcome, ReceiptIn, Unknown
from notifiers.delivery import receipts
from notifiers.delivery.claims import Claimed
from notifiers.delivery.incoming import take_receipts
from notifiers.errors import ReferenceWrongError
from notifiers.links import BatchTarget, make_batch_reference, make_reference, read_batch_reference
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import MOBILE, Town, alert, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

IDS = st.integers(min_value=0, max_value=2**63 - 1)


@given(IDS, IDS, st.lists(IDS, min_size=1, max_size=20))
def test_a_batch_s_reference_spans_its_deliveries_and_one_delivery_s_own_is_a_batch_of_one(
    community: int, message: int, numbers: list[int]
) -> None:
    references = [make_reference(community, message, no) for no in numbers]
    assert read_batch_reference(make_batch_reference(references)) == BatchTarget(community, message, min(numbers), max(numbers))
    assert read_batch_reference(references[0]) == BatchTarget(community, message, numbers[0], numbers[0])
    assert len(make_batch_reference(references)) < 64, "shorter than any gateway's limit"
    with pytest.raises(ReferenceWrongError):
        make_batch_reference([*references, make_reference(community, message ^ 1, 1)])


async def say(database: Database, gateway: int, *, reference: str = "", ref: str = "", address: str = "", dedupe: str = "a") -> str:
    """The gateway says that it was delivered; what became of that."""
    receipt = ReceiptIn(reference, "delivered", None, "{}", dedupe, address, ref)
    (word,) = await take_receipts(database, Wakeups(database), gateway, [receipt])
    return word


async def settle(database: Database, town: Town, claimed: Claimed, outcome: Outcome) -> None:
    """The gateway's answer comes, of a gateway that names only its own ids."""
    await finish(database, town, replace(came(claimed, outcome), named_by_gateway=True))


async def test_of_a_batch_the_number_says_which_and_no_other_gateway_may(database: Database, town: Town) -> None:
    gateway, stranger = await town.gateway("http_sms"), await town.gateway("http_sms", name="other")
    sms = await town.channel(gateway, "sms")
    announced = await post(database, town, alert(*[await town.engineer(number) for number in range(1, 4)]))
    for claimed in await take(database, town, sms):
        await finish(database, town, came(claimed, Accepted()))
    batch = make_batch_reference([make_reference(town.community, announced.message_id, no) for no in (1, 3)])
    assert await say(database, stranger, reference=batch, address=MOBILE.format(2)) == "nonsense"
    assert await say(database, gateway, reference=batch, address="13800009999") == "nonsense"
    assert await say(database, gateway, reference=batch, address=MOBILE.format(2).removeprefix("+86")) == "new"
    assert await say(database, gateway, reference=batch, address=MOBILE.format(2)) == "repeated"
    await receipts.run_once(database, town.community)
    assert await reaches(town) == ["handed_over", "confirmed", "handed_over"]


async def test_the_gateway_s_own_id_is_known_from_its_answer_on_and_for_a_week(database: Database, town: Town) -> None:
    gateway, stranger = await town.gateway("tencent_sms"), await town.gateway("tencent_sms", name="other")
    sms = await town.channel(gateway, "sms")
    await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    await settle(database, town, claimed, Accepted("2640:81723"))
    await town.owner.execute("UPDATE gateway_ref SET noted_at = noted_at - interval '6 days'")
    await receipts.run_once(database, town.community)
    assert await say(database, stranger, ref="2640:81723", address=MOBILE.format(1)) == "nonsense"
    assert await say(database, gateway, ref="2640:81723", address=MOBILE.format(1)) == "new"
    await receipts.run_once(database, town.community)
    assert await reaches(town) == ["confirmed"]
    await town.owner.execute("UPDATE gateway_ref SET noted_at = noted_at - interval '2 days'")
    await receipts.run_once(database, town.community)
    assert await town.owner.fetchval("SELECT count(*) FROM gateway_ref") == 0


async def test_before_the_answer_it_is_the_only_one_on_the_wire_to_that_number(database: Database, town: Town) -> None:
    gateway = await town.gateway("tencent_sms")
    sms = await town.channel(gateway, "sms")
    await post(database, town, alert(await town.engineer(1)))
    (claimed,) = await take(database, town, sms)
    assert await say(database, gateway, ref="early", address="13800000002") == "nonsense"
    assert await say(database, gateway, ref="early", address="13800000001") == "new"
    assert await receipts.run_once(database, town.community) == 0
    await settle(database, town, claimed, Accepted("early"))
    await receipts.run_once(database, town.community)
    assert await states(town) == [(1, "delivered")]


async def test_after_a_time_out_the_receipt_still_finds_what_may_have_been_sent(database: Database, town: Town) -> None:
    gateway = await town.gateway("tencent_sms")
    sms = await town.channel(gateway, "sms")
    home, person = await town.home("3-101"), await town.person(kind="resident")
    await town.contact(person, MOBILE.format(1))
    await town.lives(person, home)
    await post(database, town, broadcast(home))
    (claimed,) = await take(database, town, sms, lane="urgent")
    await settle(database, town, claimed, Unknown("no_answer_in_time"))
    assert await reaches(town) == ["unknown"]
    assert await say(database, gateway, ref="never heard of", address=MOBILE.format(1)) == "new"
    await receipts.run_once(database, town.community)
    assert await reaches(town) == ["confirmed"]


async def test_of_two_that_may_have_been_sent_nobody_guesses_and_the_answers_tell_them_apart(database: Database, town: Town) -> None:
    gateway = await town.gateway("tencent_sms")
    sms = await town.channel(gateway, "sms")
    engineer = await town.engineer(1)
    await post(database, town, alert(engineer, key="one"))
    await post(database, town, alert(engineer, key="two"))
    first, second = await take(database, town, sms)
    assert await say(database, gateway, ref="s-2", address=MOBILE.format(1)) == "ambiguous"
    await settle(database, town, first, Accepted("s-1"))
    await settle(database, town, second, Accepted("s-2"))
    assert await say(database, gateway, ref="s-2", address=MOBILE.format(1)) == "new"
    await receipts.run_once(database, town.community)
    assert await states(town) == [(1, "accepted"), (1, "delivered")]
