"""The judge of these stories is judged: whatever could go wrong, it sees, once a story that went well has none of it."""

from dataclasses import replace

from tests.harness.oracle import RULES, wrongs
from tests.stories.faults.conftest import Scene

TAMPERINGS = {
    "a delivery is not final": "INSERT INTO delivery (community_id, message_id, no, lane, channel_id, person_id, address, language, state, due_at)"
    " SELECT community_id, message_id, 99, 'alert', channel_id, person_id, '+861', language, 'queued', now() FROM delivery_settled LIMIT 1",
    "a message was not fanned out": "UPDATE message SET to_fan_out = 2, deliveries = 2 WHERE to_fan_out = 1",
    "a member was lost": "DELETE FROM delivery_settled",
    "a denominator does not sum": "UPDATE audience_member SET reach = 'unknown', reason = NULL",
    "an address has two deliveries of one message": "INSERT INTO delivery (community_id, message_id, no, lane, channel_id, person_id, address,"
    " language, state, due_at) SELECT community_id, message_id, 99, 'alert', channel_id, person_id, address, language, 'queued', now()"
    " FROM delivery_settled LIMIT 1",
    "a timer fired twice": "INSERT INTO incident_event SELECT community_id, incident_id, no + 1000, at, happened_at, kind, cause, body,"
    " detail_hash, prev_hash, hash FROM incident_event WHERE cause = 'timer'",
    "a timer did not fire": "UPDATE timer SET due_at = '-infinity'",
    "a run is not folded to the head of its record": "UPDATE run SET folded_no = 1",
    "what was heard was not applied": "UPDATE receipt_bundle SET applied_at = NULL",
    "an answer counts twice": "INSERT INTO answer (community_id, incident_id, alert_key, rung, person_id, kind, promised_at, at, evidence,"
    " event_no) SELECT community_id, incident_id, alert_key, rung, person_id, kind, promised_at, at, evidence, event_no FROM answer",
    "of a claim not exactly one word counted": "UPDATE delivery_settled SET token = token + 1",
    "called untold after a stop, who may have been told": "WITH settled AS (UPDATE delivery_settled SET state = 'cancelled'),"
    " members AS (UPDATE audience_member SET reach = 'excluded', reason = 'stopped')"
    " INSERT INTO delivery_attempt (community_id, message_id, no, token, seq, outcome, at)"
    " SELECT community_id, message_id, no, token, 7, 'unknown', now() FROM delivery_settled",
    "an idempotency key has no answer": "UPDATE idempotency SET status = NULL, body = NULL",
}


async def test_it_sees_whatever_goes_wrong(scene: Scene) -> None:
    assert TAMPERINGS.keys() == RULES.keys()
    await scene.starts_all_in_one()
    await scene.declares(key="call-1")
    await scene.phone("zhang").receives("困人")
    await scene.hook("receipts", {"receipts": [{"reference": scene.gateway.sent[0].reference, "state": "delivered"}]})
    await scene.phone("zhang").replies("1")
    await scene.phone("zhang").receives("已记您接单")
    await scene.forward(minutes=1.1)
    await scene.ends_well()

    for what, statement in TAMPERINGS.items():
        tampering = scene.owner.transaction()
        await tampering.start()
        await scene.owner.execute(statement)
        assert any(one.startswith(what) for one in await _seen(scene)), what
        await tampering.rollback()
    assert await _seen(scene) == []

    once = scene.gateway.sent[0]
    scene.gateway.sent.append(once)
    assert any(one.startswith("received 2 times with 0 uncertain") for one in await _seen(scene))
    scene.gateway.sent[:] = [one for one in scene.gateway.sent if one is not once]
    assert any("never received" in one for one in await _seen(scene))
    scene.gateway.sent[0] = replace(once, reference="1-zzzz-1")
    assert any(one.startswith("sent, and on no disk") for one in await _seen(scene))

    await scene.owner.execute("UPDATE incident_event SET body = body || ' ' WHERE no = 2")
    assert any(one.startswith("a record does not hold") for one in await _seen(scene))


async def _seen(scene: Scene) -> list[str]:
    return await wrongs(scene.owner, scene.database, [scene.gateway])
