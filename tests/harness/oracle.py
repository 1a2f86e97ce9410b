"""The one judge of every story of faults: what the database says happened, held against what gateways really received.

`wrongs` lists everything that must not be, in words; a story that went well has none.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import asyncpg

from incidents.timeline.verify import verify
from notifiers.links import make_reference
from tocsin.base.database import Database


class Noted(Protocol):
    """A message that a gateway sent on."""

    @property
    def reference(self) -> str: ...


class Ledger(Protocol):
    """A gateway that notes what it sent on."""

    @property
    def sent(self) -> Sequence[Noted]: ...


_NOT_FINAL = """
SELECT message_id, no, state FROM delivery
UNION ALL SELECT message_id, first_no, 'range' FROM delivery_range"""
_NOT_FANNED_OUT = "SELECT id FROM message WHERE stopped_at IS NULL AND (sealed_at IS NULL OR fanned_out < to_fan_out)"
# A member still being tried waits for the desk's call; anybody else's last way must be there, and final.
_LOST_MEMBERS = """
SELECT m.message_id, m.member_no, m.reach FROM audience_member AS m
LEFT JOIN delivery_settled AS d ON d.community_id = m.community_id AND d.message_id = m.message_id AND d.no = m.delivery_no
LEFT JOIN channel AS c ON c.community_id = m.community_id AND c.id = d.channel_id
WHERE (m.delivery_no IS NOT NULL AND m.reach NOT IN ('confirmed', 'excluded') AND d.no IS NULL)
   OR (m.reach = 'trying' AND NOT coalesce(c.kind = 'by_hand' AND d.state = 'accepted', false))"""
_WRONG_SUMS = """
SELECT m.id FROM message AS m CROSS JOIN LATERAL (
    SELECT count(*) AS size, count(*) FILTER (WHERE reach = 'confirmed') AS confirmed,
           count(*) FILTER (WHERE reach = 'handed_over') AS handed_over, count(*) FILTER (WHERE reach = 'trying') AS trying,
           count(*) FILTER (WHERE reach = 'unknown') AS unknown, count(*) FILTER (WHERE reach = 'unreachable') AS unreachable,
           count(*) FILTER (WHERE reach = 'opted_out') AS opted_out, count(*) FILTER (WHERE reach = 'excluded') AS excluded
    FROM audience_member AS a WHERE a.community_id = m.community_id AND a.message_id = m.id) AS c
WHERE (m.size, m.confirmed, m.handed_over, m.trying, m.unknown, m.unreachable, m.opted_out, m.excluded)
    IS DISTINCT FROM (c.size, c.confirmed, c.handed_over, c.trying, c.unknown, c.unreachable, c.opted_out, c.excluded)"""
_ADDRESSED_TWICE = """
SELECT message_id, channel_id, address FROM delivery_all GROUP BY community_id, message_id, channel_id, address HAVING count(*) > 1"""
# Every timer writes what it fired for on the record: the same instant twice would be the same timer twice.
_FIRED_TWICE = """
SELECT incident_id, kind, body::jsonb ->> 'due_at' AS due_at FROM incident_event
WHERE cause = 'timer' AND body::jsonb ? 'due_at' GROUP BY 1, 2, 3 HAVING count(*) > 1"""
_OVERDUE = "SELECT incident_id, key FROM timer WHERE due_at <= story_now()"
_FOLDED_ELSEWHERE = """
SELECT i.id FROM incident AS i LEFT JOIN run AS r ON r.community_id = i.community_id AND r.incident_id = i.id
WHERE r.folded_no IS DISTINCT FROM i.head_no"""
_UNHEARD = """
SELECT 'receipt' AS what, unnest(message_ids) AS message_id FROM receipt_bundle WHERE applied_at IS NULL
UNION ALL SELECT 'early receipt', message_id FROM early_receipt
UNION ALL SELECT 'response', message_id FROM response WHERE tallied_no IS NULL"""
_ANSWERED_TWICE = """
SELECT incident_id, person_id, kind FROM (
    SELECT incident_id, person_id, kind, promised_at, lag(kind) OVER said AS before, lag(promised_at) OVER said AS promised_before
    FROM answer WINDOW said AS (PARTITION BY community_id, incident_id, alert_key, person_id ORDER BY id)) AS one
WHERE kind = before AND promised_at IS NOT DISTINCT FROM promised_before"""
"""Twice in a row: who came back to a word in between has said something new."""
_CLAIM_UNSPOKEN_OF = """
SELECT d.message_id, d.no, d.token, a.words FROM delivery_settled AS d CROSS JOIN LATERAL (
    SELECT count(*) AS words FROM delivery_attempt AS a
    WHERE a.community_id = d.community_id AND a.message_id = d.message_id AND a.no = d.no AND a.seq = 0) AS a
