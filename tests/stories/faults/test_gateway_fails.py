"""A gateway fails in every way there is: what was sent, refused or uncertain is told apart, and an alert takes its next way in time."""

from dataclasses import dataclass

import pytest

from tests.stories.faults.conftest import TRAPPED, Scene

STATES = "SELECT array_agg(d.state ORDER BY d.no) FROM delivery_settled AS d JOIN channel AS c ON c.id = d.channel_id WHERE c.kind = $1"
TWO_CALLS = "SELECT count(*) = 2 FROM delivery_settled AS d JOIN channel AS c ON c.id = d.channel_id WHERE c.kind = 'by_hand'"


@dataclass(frozen=True, slots=True)
class Failing:
    """One way to fail: what the gateway does, whether it sent all the same, and what is to be made of it."""

    fault: str
    sent: bool
    state: str
    word: str
    attempts: int = 1

    def __str__(self) -> str:
        return self.fault


WAYS = (
    Failing("refuse", sent=False, state="failed", word="bad_number"),
    Failing("no_credit", sent=False, state="failed", word="no_credit"),
    Failing("nonsense", sent=True, state="unknown", word="not_understood"),
    Failing("charset", sent=True, state="unknown", word="not_understood"),
    Failing("huge", sent=True, state="unknown", word="too_large"),
    Failing("sent_error", sent=True, state="unknown", word="server_error"),
    Failing("reset", sent=True, state="unknown", word="connection_lost"),
    Failing("hang", sent=True, state="unknown", word="time_out"),
    Failing("drip", sent=True, state="unknown", word="time_out"),
)


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_however_it_fails_nobody_is_told_twice_and_the_desk_calls(scene: Scene, way: Failing) -> None:
    scene.gateway.always = way.fault
    await scene.starts_all_in_one()
    await scene.declares(key="call-1")
    await scene.until(TWO_CALLS)
    await scene.ends_well()
    assert await scene.owner.fetchval(STATES, "sms") == [way.state, way.state]
    assert await scene.owner.fetchval(STATES, "by_hand") == ["accepted", "accepted"]
    assert set(await scene.owner.fetchval("SELECT array_agg(reason) FROM delivery_settled WHERE state <> 'accepted'")) == {way.word}
    assert await scene.count("SELECT sum(attempts) FROM delivery_settled WHERE state <> 'accepted'") == 2
    assert (len(scene.gateway.sent), scene.gateway.repeated) == (2 if way.sent else 0, [])


async def test_sent_although_it_answered_500_the_receipt_takes_the_call_off_the_desk_s_list(scene: Scene) -> None:
    scene.gateway.always = "sent_error"
    await scene.starts_all_in_one()
    incident = await scene.declares(key="call-1")
    await scene.until(TWO_CALLS)
    calls = (await scene.get(f"/incidents/{incident}/calls"))["items"]
    assert isinstance(calls, list)
    assert len(calls) == 2
    receipts = [{"reference": one.reference, "state": "delivered"} for one in scene.gateway.sent]
    assert await scene.hook("receipts", {"receipts": receipts}) == 200
    await scene.until("SELECT sum(confirmed) = 2 FROM message")
    assert (await scene.get(f"/incidents/{incident}/calls"))["items"] == []
    await scene.ends_well()


async def test_told_to_wait_a_minute_the_alert_does_not_wait_and_the_gateway_is_left_alone(scene: Scene) -> None:
    scene.gateway.always, scene.gateway.retry_after_seconds = "later", 60
    await scene.starts_all_in_one()
    await scene.declares(key="call-1")
    await scene.until(TWO_CALLS)
    await scene.ends_well()
    assert await scene.owner.fetchval(STATES, "sms") == ["failed", "failed"]
    assert scene.gateway.calls == 2 and scene.gateway.sent == []


async def test_told_to_wait_a_moment_it_is_sent_after_that(scene: Scene) -> None:
    scene.gateway.faults.extend(["later", "later"])
    scene.gateway.retry_after_seconds = 0.5
    await scene.starts_all_in_one()
    await scene.declares(key="call-1")
    await scene.phone("zhang").receives("困人")
    await scene.phone("zhao").receives("困人")
    await scene.ends_well()
    assert await scene.owner.fetchval(STATES, "sms") == ["accepted", "accepted"]
    assert len(scene.gateway.sent) == 2


async def test_away_and_back_the_alert_went_another_way_and_the_news_arrives_once(scene: Scene) -> None:
    await scene.gateway.go_away()
    await scene.starts_all_in_one()
    message = await scene.tells_residents()
    tried = "SELECT 3 = (SELECT count(DISTINCT no) FROM delivery_attempt WHERE message_id = $1 AND outcome = 'not_sent')"
    await scene.until(tried, message)
    await scene.until(TWO_CALLS)
    await scene.gateway.come_back()
    for name in ("mrs_wang", "mr_zhou", "alice"):
        await scene.phone(name).receives("Power" if name == "alice" else "停电")
    await scene.ends_well()
    assert scene.gateway.repeated == []
    assert set(await scene.owner.fetchval("SELECT array_agg(state) FROM delivery_settled WHERE message_id = $1", message)) == {"accepted"}


@pytest.mark.parametrize("scene", [{"in_flight": 8}], indirect=True)
async def test_hanging_on_every_line_neither_its_own_alerts_nor_other_gateways_wait(scene: Scene) -> None:
    scene.service.extra["TOCSIN_LEASE_SECONDS"] = "60"
    await scene.has_residents(40)
    scene.gateway.always = "hang"
    scene.gateway.spared = {scene.phone("zhang").number, scene.phone("zhao").number}
    await scene.starts_all_in_one()
    async with scene.another_town() as other:
        message = await scene.tells_residents()
        await scene.until_true(lambda: scene.gateway.hanging >= 6)
        await other.post("/incidents", TRAPPED)
        await scene.declares(key="call-1")
        await other.phone("zhang").receives("困人")
        await scene.phone("zhang").receives("困人")
        assert await scene.count("SELECT count(*) FROM delivery_attempt WHERE message_id = $1", message) == 0
        scene.gateway.always = None
        scene.gateway.let_go()
        await scene.ends_well(other)


async def test_taken_and_never_spoken_of_again_the_homes_become_work_and_are_not_shown_as_told(scene: Scene) -> None:
    await scene.starts_all_in_one()
    message = await scene.tells_residents()
    incident = await scene.count("SELECT subject FROM message WHERE id = $1", message)
    await scene.until("SELECT handed_over = 3 FROM message WHERE id = $1", message)
    await scene.clock.forward_clock(minutes=15.1)
    await scene.until("SELECT count(*) = 3 FROM audience_member WHERE message_id = $1 AND reason = 'no_receipt'", message)
    reach = await scene.get(f"/incidents/{incident}/reach")
    assert (reach["confirmed"], reach["handed_over"], reach["no_receipt"]) == (0, 3, 3)
    await scene.ends_well()
