-- name: plan
-- fills: notifiers.canaries.plan.CanaryPlan
-- When the tests go out.
SELECT test_at, within_minutes, enabled, changed_at FROM canary_plan WHERE community_id = $1

-- name: put_plan
-- Another plan. $5 story time.
INSERT INTO canary_plan (community_id, test_at, within_minutes, enabled, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (community_id) DO UPDATE
SET test_at = EXCLUDED.test_at, within_minutes = EXCLUDED.within_minutes, enabled = EXCLUDED.enabled, changed_at = EXCLUDED.changed_at

-- name: begin_plan
-- With the first canary the tests begin. $4 story time.
INSERT INTO canary_plan (community_id, test_at, within_minutes, enabled, changed_at) VALUES ($1, $2, $3, true, $4) ON CONFLICT DO NOTHING

-- name: canaries
-- fills: notifiers.canaries.named.Canary
-- Who stands for which place, and by what kinds of address they can be reached; whoever was merged into another entry is that one.
SELECT canary.place_id, place.code AS place_code, place.names AS place_names, canary.person_id, person.name, canary.named_by,
       canary.named_at,
       ARRAY(SELECT DISTINCT contact_point.kind FROM contact_point
             WHERE contact_point.community_id = $1 AND contact_point.person_id = person.id ORDER BY contact_point.kind) AS address_kinds
FROM canary
JOIN place ON place.community_id = $1 AND place.id = canary.place_id
CROSS JOIN LATERAL (SELECT coalesce(entry.merged_into, entry.id) AS id FROM person AS entry
                    WHERE entry.community_id = $1 AND entry.id = canary.person_id LIMIT 1) AS named
JOIN person ON person.community_id = $1 AND person.id = named.id
WHERE canary.community_id = $1
ORDER BY place.kind DESC, place.rank, length(place.code), place.code, canary.person_id

-- name: name_canary
-- Again is no change. $6 story time.
INSERT INTO canary (community_id, place_id, place_kind, person_id, named_by, named_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING

-- name: withdraw_canary
-- They stand for the place no more.
DELETE FROM canary WHERE community_id = $1 AND place_id = $2 AND person_id = $3

-- name: test_is_open
-- Whether proof of a test is being waited for. $2 story time.
SELECT EXISTS (SELECT FROM canary_test WHERE community_id = $1 AND judged_at IS NULL AND due_at > $2)

-- name: last_round
-- The last of a day's tests.
SELECT max(round) FROM canary_test WHERE community_id = $1 AND day = $2

-- name: insert_test
-- A test that was announced in this transaction. $6 story time.
INSERT INTO canary_test (community_id, day, round, channel_id, message_id, sent_at, due_at, replies_after)
SELECT $1, $2, $3, $4, $5, $6, $7,
       coalesce((SELECT reply.id FROM reply WHERE reply.community_id = $1 ORDER BY reply.id DESC LIMIT 1), 0)
RETURNING id

-- name: insert_proofs
-- The places that it is to prove something of.
INSERT INTO canary_proof (community_id, test_id, place_id, channel_id) SELECT $1, $2, place_id, $3 FROM unnest($4::bigint[]) AS of (place_id)

-- name: open_tests
-- fills: notifiers.canaries.proofs.Test
-- Tests whose time is not up, or that lack a proof which may come late. $2 no older than.
SELECT test.id, test.sent_at, test.due_at, test.judged_at FROM canary_test AS test
WHERE test.community_id = $1 AND test.sent_at > $2
  AND (test.judged_at IS NULL
       OR EXISTS (SELECT FROM canary_proof AS proof WHERE proof.community_id = $1 AND proof.test_id = test.id AND proof.proven_at IS NULL))
ORDER BY test.id

-- name: test_of_message
-- The test that a message is.
SELECT id FROM canary_test WHERE community_id = $1 AND message_id = $2

-- name: delivery_is_confirmed
-- Whether somebody of a test's delivery proved to have it.
SELECT EXISTS (SELECT FROM audience_member AS member
               WHERE member.community_id = $1 AND member.message_id = $2 AND member.delivery_no = $3 AND member.reach = 'confirmed')

-- name: prove
-- fills: notifiers.canaries.proofs.Proven
-- What the tests ($2) have proven by now: one canary of a place is enough. A receipt before a press of the link before an answer from the same
-- address. $3 story time.
WITH owed AS (
    SELECT test.id, test.message_id, test.replies_after, test.judged_at, proof.place_id
    FROM canary_test AS test
    JOIN canary_proof AS proof ON proof.community_id = $1 AND proof.test_id = test.id AND proof.proven_at IS NULL
    WHERE test.community_id = $1 AND test.id = ANY ($2::bigint[])
), heard AS (
    SELECT DISTINCT ON (owed.id, owed.place_id) owed.id, owed.place_id, owed.judged_at, sign.evidence, sign.at
    FROM owed
    JOIN canary ON canary.community_id = $1 AND canary.place_id = owed.place_id
    CROSS JOIN LATERAL (SELECT coalesce(entry.merged_into, entry.id) AS id FROM person AS entry
                        WHERE entry.community_id = $1 AND entry.id = canary.person_id LIMIT 1) AS named
    JOIN audience_member AS member
        ON member.community_id = $1 AND member.person_id = named.id AND member.message_id = owed.message_id
    CROSS JOIN LATERAL (
        SELECT 1 AS rank, 'receipt' AS evidence, way.state_at AS at FROM delivery_settled AS way
        WHERE way.community_id = $1 AND way.message_id = owed.message_id AND way.no = member.delivery_no AND way.state = 'delivered'
        UNION ALL
        SELECT 2, 'link', $3::timestamptz WHERE member.reach = 'confirmed'
        UNION ALL
        SELECT 3, 'reply', $3::timestamptz FROM (
            SELECT reply.id FROM reply
            WHERE reply.community_id = $1 AND reply.id > owed.replies_after AND reply.address = member.address
            ORDER BY reply.id LIMIT 1
        ) AS answer
    ) AS sign
    ORDER BY owed.id, owed.place_id, sign.rank, sign.at
)
UPDATE canary_proof AS proof SET proven_at = heard.at, evidence = heard.evidence, why = NULL
FROM heard
WHERE proof.community_id = $1 AND proof.test_id = heard.id AND proof.place_id = heard.place_id
RETURNING proof.test_id, proof.place_id, proof.channel_id, heard.judged_at IS NOT NULL AS late

-- name: missed
-- fills: notifiers.canaries.proofs.Missed
-- What these tests have not proven, and how far the best of the place's canaries came.
SELECT DISTINCT ON (proof.test_id, proof.place_id) proof.test_id, proof.place_id, proof.channel_id, place.code AS place_code,
       gateway.name AS gateway, member.reach, member.reason
FROM canary_proof AS proof
JOIN canary_test AS test ON test.community_id = $1 AND test.id = proof.test_id
JOIN place ON place.community_id = $1 AND place.id = proof.place_id
JOIN channel ON channel.community_id = $1 AND channel.id = proof.channel_id
JOIN gateway ON gateway.id = channel.gateway_id
LEFT JOIN canary ON canary.community_id = $1 AND canary.place_id = proof.place_id
LEFT JOIN audience_member AS member
    ON member.community_id = $1 AND member.person_id = canary.person_id AND member.message_id = test.message_id
WHERE proof.community_id = $1 AND proof.test_id = ANY ($2::bigint[]) AND proof.proven_at IS NULL
ORDER BY proof.test_id, proof.place_id,
         array_position(ARRAY['handed_over', 'unknown', 'trying', 'unreachable', 'opted_out', 'excluded'], member.reach), member.member_no

-- name: note_missed
-- Why no proof came, as far as it is known.
UPDATE canary_proof AS proof SET why = missed.why
FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS missed (test_id, place_id, why)
WHERE proof.community_id = $1 AND proof.test_id = missed.test_id AND proof.place_id = missed.place_id

-- name: mark_judged
-- Their time is up, and it has been said. $3 story time.
UPDATE canary_test SET judged_at = $3 WHERE community_id = $1 AND id = ANY ($2::bigint[]) AND judged_at IS NULL

-- name: tested
-- fills: notifiers.canaries.ways.Tested
-- Of each of these ways (place, channel) the last test, and when it was proven last.
SELECT way.place_id, way.channel_id, last.sent_at, last.due_at, last.proven_at, last.evidence, last.why, proven.proven_at AS proven_before
FROM unnest($2::bigint[], $3::bigint[]) AS way (place_id, channel_id)
LEFT JOIN LATERAL (
    SELECT test.sent_at, test.due_at, proof.proven_at, proof.evidence, proof.why
    FROM canary_test AS test
    JOIN canary_proof AS proof ON proof.community_id = $1 AND proof.test_id = test.id AND proof.place_id = way.place_id
    WHERE test.community_id = $1 AND test.channel_id = way.channel_id
    ORDER BY test.id DESC LIMIT 1
) AS last ON true
LEFT JOIN LATERAL (
    SELECT proof.proven_at FROM canary_proof AS proof
    WHERE proof.community_id = $1 AND proof.place_id = way.place_id AND proof.channel_id = way.channel_id AND proof.proven_at IS NOT NULL
    ORDER BY proof.test_id DESC LIMIT 1
) AS proven ON true

-- name: past_tests
-- fills: notifiers.canaries.ways.PastTest
-- The history, the newest first. $2 behind this test, NULL: from the newest.
SELECT test.id, test.channel_id, channel.kind AS medium, gateway.name AS gateway, test.sent_at, test.due_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('place_id', proof.place_id, 'names', place.names, 'proven_at', proof.proven_at,
                                                     'evidence', proof.evidence, 'why', proof.why)
                                  ORDER BY place.kind DESC, place.rank, place.code), '[]')
        FROM canary_proof AS proof
        JOIN place ON place.community_id = $1 AND place.id = proof.place_id
        WHERE proof.community_id = $1 AND proof.test_id = test.id) AS results
FROM canary_test AS test
JOIN channel ON channel.community_id = $1 AND channel.id = test.channel_id
JOIN gateway ON gateway.id = channel.gateway_id
WHERE test.community_id = $1 AND ($2::bigint IS NULL OR test.id < $2)
ORDER BY test.id DESC LIMIT $3
