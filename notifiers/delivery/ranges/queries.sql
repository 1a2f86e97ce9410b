-- name: claim_range
-- fills: notifiers.delivery.ranges.claiming.InRange
-- The next piece of what waits at a channel ($3) in a lane, $4 numbers at most, as a range of its own on the wire; numbers whose people all know by
-- now are passed over. $5 machine time, $6 lease, $7 story time, $8 whether the gateway tells repeats apart. Nothing of what is paused,
-- stopped or expired, and only through a route: a drill has none that ends at a resident's handset.
WITH picked AS MATERIALIZED (
    SELECT r.id, r.message_id, r.first_no, r.last_no, r.due_at FROM delivery_range AS r
    CROSS JOIN LATERAL (
        SELECT FROM message AS m
        WHERE m.community_id = $1 AND m.id = r.message_id AND m.stopped_at IS NULL AND m.paused_at IS NULL AND m.expires_at > $7 LIMIT 1) AS m
    CROSS JOIN LATERAL (
        SELECT FROM message_route AS way
        WHERE way.community_id = $1 AND way.message_id = r.message_id AND way.channel_id = $3 LIMIT 1) AS route
    WHERE r.community_id = $1 AND r.lane = $2 AND r.channel_id = $3 AND r.lease_until IS NULL AND r.due_at <= $5
    ORDER BY r.due_at, r.message_id, r.first_no LIMIT 1 FOR UPDATE OF r SKIP LOCKED
), numbered AS MATERIALIZED (
    SELECT DISTINCT ON (a.delivery_no) p.message_id, a.delivery_no AS no, a.member_no, a.person_id, a.address, a.language,
           a.reach = 'trying' AS wanted
    FROM picked AS p
    JOIN audience_member AS a ON a.community_id = $1 AND a.message_id = p.message_id AND a.channel_id = $3
        AND a.delivery_no >= p.first_no AND a.delivery_no <= p.last_no
    ORDER BY a.delivery_no, a.reach <> 'trying', a.member_no LIMIT $4
), taken AS MATERIALIZED (
    SELECT count(*)::int AS numbers, (count(*) FILTER (WHERE wanted))::int AS wanted, max(no) AS last,
           array_agg(no) FILTER (WHERE NOT wanted) AS passed_over
    FROM numbered
), rest AS (
    UPDATE delivery_range AS r SET first_no = t.last + 1, deliveries = greatest(1, r.deliveries - t.numbers)
    FROM picked AS p, taken AS t
    WHERE r.community_id = $1 AND r.id = p.id AND t.numbers = $4::int AND t.last < p.last_no
), emptied AS (
    DELETE FROM delivery_range AS r USING picked AS p, taken AS t
    WHERE r.community_id = $1 AND r.id = p.id AND NOT (t.numbers = $4::int AND t.last < p.last_no)
), piece AS (
    INSERT INTO delivery_range (community_id, message_id, lane, channel_id, first_no, last_no, deliveries, due_at, lease_until,
                                repeats_told_apart, passed_over)
    SELECT $1, p.message_id, $2, $3, p.first_no, t.last, t.wanted, p.due_at, $6, $8, t.passed_over
    FROM picked AS p, taken AS t WHERE t.wanted > 0
    RETURNING id
)
SELECT p.id AS range_id, n.message_id, n.no, n.member_no, n.person_id, n.address, n.language FROM piece AS p CROSS JOIN numbered AS n WHERE n.wanted;

