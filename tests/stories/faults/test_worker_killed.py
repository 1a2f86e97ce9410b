"""The worker is killed at each hop: what it had begun is done once by the next one, or stands there as uncertain."""

import signal

import pytest

from notifiers.delivery.fan_out import FIRST_PAGE
from tests.harness.processes import kill
from tests.stories.faults.conftest import Scene

CALLS = "SELECT count(*) FROM delivery_settled AS d JOIN channel AS c ON c.id = d.channel_id WHERE c.kind = 'by_hand'"
SETTLED = "SELECT message_id, no, state, token, attempts, reason, settled_at FROM delivery_settled ORDER BY message_id, no"


async def test_killed_before_its_claim_s_commit_the_next_one_sends_as_if_nothing_had_been(scene: Scene) -> None:
    await scene.starts_api()
    await scene.declares(key="call-1")
    async with scene.holding_work("leases") as hold:
        worker = await scene.starts_worker()
        await hold.caught("INSERT INTO work")
        await kill(worker)
        await hold.let_go()
    assert await scene.count("SELECT max(token) FROM delivery") == 0
    assert scene.gateway.sent == []

    await scene.starts_worker()
    await scene.phone("zhang").receives("困人")
    await scene.ends_well()
    assert await scene.count("SELECT max(attempts) FROM delivery_settled") == 1
    assert await scene.count(CALLS) == 0


@pytest.mark.parametrize("scene", [{"tells_repeats_apart": True}, {"tells_repeats_apart": False}], indirect=True, ids=["sent", "called"])
async def test_killed_between_claim_and_send_the_alert_still_finds_its_way(scene: Scene, request: pytest.FixtureRequest) -> None:
    await scene.gateway.go_deaf()
    await scene.starts_api()
    worker = await scene.starts_worker()
    await scene.declares(key="call-1")
    await scene.until("SELECT count(*) = 2 FROM delivery WHERE state = 'sending'")
    await kill(worker)
    await scene.gateway.come_back()
    assert scene.gateway.sent == []

    await scene.starts_worker()
    await scene.until("SELECT count(*) = 2 FROM delivery_attempt WHERE outcome = 'lease_expired'")
    await scene.ends_well()
    if "sent" in request.node.name:
        assert {one.to for one in scene.gateway.sent} == {scene.phone("zhang").number, scene.phone("zhao").number}
        assert await scene.count(CALLS) == 0
    else:
        assert scene.gateway.sent == []
        assert await scene.count(CALLS) == 2


async def test_killed_while_settling_what_was_sent_is_uncertain_until_the_handset_says_so(scene: Scene) -> None:
    await scene.starts_api()
    async with scene.holding("LOCK TABLE delivery_attempt IN SHARE MODE") as hold:
        worker = await scene.starts_worker()
        await scene.declares(key="call-1")
        await hold.caught("What came of claims")
        await kill(worker)
        await hold.let_go()
    assert len(scene.gateway.sent) == 2

    await scene.starts_worker()
    await scene.until("SELECT count(*) = 2 FROM delivery_settled WHERE state = 'unknown'")
    await scene.until(f"SELECT 2 = ({CALLS})")
    receipts = [{"reference": one.reference, "state": "delivered"} for one in scene.gateway.sent]
    assert await scene.hook("receipts", {"receipts": receipts}) == 200
    await scene.until("SELECT sum(confirmed) = 2 FROM message")
    await scene.ends_well()
    assert scene.gateway.repeated == []


async def test_killed_while_it_fires_a_timer_the_timer_fires_once(scene: Scene) -> None:
    await scene.starts_api()
    worker = await scene.starts_worker()
    incident = int(await scene.declares(key="call-1"))
    await scene.phone("zhang").receives("困人")
    due_at = await scene.owner.fetchval("SELECT due_at FROM timer WHERE incident_id = $1 AND key = 'run'", incident)
    async with scene.holding("LOCK TABLE incident_event IN SHARE MODE") as hold:
        await scene.clock.set_clock(due_at)
        await hold.caught("INSERT INTO incident_event")
        await kill(worker)
        await hold.let_go()
    assert await scene.count("SELECT count(*) FROM timer WHERE due_at = $1", due_at) == 1

    await scene.starts_worker()
    await scene.until("SELECT NOT EXISTS (SELECT FROM timer WHERE due_at = $1)", due_at)
    fired = "SELECT count(*) FROM incident_event WHERE cause = 'timer' AND (body::jsonb ->> 'due_at')::timestamptz = $1"
    assert await scene.count(fired, due_at) == 1
    await scene.forward(minutes=1)
    await scene.phone("li").receives("困人")
    await scene.ends_well()
    assert len(scene.phone("li").messages) == 1


