"""Somebody is told through a relative: the relative's handset proves nothing of them, and what they say themselves does."""

from notifiers.announcements import confirm, confirm_persons
from notifiers.channels.shape import Accepted, ReceiptIn, Refused, Unknown
from notifiers.delivery import by_hand, receipts
from notifiers.links import make_reference
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.town import MOBILE, Town, broadcast
from tocsin.base.database import Database

SON = MOBILE.format(8)


async def grandmother(town: Town, home: int, *, own: str = "", proxy_rank: int = 0) -> int:
    """She lives in this home; her son's number is hers by proxy, and perhaps she has one of her own."""
    person = await town.person(kind="resident", name="王奶奶")
    await town.lives(person, home)
    await town.contact(person, SON, rank=proxy_rank, proxy="王小明")
    if own:
        await town.contact(person, own, rank=1)
    return person


async def son(town: Town, home: int) -> int:
    person = await town.person(kind="resident", name="王小明")
    await town.lives(person, home)
    await town.contact(person, SON)
    return person


async def delivered(database: Database, town: Town, gateway: int, message: int, no: int) -> None:
    """The gateway's receipt says that the handset has it."""
    async with database.community(town.community) as tx:
        await receipts.record(tx, gateway, ReceiptIn(make_reference(town.community, message, no), "delivered", None, "", f"{no}"))
    await receipts.run_once(database, town.community)


async def test_a_receipt_from_the_son_s_handset_confirms_him_and_not_his_mother(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    his, hers = await town.home("3-101"), await town.home("3-102")
    await son(town, his)
    mother = await grandmother(town, hers)
    message = (await post(database, town, broadcast(his, hers))).message_id
    (one,) = await take(database, town, sms, lane="urgent")
    await finish(database, town, came(one, Accepted()))
    for _ in range(2):
        await delivered(database, town, gateway, message, one.no)
        assert await reaches(town) == ["confirmed", "handed_over: by_proxy"] and await town.sums_hold()
    async with database.community(town.community) as tx:
        await confirm_persons(tx, [(message, mother)])
    assert await reaches(town) == ["confirmed", "confirmed"] and await town.sums_hold()


async def test_who_opens_the_link_or_answers_the_desk_has_proved_it(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    desk = await town.channel(await town.gateway("by_hand"), "by_hand", rank=9)
    home = await town.home("3-102")
    person = await grandmother(town, home)
    first = (await post(database, town, broadcast(home))).message_id
    (one,) = await take(database, town, sms, lane="urgent")
    await finish(database, town, came(one, Accepted()))
    await delivered(database, town, gateway, first, one.no)
    async with database.community(town.community) as tx:
        await confirm(tx, first, delivery_no=one.no)
    ringing = broadcast(home, key="ring", means="ring", kind="alert", lane="alert", code="", link="")
    second = (await post(database, town, ringing)).message_id
    (call,) = await take(database, town, desk)
    await finish(database, town, came(call, Accepted(), by_hand=True))
    async with database.community(town.community) as tx:
        assert [one.person_id for one in await by_hand.waiting(tx, 41)] == [person]
        await by_hand.finish(tx, second, call.no, "answered")
    assert await reaches(town) == ["confirmed", "confirmed"] and await town.sums_hold()


async def test_who_goes_on_to_a_number_that_has_the_message_by_proxy_is_not_confirmed_by_it(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    his, hers = await town.home("3-101"), await town.home("3-102")
    await son(town, his)
    await grandmother(town, hers, own=MOBILE.format(1), proxy_rank=2)
    message = (await post(database, town, broadcast(his, hers))).message_id
    to_him, to_her = await take(database, town, sms, lane="urgent")
    await finish(database, town, came(to_him, Accepted()))
    await delivered(database, town, gateway, message, to_him.no)
    await finish(database, town, came(to_her, Refused("off", "switched off")))
    assert await reaches(town) == ["confirmed", "handed_over: by_proxy"] and await town.sums_hold()
    assert await states(town) == [(1, "delivered"), (2, "failed")]


async def test_her_own_number_is_tried_on_when_the_proxy_s_receipt_comes_late(database: Database, town: Town) -> None:
    gateway = await town.gateway("http_sms")
    sms = await town.channel(gateway, "sms")
    hers = await town.home("3-102")
    await grandmother(town, hers, own=MOBILE.format(1))
    message = (await post(database, town, broadcast(hers, life_safety=True))).message_id
    (by_proxy,) = await take(database, town, sms, lane="urgent")
    await finish(database, town, came(by_proxy, Unknown("time_out")))
    await delivered(database, town, gateway, message, by_proxy.no)
    assert await reaches(town) == ["trying"]
    (own,) = await take(database, town, sms, lane="urgent")
    await finish(database, town, came(own, Refused("off", "switched off")))
    assert await reaches(town) == ["handed_over: by_proxy"] and await town.sums_hold()