-- name: range_taken
-- fills: notifiers.delivery.ranges.settling.Taken
-- Of one range that is still on the wire ($2), first tries that were simply taken; its message is held. Each becomes a settled delivery, its members
-- are handed over, message and range count on. What was settled before comes back absent, and all of it where the claim is judged by
-- now. (Whoever settles holds the message: so what was settled before is looked up once, and not at each row by ON CONFLICT.) $3… per result: number, leading member, the gateway's reference. $6 why no receipt is to be expected, $7 until when one is waited
-- for, $8 machine, $9 story time.
WITH claim AS MATERIALIZED (
    SELECT r.id, r.message_id, r.channel_id FROM delivery_range AS r WHERE r.community_id = $1 AND r.id = $2 AND r.lease_until IS NOT NULL
), said AS MATERIALIZED (
    SELECT c.message_id, c.channel_id, s.no, s.gateway_ref, a.tid, a.reach, a.member_no = s.member_no AS leads, a.contact_point_id,
           a.person_id, a.address, a.language
    FROM claim AS c CROSS JOIN unnest($3::bigint[], $4::bigint[], $5::text[]) AS s (no, member_no, gateway_ref)
    -- OFFSET keeps these look-ups by key: on a table that was just filled a plan goes through all of it for each.
    CROSS JOIN LATERAL (
        SELECT m.ctid AS tid, m.reach, m.member_no, m.contact_point_id, m.person_id, m.address, m.language FROM audience_member AS m
        WHERE m.community_id = $1 AND m.message_id = c.message_id AND m.delivery_no = s.no OFFSET 0) AS a
), before AS MATERIALIZED (
    SELECT d.no FROM claim AS c JOIN delivery_settled AS d ON d.community_id = $1 AND d.message_id = c.message_id
        AND d.no >= (SELECT min(no) FROM unnest($3::bigint[]) AS no) AND d.no <= (SELECT max(no) FROM unnest($3::bigint[]) AS no)
), kept AS (
    INSERT INTO delivery_settled (community_id, message_id, no, channel_id, contact_point_id, person_id, address, language, state, token,
                                  attempts, gateway_ref, reason, settled_at, state_at, receipt_due_at, taken_at_once)
    SELECT $1, s.message_id, s.no, s.channel_id, s.contact_point_id, s.person_id, s.address, s.language, 'accepted', 1, 1, s.gateway_ref, $6, $8, $9,
           $7::timestamptz, true
    FROM said AS s WHERE s.leads AND NOT EXISTS (SELECT FROM before AS b WHERE b.no = s.no)
    RETURNING no
), moved AS (
    UPDATE audience_member AS m SET reach = 'handed_over', reason = NULL
    FROM said AS s
    WHERE m.community_id = $1 AND m.ctid = s.tid AND s.reach = 'trying'
    RETURNING 1
), total AS MATERIALIZED (
    SELECT (SELECT count(*) FROM kept)::int AS kept, (SELECT count(*) FROM moved) AS moved
), counted AS (
    UPDATE message AS m SET handed_over = m.handed_over + t.moved, trying = m.trying - t.moved
    FROM claim AS c, total AS t
    WHERE m.community_id = $1 AND m.id = c.message_id AND t.moved > 0
), less AS (
    UPDATE delivery_range AS r SET deliveries = r.deliveries - t.kept
    FROM total AS t WHERE r.community_id = $1 AND r.id = $2 AND r.deliveries > t.kept AND t.kept > 0
), ended AS (
    DELETE FROM delivery_range AS r USING total AS t WHERE r.community_id = $1 AND r.id = $2 AND r.lease_until IS NOT NULL AND r.deliveries <= t.kept
)
SELECT ARRAY(SELECT no FROM kept) AS nos,
       EXISTS (SELECT FROM claim AS c JOIN early_receipt AS e ON e.community_id = $1 AND e.message_id = c.message_id
               WHERE e.no = ANY ($3::bigint[])) AS receipt_waits;

-- name: results_to_rows
-- Of ranges on the wire, the deliveries ($2 range, $3 number, $4 leading member) of which something else came than "taken" become rows on the wire, by
-- the same claim. Their messages are held. What was settled before stays so.
WITH said AS MATERIALIZED (
    SELECT r.id AS range_id, r.message_id, r.lane, r.channel_id, r.due_at, r.lease_until, r.repeats_told_apart, s.no, s.member_no
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS s (range_id, no, member_no)
    JOIN delivery_range AS r ON r.community_id = $1 AND r.id = s.range_id AND r.lease_until IS NOT NULL
    WHERE NOT EXISTS (SELECT FROM delivery_settled AS d WHERE d.community_id = $1 AND d.message_id = r.message_id AND d.no = s.no)
), made AS (
    INSERT INTO delivery (community_id, message_id, no, lane, channel_id, contact_point_id, person_id, address, language, state, token,
                          attempts, repeats_told_apart, due_at, lease_until)
    SELECT $1, s.message_id, s.no, s.lane, s.channel_id, a.contact_point_id, a.person_id, a.address, a.language, 'sending', 1,
           1, s.repeats_told_apart, s.due_at, s.lease_until
    FROM said AS s
    JOIN audience_member AS a ON a.community_id = $1 AND a.message_id = s.message_id AND a.delivery_no = s.no AND a.member_no = s.member_no
    ON CONFLICT DO NOTHING
    RETURNING message_id, no
), of_range AS MATERIALIZED (
    SELECT s.range_id, count(*)::int AS made FROM made AS m JOIN said AS s ON s.message_id = m.message_id AND s.no = m.no GROUP BY s.range_id
), less AS (
    UPDATE delivery_range AS r SET deliveries = r.deliveries - o.made
    FROM of_range AS o WHERE r.community_id = $1 AND r.id = o.range_id AND r.deliveries > o.made
)
DELETE FROM delivery_range AS r USING of_range AS o WHERE r.community_id = $1 AND r.id = o.range_id AND r.deliveries <= o.made;