WHERE a.words + d.taken_at_once::int <> d.token"""
# A receipt may have said since that it never arrived.
_CALLED_UNTOLD = """
SELECT m.message_id, m.member_no FROM audience_member AS m
JOIN delivery_all AS d ON d.community_id = m.community_id AND d.message_id = m.message_id AND d.no = m.delivery_no
WHERE m.reach = 'excluded' AND m.reason = 'stopped' AND d.state = 'cancelled' AND EXISTS (
    SELECT FROM delivery_attempt AS a
    WHERE a.community_id = d.community_id AND a.message_id = d.message_id AND a.no = d.no AND a.outcome IN ('unknown', 'lease_expired'))"""
_UNFINISHED_KEYS = "SELECT key FROM idempotency WHERE status IS NULL"
_DELIVERIES = """
SELECT d.community_id, d.message_id, d.no, d.state, c.gateway_id,
       count(a.*) FILTER (WHERE a.outcome IN ('unknown', 'lease_expired')) AS uncertain,
       d.taken_at_once::int + count(a.*) FILTER (WHERE a.outcome = 'accepted' AND a.seq = 0) AS accepted
FROM delivery_settled AS d
JOIN channel AS c ON c.community_id = d.community_id AND c.id = d.channel_id
LEFT JOIN delivery_attempt AS a ON a.community_id = d.community_id AND a.message_id = d.message_id AND a.no = d.no
WHERE c.kind = 'sms'
GROUP BY d.community_id, d.message_id, d.no, d.state, d.taken_at_once, c.gateway_id"""

_WORK_DUE = """
SELECT lane FROM work WHERE lane IN ('outcomes', 'fan_out', 'leases', 'receipts', 'no_receipt', 'tallies')
AND due_at <= CASE WHEN lane = 'no_receipt' THEN story_now() ELSE clock_timestamp() END"""

RULES = {
    "a delivery is not final": _NOT_FINAL,
    "a message was not fanned out": _NOT_FANNED_OUT,
    "a member was lost": _LOST_MEMBERS,
    "a denominator does not sum": _WRONG_SUMS,
    "an address has two deliveries of one message": _ADDRESSED_TWICE,
    "a timer fired twice": _FIRED_TWICE,
    "a timer did not fire": _OVERDUE,
    "a run is not folded to the head of its record": _FOLDED_ELSEWHERE,
    "what was heard was not applied": _UNHEARD,
    "an answer counts twice": _ANSWERED_TWICE,
    "of a claim not exactly one word counted": _CLAIM_UNSPOKEN_OF,
    "called untold after a stop, who may have been told": _CALLED_UNTOLD,
    "an idempotency key has no answer": _UNFINISHED_KEYS,
}


STILL = {
    "not final": _NOT_FINAL, "not fanned out": _NOT_FANNED_OUT, "overdue": _OVERDUE, "unheard": _UNHEARD, "work due": _WORK_DUE,
}  # fmt: skip
"""What may be so for a while."""


async def wrongs(owner: "asyncpg.Connection[asyncpg.Record]", database: Database, gateways: Sequence[Ledger]) -> list[str]:
    """Everything that must not be; `owner` sees all communities, `database` is the service's own pool."""
    found = [f"{name}: {dict(row)}" for name, rule in RULES.items() for row in await owner.fetch(rule)]
    found += await _against_ledger(owner, Counter(one.reference for gateway in gateways for one in gateway.sent))
    for row in await owner.fetch("SELECT id FROM community"):
        async with database.community(row["id"]) as tx:
            found += [f"a record does not hold: {one}" for one in await verify(tx, None) if not one.holds]
    return found


async def _against_ledger(owner: "asyncpg.Connection[asyncpg.Record]", received: Counter[str]) -> list[str]:
    """Accepted was received; not sent was not; what was received twice was uncertain the first time, and says so."""
    found = []
    rows = {make_reference(row["community_id"], row["message_id"], row["no"]): row for row in await owner.fetch(_DELIVERIES)}
    found += [f"sent, and on no disk: {reference}" for reference in received if reference not in rows]
    for reference, row in rows.items():
        times, state = received[reference], row["state"]
        if row["accepted"] and times == 0:
            found.append(f"{state}, and never received: {reference}")
        if state in ("failed", "expired", "cancelled") and times and not row["accepted"] and not row["uncertain"]:
            found.append(f"{state}, and yet received: {reference}")
        if times > 1 + row["uncertain"] or (times > 1 and not row["uncertain"]):
            found.append(f"received {times} times with {row['uncertain']} uncertain attempts: {reference}")
    return found


async def is_quiet(owner: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Whether, at one instant, nothing is queued, on the wire, to be fanned out, due, to be applied or waiting for a chore."""
    looks = " OR ".join(f"EXISTS ({rule})" for rule in STILL.values())
    return not await owner.fetchval(f"SELECT {looks}")
