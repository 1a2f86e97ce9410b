"""What stops its sender again and again is set apart, and everybody else's messages go on."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from notifiers.announcements import pause, unpause
from notifiers.channels.shape import Accepted
from notifiers.delivery import leases, quarantine
from notifiers.errors import QuarantineUnknownError
from tests.notifiers.steps import came, finish, post, reaches, states, take
from tests.notifiers.test_pausing import households
from tests.notifiers.town import MOBILE, Town, alert, broadcast
from tocsin.base.database import Database
from tocsin.base.work import Lane

LEASE = 20.0


async def sender_dies(database: Database, town: Town, channel: int, *, lane: Lane, room: int = 100, repeats: bool = False) -> int:
    """A sender claims what is due and never comes back; how many claims that leaves behind. Then their leases run out."""
    await town.owner.execute("UPDATE delivery SET due_at = clock_timestamp() WHERE due_at < clock_timestamp() + interval '2 minutes'")
    claimed = await take(database, town, channel, lane=lane, room=room, repeats=repeats, lease_seconds=LEASE)
    # As if this had been a lease ago: what is noted from now on is later than this claim.
    await town.owner.execute("UPDATE delivery SET lease_until = clock_timestamp() WHERE state = 'sending'")
    await leases.run_once(database, town.community, 0.0)
    return len(claimed)


async def apart(database: Database, town: Town) -> list[tuple[int, int, int]]:
    async with database.community(town.community) as tx:
        return [(one.message_id, one.no, one.waiting) for one in await quarantine.set_apart(tx)]


@pytest.mark.parametrize("life_safety", [True, False])
async def test_a_delivery_that_stopped_five_senders_is_given_to_no_sixth(database: Database, town: Town, life_safety: bool) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    engineer = await town.engineer(1)
    await town.contact(engineer, MOBILE.format(2), rank=1)
    message = (await post(database, town, alert(engineer, life_safety=life_safety))).message_id
    for _ in range(4):
        assert await sender_dies(database, town, channel, lane="alert", repeats=True) == 1
    assert await apart(database, town) == []
    with capture_logs() as logs:
        await sender_dies(database, town, channel, lane="alert", repeats=True)
    assert [(one["event"], one["log_level"], one["no"]) for one in logs] == [("message_quarantined", "error", 1)]
    assert await apart(database, town) == [(message, 1, 1)]
    assert await states(town) == ([(1, "unknown"), (2, "queued")] if life_safety else [(1, "unknown")])
    reason = await town.owner.fetchval("SELECT reason FROM delivery_settled")
    assert reason == "quarantined" and await town.sums_hold()


async def test_released_it_is_tried_again_under_its_own_key_and_given_up_it_takes_the_next_way(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    for number in (1, 2):
        engineer = await town.engineer(number)
        await town.contact(engineer, MOBILE.format(number + 10), rank=1)
        await post(database, town, alert(engineer, key=f"alert/{number}", life_safety=False))
    for _ in range(5):
        await sender_dies(database, town, channel, lane="alert", repeats=True)
    (first, _, _), (second, _, _) = await apart(database, town)
    async with database.community(town.community) as tx:
        await quarantine.end(tx, first, 1, "released", "李静")
        await quarantine.end(tx, second, 1, "given_up", "李静")
        with pytest.raises(QuarantineUnknownError):
            await quarantine.end(tx, second, 1, "released", "李静")
    claimed = {one.message_id: one for one in await take(database, town, channel)}
    assert (claimed[first].no, claimed[first].token, claimed[first].attempts, claimed[first].maybe_sent) == (1, 6, 1, True)
    assert (claimed[second].no, claimed[second].address) == (2, MOBILE.format(12))
    await finish(database, town, *[came(one, Accepted()) for one in claimed.values()])
    assert await reaches(town) == ["handed_over"] * 2 and await town.sums_hold() and await apart(database, town) == []


async def test_news_that_stop_every_sender_are_paused_as_a_whole_before_they_have_used_everybody_up(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    message = (await post(database, town, broadcast(await households(town, 40)))).message_id
    lost = [await sender_dies(database, town, channel, lane="urgent", room=4) for _ in range(4)]
    assert await apart(database, town) == []
    with capture_logs() as logs:
        lost += [await sender_dies(database, town, channel, lane="urgent", room=4) for _ in range(3)]
    assert lost == [4, 4, 4, 4, 4, 0, 0], "the sixth sender is given none"
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["message_quarantined"]
    assert await apart(database, town) == [(message, 0, 20)]
    assert (await reaches(town)).count("trying") == 20 and await town.sums_hold()
    async with database.community(town.community) as tx:
        assert await unpause(tx, message) == 20
        await quarantine.ended_with_the_pause(tx, message, "released", "李静")
    assert await apart(database, town) == []
    assert await sender_dies(database, town, channel, lane="urgent", room=4) == 4
    assert await apart(database, town) == [], "its losses count from nothing again"


async def test_a_worker_that_is_killed_in_the_middle_of_a_long_broadcast_sets_nothing_apart(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, broadcast(await households(town, 60)))
    for _ in range(8):
        await sender_dies(database, town, channel, lane="urgent", room=3)
        (sent,) = await take(database, town, channel, lane="urgent", room=1)
        await finish(database, town, came(sent, Accepted()))
    assert await apart(database, town) == []


async def test_claims_that_one_dead_sender_leaves_behind_are_one_loss_however_late_their_leases_end(database: Database, town: Town) -> None:
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    await post(database, town, broadcast(await households(town, 30)))
    for _ in range(8):
        await take(database, town, channel, lane="urgent", room=3, lease_seconds=LEASE)
    for late in range(8):
        await town.owner.execute(
            "UPDATE delivery SET lease_until = clock_timestamp() WHERE no IN"
            " (SELECT no FROM delivery WHERE state = 'sending' ORDER BY no LIMIT 3)"
        )
        assert await leases.run_once(database, town.community, LEASE + late) == 3
    assert await town.owner.fetchval("SELECT max(losses) FROM quarantine") == 1


async def test_what_is_paused_by_hand_is_not_set_apart(database: Database, town: Town) -> None:
    await town.channel(await town.gateway("http_sms"), "sms")
    message = (
        await post(database, town, broadcast(await households(town, 2), expires_seconds=timedelta(hours=1).total_seconds()))
    ).message_id
    async with database.community(town.community) as tx:
        await pause(tx, message)
    assert await apart(database, town) == []