-- name: ranges_to_rows
-- All that is not settled of these ranges ($2) becomes rows: on the wire by the same claim, or queued. Their messages are held.
WITH gone AS (
    DELETE FROM delivery_range AS r WHERE r.community_id = $1 AND r.id = ANY ($2::bigint[]) RETURNING r.*
)
INSERT INTO delivery (community_id, message_id, no, lane, channel_id, contact_point_id, person_id, address, language, state, token,
                      attempts, repeats_told_apart, due_at, lease_until)
SELECT DISTINCT ON (a.message_id, a.delivery_no)
       $1, a.message_id, a.delivery_no, g.lane, g.channel_id, a.contact_point_id, a.person_id, a.address, a.language,
       CASE WHEN g.lease_until IS NULL THEN 'queued' ELSE 'sending' END, CASE WHEN g.lease_until IS NULL THEN 0 ELSE 1 END,
       CASE WHEN g.lease_until IS NULL THEN 0 ELSE 1 END, g.repeats_told_apart, g.due_at, g.lease_until
FROM gone AS g
-- OFFSET keeps it within the range: of a table that was just filled a plan would go through all of the message for each.
CROSS JOIN LATERAL (
    SELECT m.message_id, m.delivery_no, m.member_no, m.contact_point_id, m.person_id, m.address, m.language, m.reach
    FROM audience_member AS m
    WHERE m.community_id = $1 AND m.message_id = g.message_id AND m.channel_id = g.channel_id
      AND m.delivery_no >= g.first_no AND m.delivery_no <= g.last_no OFFSET 0) AS a
WHERE (g.lease_until IS NOT NULL OR a.reach = 'trying')
  AND (g.passed_over IS NULL OR a.delivery_no <> ALL (g.passed_over))
  AND NOT EXISTS (SELECT FROM delivery_settled AS s WHERE s.community_id = $1 AND s.message_id = a.message_id AND s.no = a.delivery_no)
ORDER BY a.message_id, a.delivery_no, a.reach <> 'trying', a.member_no
ON CONFLICT DO NOTHING;

-- name: ranges_of_messages
-- The ranges of these messages ($2), those alone that wait where $3 says so.
SELECT id FROM delivery_range WHERE community_id = $1 AND message_id = ANY ($2::bigint[]) AND (lease_until IS NULL OR NOT $3::boolean) ORDER BY id;

-- name: ranges_at_channel
-- fills: notifiers.delivery.ranges.rows.OfMessage
-- The next ranges that are due ($4 machine time) at a channel in a lane, $5 at most; only what is past its time where $6 gives one (story time).
SELECT r.id, r.message_id FROM delivery_range AS r
CROSS JOIN LATERAL (
    SELECT FROM message AS m WHERE m.community_id = $1 AND m.id = r.message_id AND (m.expires_at <= $6::timestamptz) IS NOT FALSE LIMIT 1) AS m
WHERE r.community_id = $1 AND r.lane = $2 AND r.channel_id = $3 AND r.lease_until IS NULL AND r.due_at <= $4
ORDER BY r.due_at, r.message_id, r.first_no LIMIT $5;

-- name: lost_ranges
-- fills: notifiers.delivery.ranges.rows.OfMessage
-- On the wire for longer than their lease. $2 machine time.
SELECT id, message_id FROM delivery_range WHERE community_id = $1 AND lease_until <= $2 ORDER BY lease_until LIMIT $3;

-- name: names_of
-- fills: notifiers.delivery.ranges.claiming.Name
-- The names of these persons, where a text calls them by name.
SELECT id, name FROM person WHERE community_id = $1 AND id = ANY ($2::bigint[]);