@pytest.mark.parametrize("scene", [{"batch_size": 500}], indirect=True)
async def test_killed_between_two_pages_of_a_broadcast_everybody_is_told_once(scene: Scene) -> None:
    numbers = await scene.has_residents(FIRST_PAGE + 300)
    await scene.starts_api()
    message = await scene.tells_residents()
    size = await scene.count("SELECT size FROM message WHERE id = $1", message)
    # With this index, whoever makes the second page waits for whoever is making it.
    await scene.owner.execute("CREATE UNIQUE INDEX only_here ON delivery_range (message_id, first_no) WHERE lease_until IS NULL")
    async with scene.holding(
        "INSERT INTO delivery_range (community_id, message_id, lane, channel_id, first_no, last_no, deliveries, due_at)"
        " SELECT community_id, message_id, 'urgent', channel_id, delivery_no, delivery_no, 1, 'infinity'"
        " FROM audience_member WHERE message_id = $1 AND delivery_no = $2",
        message, FIRST_PAGE + 1,
    ) as hold:  # fmt: skip
        worker = await scene.starts_worker()
        await hold.caught("One repeatable page")
        await kill(worker)
        await hold.let_go()
    assert await scene.count("SELECT fanned_out FROM message WHERE id = $1", message) == FIRST_PAGE

    await scene.starts_worker()
    await scene.ends_well()
    assert await scene.count("SELECT count(*) FROM delivery_settled WHERE message_id = $1", message) == size
    uncertain = await scene.count("SELECT count(*) FROM delivery_settled WHERE message_id = $1 AND state = 'unknown'", message)
    told = {one.to for one in scene.gateway.sent}
    assert len(numbers - told) <= uncertain
    assert not numbers & set(scene.gateway.repeated)


async def test_asleep_in_the_middle_of_a_transaction_it_holds_up_nobody_for_long(scene: Scene) -> None:
    await scene.starts_api()
    sleeper = await scene.starts_worker()
    incident = int(await scene.declares(key="call-1"))
    await scene.phone("zhang").receives("困人")
    due_at = await scene.owner.fetchval("SELECT due_at FROM timer WHERE incident_id = $1 AND key = 'run'", incident)
    async with scene.holding_work("alert") as hold:
        await scene.clock.set_clock(due_at)
        await hold.caught("INSERT INTO work")
        sleeper.send_signal(signal.SIGSTOP)
        await hold.let_go(killed=False)
    await scene.starts_worker()
    await scene.declares(key="call-2")
    await scene.phone("zhang").receives("困人", times=2)
    await scene.until("SELECT NOT EXISTS (SELECT FROM timer WHERE due_at = $1)", due_at)

    sleeper.send_signal(signal.SIGCONT)
    await scene.forward(minutes=1)
    await scene.ends_well()
    fired = "SELECT count(*) FROM incident_event WHERE cause = 'timer' AND (body::jsonb ->> 'due_at')::timestamptz = $1"
    assert await scene.count(fired, due_at) == 1
    assert sleeper.returncode is None


async def test_one_killed_and_one_asleep_beyond_its_lease_change_nothing_that_others_have_settled(scene: Scene) -> None:
    scene.service.extra["TOCSIN_LEASE_SECONDS"] = "5"
    scene.gateway.always = "hang"
    await scene.starts_api()
    sleeper = await scene.starts_worker()
    await scene.declares(key="call-1")
    await scene.phone("zhao").receives("困人")
    sleeper.send_signal(signal.SIGSTOP)
    other = await scene.starts_worker()
    await scene.declares(key="call-2")
    await scene.phone("zhao").receives("困人", times=2)
    await kill(other)

    scene.gateway.always = None
    await scene.starts_worker()
    await scene.until("SELECT count(*) = 4 FROM delivery_attempt WHERE outcome = 'lease_expired'")
    await scene.until(f"SELECT 4 = ({CALLS})")
    before = await scene.owner.fetch(SETTLED)
    sleeper.send_signal(signal.SIGCONT)
    await scene.until("SELECT count(*) = 2 FROM delivery_attempt WHERE seq = 1")
    assert await scene.owner.fetch(SETTLED) == before
    assert await scene.count("SELECT count(*) FROM delivery_attempt WHERE seq = 1 AND token <> 1") == 0
    await scene.ends_well()
    assert len(scene.gateway.sent) == 4
