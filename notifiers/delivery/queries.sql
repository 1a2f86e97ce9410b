-- name: lock_messages
-- fills: notifiers.delivery.reach.MessageHead
-- Whoever moves members and counters holds the message's row, always in the order of ids. What follows in the transaction is planned to find rows
-- by their keys: such a plan is kept, and one that was made while there were a few dozen members would go through all of a hundred thousand.
SELECT m.id, m.lane, m.kind, m.life_safety, m.stopped_at IS NOT NULL AS stopped, CASE WHEN m.paused_at IS NOT NULL THEN m.expires_at END AS paused_until
FROM message AS m CROSS JOIN (SELECT set_config('enable_seqscan', 'off', true) AS made) AS plan
WHERE m.community_id = $1 AND m.id = ANY ($2::bigint[]) AND plan.made IS NOT NULL ORDER BY m.id FOR NO KEY UPDATE OF m;

-- name: move_members
-- Moves the members reached by these deliveries, and their message's counters, in one statement. Confirmed is final; a handset's
-- word ("delivered") also counts for members who had gone on to another way. It confirms nobody whose proxy's handset it is.
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS a (message_id, no, becomes)
), left_behind AS MATERIALIZED (
    -- By key, one by one, here as below: a planner without figures would go through the whole audience for each delivery.
    SELECT a.message_id, e.member_no, e.address, a.becomes
    FROM asked AS a CROSS JOIN LATERAL (
        SELECT one.member_no, one.address FROM earlier_way AS one
        WHERE one.community_id = $1 AND one.message_id = a.message_id AND one.no = a.no OFFSET 0) AS e
    WHERE a.becomes IN ('confirmed', 'delivered')
), touched AS (
    SELECT m.tid, m.reach AS was, m.reason, m.person_id, m.address, a.becomes, false AS earlier
    FROM asked AS a CROSS JOIN LATERAL (
        SELECT one.ctid AS tid, one.reach, one.reason, one.person_id, one.address FROM audience_member AS one
        WHERE one.community_id = $1 AND one.message_id = a.message_id AND one.delivery_no = a.no OFFSET 0) AS m
    UNION ALL
    SELECT m.tid, m.reach, m.reason, m.person_id, e.address, e.becomes, true
    FROM left_behind AS e CROSS JOIN LATERAL (
        SELECT one.ctid AS tid, one.reach, one.reason, one.person_id FROM audience_member AS one
        WHERE one.community_id = $1 AND one.message_id = e.message_id AND one.member_no = e.member_no LIMIT 1) AS m
), target AS (
    SELECT t.tid, t.was, t.reason, t.earlier, by_proxy.so AS by_proxy,
           CASE WHEN by_proxy.so THEN 'handed_over' WHEN t.becomes = 'delivered' THEN 'confirmed' ELSE t.becomes END AS becomes
    FROM touched AS t
    CROSS JOIN LATERAL (SELECT t.becomes = 'delivered' AND EXISTS (
        SELECT FROM contact_point AS p
        WHERE p.community_id = $1 AND p.person_id = t.person_id AND p.address = t.address AND p.proxy_name IS NOT NULL) AS so
        OFFSET 0) AS by_proxy
), chosen AS MATERIALIZED (
    SELECT DISTINCT ON (tid) tid, was, becomes, CASE WHEN by_proxy THEN 'by_proxy' END AS reason FROM target
    WHERE (becomes = 'confirmed' AND was <> 'confirmed')
       OR (becomes = 'handed_over' AND NOT by_proxy AND was IN ('trying', 'unknown'))
       OR (by_proxy AND (was IN ('unknown', 'unreachable', 'handed_over')
                         OR (was = 'trying' OR was = 'excluded' AND reason = 'stopped') AND NOT earlier)
           AND reason IS DISTINCT FROM 'by_proxy')
       OR (becomes = 'unknown' AND was = 'trying')
    ORDER BY tid, by_proxy
), moved AS (
    -- By their places on disk, which stand still under the message's lock: no planner can go astray on a table it has no figures of.
    UPDATE audience_member AS m SET reach = c.becomes, reason = c.reason
    FROM chosen AS c
    WHERE m.community_id = $1 AND m.ctid = c.tid
    RETURNING m.message_id, c.was, c.becomes
), delta AS (
    SELECT message_id, reach, sum(step) AS step
    FROM moved CROSS JOIN LATERAL (VALUES (was, -1), (becomes, 1)) AS change (reach, step)
    GROUP BY message_id, reach
), folded AS (
    SELECT message_id,
           coalesce(sum(step) FILTER (WHERE reach = 'confirmed'), 0) AS confirmed,
           coalesce(sum(step) FILTER (WHERE reach = 'handed_over'), 0) AS handed_over,
           coalesce(sum(step) FILTER (WHERE reach = 'trying'), 0) AS trying,
           coalesce(sum(step) FILTER (WHERE reach = 'unknown'), 0) AS unknown,
           coalesce(sum(step) FILTER (WHERE reach = 'unreachable'), 0) AS unreachable,
           coalesce(sum(step) FILTER (WHERE reach = 'opted_out'), 0) AS opted_out,
           coalesce(sum(step) FILTER (WHERE reach = 'excluded'), 0) AS excluded
    FROM delta GROUP BY message_id
)
UPDATE message AS m
SET confirmed = m.confirmed + f.confirmed, handed_over = m.handed_over + f.handed_over, trying = m.trying + f.trying,
    unknown = m.unknown + f.unknown, unreachable = m.unreachable + f.unreachable, opted_out = m.opted_out + f.opted_out,
    excluded = m.excluded + f.excluded
FROM folded AS f
WHERE m.community_id = $1 AND m.id = f.message_id;

-- name: other_ways
-- fills: notifiers.delivery.settling.OtherWays
-- Of these deliveries, those of whose members at least one has a way that was not tried yet; whether one of these is open (switched on, its
-- gateway not set aside, and its pause, if it asked for one, over by $4 or before their own gateway's), and whether an open one leads to the
-- same address by another gateway of the same medium.
SELECT m.message_id, m.delivery_no AS no, bool_or(gate.open) AS open,
       bool_or(gate.open AND w.address = m.address AND gate.kind = own.kind AND gate.gateway_id <> own.gateway_id) AS same_address
FROM unnest($2::bigint[], $3::bigint[]) AS a (message_id, no)
JOIN audience_member AS m ON m.community_id = $1 AND m.message_id = a.message_id AND m.delivery_no = a.no
CROSS JOIN LATERAL (
    SELECT c.kind, c.gateway_id, (
        SELECT p.pause_until FROM gateway AS g CROSS JOIN LATERAL (SELECT coalesce(g.shares_rate_of, g.id) AS id) AS account
        JOIN gateway_permit AS p ON p.gateway_id = account.id
        WHERE g.id = c.gateway_id) AS pause_until
    FROM channel AS c WHERE c.community_id = $1 AND c.id = m.channel_id) AS own
JOIN message_way AS w ON w.community_id = $1 AND w.message_id = m.message_id AND w.person_id = m.person_id AND w.hindrance IS NULL
JOIN LATERAL (
    SELECT c.kind, c.gateway_id, c.enabled AND NOT EXISTS (
        SELECT FROM gateway_permit AS p WHERE p.gateway_id = c.gateway_id AND p.set_aside_at IS NOT NULL) AND NOT EXISTS (
        SELECT FROM gateway AS g CROSS JOIN LATERAL (SELECT coalesce(g.shares_rate_of, g.id) AS id) AS account
        JOIN gateway_permit AS p ON p.gateway_id = account.id
        WHERE g.id = c.gateway_id AND p.pause_until > $4::timestamptz AND (p.pause_until < own.pause_until) IS NOT TRUE) AS open
    FROM channel AS c WHERE c.community_id = $1 AND c.id = w.channel_id) AS gate ON true
WHERE (w.channel_id, w.address) <> (m.channel_id, m.address)
  AND NOT EXISTS (SELECT FROM earlier_way AS e
                  WHERE e.community_id = $1 AND e.message_id = m.message_id AND e.member_no = m.member_no
                    AND e.channel_id = w.channel_id AND e.address = w.address)
GROUP BY m.message_id, m.delivery_no;

-- name: go_on
-- fills: notifiers.delivery.reach.WentOn
-- The members of these deliveries go on to their next way (by a gateway that is set aside only where no other is left): a delivery that
-- exists already for that address, or a new one, numbered densely. Who has none left ends where the best of the earlier ways did, else as asked. $6 story, $7 machine time.
WITH asked AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[]) AS a (message_id, no, ends, reason)
), lost AS (
    SELECT m.tid, m.message_id, m.member_no, m.person_id, m.language, m.was, m.delivery_no, m.channel_id, m.address, a.ends, a.reason
    FROM asked AS a
    CROSS JOIN LATERAL (
        SELECT o.ctid AS tid, o.message_id, o.member_no, o.person_id, o.language, o.reach AS was, o.delivery_no, o.channel_id, o.address
        FROM audience_member AS o
        WHERE o.community_id = $1 AND o.message_id = a.message_id AND o.delivery_no = a.no AND o.reach IN ('trying', 'handed_over', 'unknown')
        OFFSET 0) AS m
), still_told AS MATERIALIZED (
    -- Looked at first: ways are dear, and of a message that was stopped nobody has any.
    SELECT l.* FROM lost AS l
    JOIN message ON message.community_id = $1 AND message.id = l.message_id
                AND message.stopped_at IS NULL AND message.expires_at > $6
), untried AS (
    SELECT l.message_id, l.member_no, w.channel_id, w.contact_point_id, w.address, w.channel_rank, w.point_rank,
           EXISTS (SELECT FROM channel AS c JOIN gateway_permit AS p ON p.gateway_id = c.gateway_id AND p.set_aside_at IS NOT NULL
                   WHERE c.community_id = $1 AND c.id = w.channel_id) AS set_aside
    FROM still_told AS l
    JOIN message_way AS w ON w.community_id = $1 AND w.message_id = l.message_id AND w.person_id = l.person_id AND w.hindrance IS NULL
    WHERE (w.channel_id, w.address) <> (l.channel_id, l.address)
      AND NOT EXISTS (SELECT FROM earlier_way AS e
                      WHERE e.community_id = $1 AND e.message_id = l.message_id AND e.member_no = l.member_no
                        AND e.channel_id = w.channel_id AND e.address = w.address)
), sharer AS (
    SELECT DISTINCT u.message_id, u.channel_id, u.address, o.member_no
    FROM untried AS u
    JOIN contact_point AS p ON p.community_id = $1 AND p.address = u.address
    JOIN audience_member AS o ON o.community_id = $1 AND o.person_id = p.person_id AND o.message_id = u.message_id
), used AS (
    SELECT s.message_id, s.channel_id, s.address, o.delivery_no AS no
    FROM sharer AS s
    JOIN audience_member AS o ON o.community_id = $1 AND o.message_id = s.message_id AND o.member_no = s.member_no
    WHERE o.channel_id = s.channel_id AND o.address = s.address
    UNION
    SELECT s.message_id, s.channel_id, s.address, e.no
    FROM sharer AS s
    JOIN earlier_way AS e ON e.community_id = $1 AND e.message_id = s.message_id AND e.member_no = s.member_no
    WHERE e.channel_id = s.channel_id AND e.address = s.address
), standing AS (
    SELECT u.message_id, u.channel_id, u.address, u.no, d.state,
           CASE WHEN d.state IS NULL THEN 'trying'
                WHEN d.state = 'delivered' THEN 'confirmed'
                WHEN d.state = 'accepted' THEN CASE WHEN c.kind = 'by_hand' THEN 'trying' ELSE 'handed_over' END
                WHEN d.state = 'unknown' THEN 'unknown'
           END AS reach,
           CASE WHEN d.state = 'accepted' AND d.receipt_due_at IS NULL THEN d.reason END AS reason,
           coalesce(d.state = 'delivered' AND c.kind <> 'by_hand', false) AS by_handset
    FROM used AS u
    JOIN channel AS c ON c.community_id = $1 AND c.id = u.channel_id
    JOIN message ON message.community_id = $1 AND message.id = u.message_id
    LEFT JOIN delivery_settled AS d ON d.community_id = $1 AND d.message_id = u.message_id AND d.no = u.no
    LEFT JOIN delivery AS q ON q.community_id = $1 AND q.message_id = u.message_id AND q.no = u.no
    -- Fan-out passes over a delivery whose members all know by then: such a number is no way at all.
    -- Of a range that waits, one whose members all know is passed over as well: it is a way only while somebody of it is being tried.
    WHERE d.no IS NOT NULL OR q.no IS NOT NULL OR (u.no > message.fanned_out AND u.no <= message.to_fan_out)
       OR EXISTS (SELECT FROM delivery_range AS r
                  WHERE r.community_id = $1 AND r.message_id = u.message_id AND r.first_no <= u.no AND r.last_no >= u.no
                    AND r.channel_id = u.channel_id
                    AND CASE WHEN r.lease_until IS NOT NULL THEN u.no <> ALL (coalesce(r.passed_over, '{}'))
                             ELSE EXISTS (SELECT FROM audience_member AS o
                                          WHERE o.community_id = $1 AND o.message_id = u.message_id AND o.delivery_no = u.no
                                            AND o.reach = 'trying') END)
), next AS (
    SELECT DISTINCT ON (u.message_id, u.member_no)
           u.message_id, u.member_no, u.channel_id, u.contact_point_id, u.address, s.no AS standing_no,
           CASE WHEN by_proxy.so THEN 'handed_over' ELSE coalesce(s.reach, 'trying') END AS reach,
           CASE WHEN by_proxy.so THEN 'by_proxy' ELSE s.reason END AS reason
    FROM untried AS u
    LEFT JOIN standing AS s ON s.message_id = u.message_id AND s.channel_id = u.channel_id AND s.address = u.address
    CROSS JOIN LATERAL (SELECT s.by_handset AND EXISTS (
        SELECT FROM contact_point AS p
        WHERE p.community_id = $1 AND p.id = u.contact_point_id AND p.proxy_name IS NOT NULL) AS so) AS by_proxy
    WHERE s.no IS NULL OR s.reach IS NOT NULL
    ORDER BY u.message_id, u.member_no, u.set_aside, u.channel_rank, u.channel_id, u.point_rank, u.contact_point_id
), fresh AS (
    SELECT n.message_id, n.channel_id, n.address, min(n.member_no) AS leader
    FROM next AS n WHERE n.standing_no IS NULL
    GROUP BY n.message_id, n.channel_id, n.address
), numbered AS (
    SELECT f.message_id, f.channel_id, f.address, f.leader, message.lane,
           -- Of a paused message it waits until that is too late.
           $7::timestamptz + CASE WHEN message.paused_at IS NOT NULL THEN message.expires_at - $6::timestamptz + interval '5 seconds'
                                  ELSE interval '0' END AS due_at,
           message.deliveries + row_number() OVER (PARTITION BY f.message_id ORDER BY f.leader, f.channel_id) AS no
    FROM fresh AS f JOIN message ON message.community_id = $1 AND message.id = f.message_id
), made AS (
    INSERT INTO delivery (community_id, message_id, no, lane, channel_id, contact_point_id, person_id, address, language, state, due_at)
    SELECT $1, b.message_id, b.no, b.lane, b.channel_id, n.contact_point_id, l.person_id, b.address, l.language, 'queued', b.due_at
    FROM numbered AS b
    JOIN next AS n ON n.message_id = b.message_id AND n.member_no = b.leader
    JOIN lost AS l ON l.message_id = b.message_id AND l.member_no = b.leader
), given_up AS (
    INSERT INTO earlier_way (community_id, message_id, member_no, no, channel_id, address)
    SELECT $1, l.message_id, l.member_no, l.delivery_no, l.channel_id, l.address
    FROM lost AS l JOIN next AS n ON n.message_id = l.message_id AND n.member_no = l.member_no
), left_behind AS MATERIALIZED (
    -- Looked at first: most have none, and the deliveries of a message are many.
    SELECT l.message_id, l.member_no, e.no, e.channel_id
    FROM lost AS l
    JOIN earlier_way AS e ON e.community_id = $1 AND e.message_id = l.message_id AND e.member_no = l.member_no
), best AS (
    SELECT l.message_id, l.member_no,
           -- A handset that spoke and confirmed nobody is a proxy's.
           CASE WHEN bool_or(d.state = 'delivered' OR d.state = 'accepted' AND c.kind <> 'by_hand') THEN 'handed_over'
                WHEN bool_or(d.state = 'unknown') THEN 'unknown' END AS reach,
           coalesce(max('by_proxy') FILTER (WHERE d.state = 'delivered'),
                    max(d.reason) FILTER (WHERE d.state = 'accepted' AND d.receipt_due_at IS NULL)) AS reason
    FROM left_behind AS l
    JOIN delivery_settled AS d ON d.community_id = $1 AND d.message_id = l.message_id AND d.no = l.no
    JOIN channel AS c ON c.community_id = $1 AND c.id = l.channel_id
    GROUP BY l.message_id, l.member_no
), decided AS MATERIALIZED (
    SELECT l.tid, l.was, n.member_no IS NOT NULL AS goes_on,
           coalesce(n.standing_no, b.no) AS no, n.channel_id, n.contact_point_id, n.address,
           CASE WHEN n.member_no IS NOT NULL THEN n.reach
                WHEN l.ends = 'handed_over' THEN l.ends
                ELSE coalesce(best.reach, l.ends) END AS becomes,
           CASE WHEN n.member_no IS NOT NULL THEN n.reason
                WHEN l.ends = 'handed_over' OR best.reach IS NULL THEN l.reason
                ELSE best.reason END AS reason
    FROM lost AS l
    LEFT JOIN next AS n ON n.message_id = l.message_id AND n.member_no = l.member_no
    LEFT JOIN numbered AS b ON b.message_id = n.message_id AND b.channel_id = n.channel_id AND b.address = n.address
    LEFT JOIN best ON best.message_id = l.message_id AND best.member_no = l.member_no
), moved AS (
    UPDATE audience_member AS m
    SET reach = d.becomes, reason = d.reason,
        delivery_no = CASE WHEN d.goes_on THEN d.no ELSE m.delivery_no END,
        channel_id = CASE WHEN d.goes_on THEN d.channel_id ELSE m.channel_id END,
        contact_point_id = CASE WHEN d.goes_on THEN d.contact_point_id ELSE m.contact_point_id END,
        address = CASE WHEN d.goes_on THEN d.address ELSE m.address END
    FROM decided AS d
    WHERE m.community_id = $1 AND m.ctid = d.tid
    RETURNING m.message_id, d.was, d.becomes
), delta AS (
    SELECT message_id, reach, sum(step) AS step
    FROM moved CROSS JOIN LATERAL (VALUES (was, -1), (becomes, 1)) AS change (reach, step)
    GROUP BY message_id, reach
), folded AS (
    SELECT message_id,
           coalesce(sum(step) FILTER (WHERE reach = 'confirmed'), 0) AS confirmed,
           coalesce(sum(step) FILTER (WHERE reach = 'handed_over'), 0) AS handed_over,
           coalesce(sum(step) FILTER (WHERE reach = 'trying'), 0) AS trying,
           coalesce(sum(step) FILTER (WHERE reach = 'unknown'), 0) AS unknown,
           coalesce(sum(step) FILTER (WHERE reach = 'unreachable'), 0) AS unreachable,
           coalesce(sum(step) FILTER (WHERE reach = 'excluded'), 0) AS excluded,
           (SELECT count(*) FROM numbered AS b WHERE b.message_id = delta.message_id) AS made
    FROM delta GROUP BY message_id
)
UPDATE message AS m
SET confirmed = m.confirmed + f.confirmed, handed_over = m.handed_over + f.handed_over, trying = m.trying + f.trying,
    unknown = m.unknown + f.unknown, unreachable = m.unreachable + f.unreachable, excluded = m.excluded + f.excluded,
    deliveries = m.deliveries + f.made
FROM folded AS f
WHERE m.community_id = $1 AND m.id = f.message_id
RETURNING m.id AS message_id, f.made;

-- name: fan_out_page
-- fills: notifiers.delivery.fan_out.Page
-- One repeatable page of at most $3 deliveries, from what was sealed. A member who knows by now needs none. $4 machine, $5 story time: not due
-- before the message may leave; of a paused one, not before it is too late. News to at least $6 people of one channel become ranges of $7
-- numbers at most, the first time that they are made.
WITH page AS (
    SELECT id, lane, fanned_out, least(fanned_out + $3, to_fan_out) AS last, to_fan_out,
           kind <> 'alert' AND NOT EXISTS (
               SELECT FROM delivery AS d WHERE d.community_id = $1 AND d.message_id = $2 AND d.no > fanned_out AND d.no <= to_fan_out)
           AND NOT EXISTS (
               SELECT FROM delivery_settled AS d WHERE d.community_id = $1 AND d.message_id = $2 AND d.no > fanned_out AND d.no <= to_fan_out)
           AND NOT EXISTS (
               SELECT FROM delivery_range AS r WHERE r.community_id = $1 AND r.message_id = $2 AND r.last_no > fanned_out) AS in_ranges,
           greatest($4::timestamptz, leaves_at,
                    CASE WHEN paused_at IS NOT NULL THEN $4 + (expires_at - $5::timestamptz) + interval '5 seconds' END) AS due_at
    FROM message WHERE community_id = $1 AND id = $2 AND stopped_at IS NULL
), wanted AS MATERIALIZED (
    -- OFFSET keeps the page within its numbers: of a table that was just filled a plan would go through all of the message for each page.
    SELECT p.lane, p.due_at, p.in_ranges, m.*, (m.delivery_no - p.fanned_out - 1) / $7 AS place
    FROM page AS p
    CROSS JOIN LATERAL (
        SELECT a.message_id, a.delivery_no, a.member_no, a.channel_id, a.contact_point_id, a.person_id, a.address, a.language
        FROM audience_member AS a
        WHERE a.community_id = $1 AND a.message_id = $2 AND a.delivery_no > p.fanned_out AND a.delivery_no <= p.last AND a.reach = 'trying'
        OFFSET 0) AS m
), stretch AS MATERIALIZED (
    SELECT channel_id, place, min(delivery_no) AS first_no, max(delivery_no) AS last_no, count(DISTINCT delivery_no)::int AS deliveries, lane, due_at
    FROM wanted WHERE in_ranges
    GROUP BY channel_id, place, lane, due_at
), many AS MATERIALIZED (
    SELECT s.channel_id FROM stretch AS s JOIN channel AS c ON c.community_id = $1 AND c.id = s.channel_id AND c.kind <> 'by_hand'
    GROUP BY s.channel_id HAVING sum(s.deliveries) >= $6
), ranges AS (
    INSERT INTO delivery_range (community_id, message_id, lane, channel_id, first_no, last_no, deliveries, due_at)
    SELECT $1, $2, s.lane, s.channel_id, s.first_no, s.last_no, s.deliveries, s.due_at
    FROM stretch AS s WHERE s.channel_id IN (SELECT channel_id FROM many)
    ORDER BY s.first_no
    RETURNING deliveries
), made AS (
    INSERT INTO delivery (community_id, message_id, no, lane, channel_id, contact_point_id, person_id, address, language, state, due_at)
    SELECT DISTINCT ON (w.delivery_no)
           $1, w.message_id, w.delivery_no, w.lane, w.channel_id, w.contact_point_id, w.person_id, w.address, w.language, 'queued', w.due_at
    FROM wanted AS w
    WHERE NOT (w.in_ranges AND w.channel_id = ANY (ARRAY(SELECT many.channel_id FROM many)))
      AND (w.in_ranges OR NOT EXISTS (
          SELECT FROM delivery_range AS r
          WHERE r.community_id = $1 AND r.message_id = $2 AND r.channel_id = w.channel_id AND r.first_no <= w.delivery_no AND r.last_no >= w.delivery_no))
    ORDER BY w.delivery_no, w.member_no
    ON CONFLICT DO NOTHING
    RETURNING 1
)
UPDATE message AS m SET fanned_out = p.last
FROM page AS p
WHERE m.community_id = $1 AND m.id = $2
RETURNING ((SELECT count(*) FROM made) + (SELECT coalesce(sum(deliveries), 0) FROM ranges))::bigint AS made, p.last < p.to_fan_out AS more, p.lane;

-- name: next_to_fan_out
-- fills: notifiers.delivery.fan_out.Next
-- The most urgent message that is not sealed, or has not become deliveries yet; not those of $2, which could not be. What could not be sealed
-- comes last, when it is to be tried again ($3 machine time), and not past its time ($4 story time).
SELECT id, unsealed FROM (
    SELECT id, lane, false AS unsealed, false AS failed FROM message
    WHERE community_id = $1 AND fanned_out < to_fan_out AND stopped_at IS NULL
    UNION ALL
    SELECT id, lane, true, seal_again_at IS NOT NULL FROM message
    WHERE community_id = $1 AND to_seal IS NOT NULL AND stopped_at IS NULL
      AND (seal_again_at > $3 AND seal_again_at <= $3 + interval '10 minutes' OR seal_again_at IS NOT NULL AND expires_at <= $4) IS NOT TRUE
) AS waiting
WHERE id <> ALL ($2::bigint[])
ORDER BY failed, array_position(ARRAY['alert', 'correction', 'urgent', 'notice'], lane), id LIMIT 1;

-- name: is_left_unsealed
-- Whether there are messages, not past their time ($2 story time), that could not be sealed yet.
SELECT EXISTS (SELECT FROM message WHERE community_id = $1 AND to_seal IS NOT NULL AND stopped_at IS NULL AND expires_at > $2);

-- name: waiting_in_lanes
-- fills: notifiers.delivery.line.Here
-- Fair: the most urgent lane first, in it the community that waited longest.
SELECT community_id, lane FROM work
WHERE lane = ANY ($1::text[]) AND due_at <= clock_timestamp()
ORDER BY array_position($1::text[], lane), due_at, community_id LIMIT $2;

-- name: waiting_by_channel
-- fills: notifiers.delivery.claims.WaitingChannel
-- How many deliveries are due at each channel, in rows (counted up to $4) and in ranges, and what stands in their way there. Nothing in a
-- copy that may not send.
SELECT c.id AS channel_id, c.gateway_id, c.kind, c.enabled, (due.waiting + many.waiting)::int AS waiting, many.waiting::int AS in_ranges,
       (SELECT p.set_aside_at FROM gateway_permit AS p WHERE p.gateway_id = c.gateway_id) AS set_aside_at,
       coalesce((SELECT greatest(0, extract(epoch FROM p.pause_until - $3::timestamptz))
                 FROM gateway AS g CROSS JOIN LATERAL (SELECT coalesce(g.shares_rate_of, g.id) AS id) AS account
                 JOIN gateway_permit AS p ON p.gateway_id = account.id
                 WHERE g.id = c.gateway_id), 0)::float8 AS pause_seconds
FROM channel AS c
CROSS JOIN LATERAL (
    SELECT count(*) AS waiting FROM (
        SELECT FROM delivery AS d
        WHERE d.community_id = $1 AND d.lane = $2 AND d.channel_id = c.id AND d.state = 'queued' AND d.due_at <= $3
        ORDER BY d.due_at LIMIT $4) AS one
) AS due
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.deliveries), 0) AS waiting FROM delivery_range AS r
    WHERE r.community_id = $1 AND r.lane = $2 AND r.channel_id = c.id AND r.lease_until IS NULL AND r.due_at <= $3) AS many
WHERE c.community_id = $1 AND due.waiting + many.waiting > 0 AND EXISTS (SELECT FROM community WHERE id = $1 AND may_send);

-- name: due_at_channel
-- fills: notifiers.delivery.detour.Waits
-- A page of what is due at a channel whose gateway does not take it, behind $8, $9, $10 (when due, message, number); `overdue`: past its
-- time at $11 (story), or waiting for the gateway since $5 where somebody waits for it or life is at stake, since $6 otherwise: not before
-- it was due itself, and not before $12, when the gateway's absence began (all machine time).
SELECT d.message_id, d.no, d.due_at, d.maybe_sent, m.life_safety, m.overdue
FROM (
    SELECT message_id, no, due_at, maybe_sent FROM delivery
    WHERE community_id = $1 AND lane = $2 AND channel_id = $3 AND state = 'queued' AND due_at <= $4
      AND (due_at, message_id, no) > ($8::timestamptz, $9::bigint, $10::bigint)
    ORDER BY due_at, message_id, no LIMIT $7) AS d
CROSS JOIN LATERAL (
    SELECT life_safety, expires_at <= $11::timestamptz OR greatest(d.due_at, $12::timestamptz) <= CASE
               WHEN life_safety OR kind = 'alert' THEN $5::timestamptz ELSE $6::timestamptz END AS overdue
    FROM message WHERE community_id = $1 AND id = d.message_id LIMIT 1) AS m
ORDER BY d.due_at, d.message_id, d.no;

-- name: tried
-- fills: notifiers.delivery.detour.Tried
-- Whether tries of these queued deliveries ended uncertain by now. While their messages are held, no more will.
SELECT d.message_id, d.no, d.maybe_sent
FROM unnest($2::bigint[], $3::bigint[]) AS a (message_id, no)
JOIN delivery AS d ON d.community_id = $1 AND d.message_id = a.message_id AND d.no = a.no;

-- name: claim
-- fills: notifiers.delivery.claims.Claimed
-- Claimed means on the wire. As many of each channel as there is room for; what has expired comes back unclaimed, still locked.
-- $3 machine time, $4 lease, $5 story time, then per channel: id, room, whether its gateway tells repeats apart, and behind
-- which place of its queue (when due, message, number).
WITH slot AS (
    SELECT * FROM unnest($6::bigint[], $7::int[], $8::boolean[], $9::timestamptz[], $10::bigint[], $11::bigint[])
        AS s (channel_id, room, repeats_told_apart, behind_due, behind_message, behind_no)
), picked AS MATERIALIZED (
    SELECT p.* FROM slot AS s CROSS JOIN LATERAL (
        SELECT d.ctid AS tid, d.message_id, d.no, d.token, d.attempts, d.maybe_sent, d.channel_id, d.person_id, d.address, d.language,
               d.due_at
        FROM delivery AS d
        WHERE d.community_id = $1 AND d.lane = $2 AND d.channel_id = s.channel_id AND d.state = 'queued' AND d.due_at <= $3
          AND (d.due_at, d.message_id, d.no) > (s.behind_due, s.behind_message, s.behind_no)
        ORDER BY d.due_at, d.message_id, d.no LIMIT s.room FOR UPDATE SKIP LOCKED) AS p
), judged AS MATERIALIZED (
    -- Only through a route: a drill has none that ends at a resident's handset. And of a paused message nothing but what is too late.
    SELECT p.*, m.expires_at <= $5 AS expired
    FROM picked AS p
    JOIN message AS m ON m.community_id = $1 AND m.id = p.message_id AND (m.paused_at IS NULL OR m.expires_at <= $5)
    CROSS JOIN LATERAL (
        SELECT FROM message_route AS r
        WHERE r.community_id = $1 AND r.message_id = p.message_id AND r.channel_id = p.channel_id LIMIT 1) AS route
), claimed AS (
    UPDATE delivery AS d
    SET state = 'sending', token = d.token + 1, attempts = d.attempts + 1, lease_until = $4,
        repeats_told_apart = EXISTS (SELECT FROM slot AS s WHERE s.channel_id = d.channel_id AND s.repeats_told_apart)
    WHERE d.community_id = $1 AND d.ctid = ANY (ARRAY(SELECT j.tid FROM judged AS j WHERE NOT j.expired))
    RETURNING d.message_id, d.no, d.token, d.attempts, d.maybe_sent, d.channel_id, d.person_id, d.address, d.language, d.due_at
), touched AS (
    SELECT message_id, no, token, attempts, maybe_sent, channel_id, person_id, address, language, due_at, false AS expired FROM claimed
    UNION ALL
    SELECT message_id, no, token, attempts, maybe_sent, channel_id, person_id, address, language, due_at, true FROM judged WHERE expired
)
SELECT t.message_id, t.no, t.token, t.attempts, t.maybe_sent, t.channel_id, t.address, t.language, t.due_at, t.expired,
       (SELECT p.name FROM person AS p WHERE p.community_id = $1 AND p.id = t.person_id) AS person_name
FROM touched AS t;

-- name: words
-- fills: notifiers.delivery.claims.Words
-- What these messages say in these languages through these channels: read once for all the deliveries of a claim.
SELECT a.message_id, a.language, a.channel_id, c.gateway_id, m.subject AS about, m.kind, m.life_safety, m.code, m.link,
       x.key AS text_key, x.variables, x.text, x.subject, c.signature,
       -- A drill has templates of its own: a registered text without its mark would read like the real thing.
       c.templates -> (CASE WHEN x.drill THEN 'drill:' ELSE '' END || x.key) AS template
FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS a (message_id, language, channel_id)
JOIN message AS m ON m.community_id = $1 AND m.id = a.message_id
JOIN message_text AS x ON x.community_id = $1 AND x.message_id = a.message_id AND x.language = a.language
JOIN channel AS c ON c.community_id = $1 AND c.id = a.channel_id;

-- name: open_codes
-- Before it is sent, a phone may answer it: the newest alert of a code stands for that code. Locks in one order.
INSERT INTO open_code (gateway_id, phone_hash, code, community_id, message_id, no)
SELECT gateway_id, phone_hash, code, $1, message_id, no
FROM unnest($2::bigint[], $3::bytea[], $4::text[], $5::bigint[], $6::bigint[]) AS o (gateway_id, phone_hash, code, message_id, no)
ORDER BY gateway_id, phone_hash, code
ON CONFLICT (gateway_id, phone_hash, code)
DO UPDATE SET community_id = excluded.community_id, message_id = excluded.message_id, no = excluded.no;

-- name: next_due
-- Under the held work row: when this lane is next due, by machine time; null when nothing is queued.
SELECT min(due.due_at) FROM channel AS c
CROSS JOIN LATERAL (
    (SELECT d.due_at FROM delivery AS d
     WHERE d.community_id = $1 AND d.lane = $2 AND d.channel_id = c.id AND d.state = 'queued'
     ORDER BY d.due_at LIMIT 1)
    UNION ALL
    (SELECT r.due_at FROM delivery_range AS r
     WHERE r.community_id = $1 AND r.lane = $2 AND r.channel_id = c.id AND r.lease_until IS NULL
     ORDER BY r.due_at LIMIT 1)) AS due
WHERE c.community_id = $1;

-- name: settle
-- fills: notifiers.delivery.settling.Counted
-- What came of claims. A word counts only with its claim's token; the others come back absent. (A lease is held exactly while
-- sending; said so, because the index of what is on the wire would lure a planner without figures away from the key.)
-- $2… per result: message, no, token, outcome, code, detail, gateway's reference, verdict, due again, maybe sent. $12 machine, $13 story time; $14 per
-- result: until when a receipt is waited for.
WITH counted AS MATERIALIZED (
    SELECT d.ctid AS tid, r.*
    FROM unnest($2::bigint[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::timestamptz[], $11::boolean[], $14::timestamptz[])
        AS r (message_id, no, token, outcome, code, detail, gateway_ref, verdict, due_at, maybe_sent, receipt_due_at)
    JOIN delivery AS d ON d.community_id = $1 AND d.message_id = r.message_id AND d.no = r.no
        AND d.token = r.token AND d.lease_until IS NOT NULL
    FOR UPDATE OF d
), noted AS (
    INSERT INTO delivery_attempt (community_id, message_id, no, token, seq, outcome, code, detail, at)
    SELECT $1, message_id, no, token, 0, outcome, code, detail, $12 FROM counted
    ON CONFLICT DO NOTHING
), again AS (
    UPDATE delivery AS d
    SET state = 'queued', lease_until = NULL, due_at = c.due_at, maybe_sent = d.maybe_sent OR c.maybe_sent
    FROM counted AS c
    WHERE d.community_id = $1 AND d.ctid = c.tid AND c.verdict = 'again'
), gone AS (
    DELETE FROM delivery AS d USING counted AS c
    WHERE d.community_id = $1 AND d.ctid = c.tid AND c.verdict <> 'again'
    RETURNING d.*, c.verdict, c.gateway_ref, coalesce(c.code, c.detail) AS reason, c.receipt_due_at
), kept AS (
    INSERT INTO delivery_settled (community_id, message_id, no, channel_id, contact_point_id, person_id, address, language, state,
                                  token, attempts, gateway_ref, reason, settled_at, state_at, receipt_due_at)
    SELECT $1, message_id, no, channel_id, contact_point_id, person_id, address, language, verdict,
           token, attempts, gateway_ref, reason, $12, $13, receipt_due_at
    FROM gone
)
SELECT message_id, no,
       -- A gateway's receipt may have come before its own response.
       EXISTS (SELECT FROM early_receipt AS e
               WHERE e.community_id = $1 AND e.message_id = counted.message_id AND e.no = counted.no) AS receipt_waits
FROM counted;

-- name: note_stale
-- A word with a stale token lands here and nowhere else; the same word once more (a settle was repeated) not at all. $8 machine time.
INSERT INTO delivery_attempt (community_id, message_id, no, token, seq, outcome, code, detail, at)
SELECT $1, r.message_id, r.no, r.token, 1, r.outcome, r.code, r.detail, $8
FROM unnest($2::bigint[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[])
    AS r (message_id, no, token, outcome, code, detail)
WHERE NOT EXISTS (SELECT FROM delivery_attempt AS a
                  WHERE a.community_id = $1 AND a.message_id = r.message_id AND a.no = r.no AND a.token = r.token
                    AND a.outcome = r.outcome)
  AND NOT EXISTS (SELECT FROM delivery_settled AS s
                  WHERE s.community_id = $1 AND s.message_id = r.message_id AND s.no = r.no AND s.token = r.token AND s.taken_at_once
                    AND r.outcome = 'accepted')
ON CONFLICT DO NOTHING;

-- name: settle_unclaimed
-- fills: notifiers.delivery.settling.Counted
-- Settles queued deliveries that are not sent any more (expired, stopped, or a receipt spoke first). $6 machine, $7 story time, $8 per
-- delivery: until when a receipt is waited for.
WITH asked AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $8::timestamptz[])
        AS a (message_id, no, state, reason, receipt_due_at)
), found AS MATERIALIZED (
    -- OFFSET keeps it a look-up by key: of a queue that was just filled a plan would go through all of it for each delivery.
    SELECT q.tid FROM asked AS a
    CROSS JOIN LATERAL (
        SELECT d.ctid AS tid FROM delivery AS d
        WHERE d.community_id = $1 AND d.message_id = a.message_id AND d.no = a.no AND d.lease_until IS NULL OFFSET 0) AS q
), gone AS (
    DELETE FROM delivery AS d USING found AS f
    WHERE d.community_id = $1 AND d.ctid = f.tid AND d.lease_until IS NULL
    RETURNING d.*
)
INSERT INTO delivery_settled (community_id, message_id, no, channel_id, contact_point_id, person_id, address, language, state,
                              token, attempts, reason, settled_at, state_at, receipt_due_at)
SELECT $1, g.message_id, g.no, g.channel_id, g.contact_point_id, g.person_id, g.address, g.language, a.state,
       g.token, g.attempts, a.reason, $6, $7, a.receipt_due_at
FROM gone AS g JOIN asked AS a ON a.message_id = g.message_id AND a.no = g.no
RETURNING message_id, no, false AS receipt_waits;

-- name: lost_leases
-- fills: notifiers.delivery.leases.Lost
-- On the wire for longer than the lease: nobody can say whether it was sent. $2 machine time.
SELECT d.message_id, d.no, d.token, d.attempts, d.maybe_sent, d.repeats_told_apart, d.lane, m.kind, m.life_safety, d.lease_until
FROM delivery AS d
JOIN message AS m ON m.community_id = $1 AND m.id = d.message_id
WHERE d.community_id = $1 AND d.state = 'sending' AND d.lease_until <= $2
ORDER BY d.lease_until LIMIT $3 FOR UPDATE OF d SKIP LOCKED;

-- name: next_lease
-- Under the held work row: when the next lease runs out; null when nothing is on the wire.
SELECT least((SELECT min(lease_until) FROM delivery WHERE community_id = $1 AND state = 'sending'),
             (SELECT min(lease_until) FROM delivery_range WHERE community_id = $1 AND lease_until IS NOT NULL));

-- name: pause_message
-- Nothing of it leaves from this commit on. $3 story time.
UPDATE message SET paused_at = $3, paused_why = $4 WHERE community_id = $1 AND id = $2;

-- name: hold_deliveries
-- What waits is not due before $3 (machine time): not picked, and in nobody's way.
UPDATE delivery SET due_at = $3 WHERE community_id = $1 AND message_id = $2 AND state = 'queued' AND due_at < $3;

-- name: hold_ranges
-- The same for what waits in ranges.
UPDATE delivery_range SET due_at = $3 WHERE community_id = $1 AND message_id = $2 AND lease_until IS NULL AND due_at < $3;

-- name: unpause_message
-- It goes on; its lane.
UPDATE message SET paused_at = NULL, paused_why = NULL WHERE community_id = $1 AND id = $2 AND paused_at IS NOT NULL RETURNING lane;

-- name: release_deliveries
-- What waited is due now ($3 machine time).
UPDATE delivery SET due_at = $3 WHERE community_id = $1 AND message_id = $2 AND state = 'queued' AND due_at > $3;

-- name: release_ranges
-- The same for what waited in ranges.
UPDATE delivery_range SET due_at = $3 WHERE community_id = $1 AND message_id = $2 AND lease_until IS NULL AND due_at > $3
RETURNING deliveries;

-- name: pausing_facts
-- fills: notifiers.delivery.pausing.Pausing
-- Whether a message can be paused, and how many of its deliveries have not left, those included that are not made yet.
SELECT m.kind, m.expires_at, m.stopped_at, m.paused_at,
       (SELECT count(*) FROM delivery AS d WHERE d.community_id = $1 AND d.message_id = $2 AND d.lease_until IS NULL)
           + (SELECT coalesce(sum(r.deliveries), 0)::bigint FROM delivery_range AS r
              WHERE r.community_id = $1 AND r.message_id = $2 AND r.lease_until IS NULL)
           + m.to_fan_out - m.fanned_out AS waiting
FROM message AS m WHERE m.community_id = $1 AND m.id = $2;

-- name: often_lost
-- fills: notifiers.delivery.quarantine._Key
-- Of these deliveries, those with at least $4 claims before this one of which no sender came back.
SELECT a.message_id, a.no FROM unnest($2::bigint[], $3::bigint[]) AS a (message_id, no)
CROSS JOIN LATERAL (
    SELECT count(*) AS times FROM delivery_attempt AS t
    WHERE t.community_id = $1 AND t.message_id = a.message_id AND t.no = a.no AND t.outcome = 'lease_expired') AS lost
WHERE lost.times >= $4;

-- name: quarantine
-- It is given to no sender any more. $5 machine time.
INSERT INTO quarantine (community_id, message_id, no, losses, first_lost_at, noted_at, quarantined_at)
VALUES ($1, $2, $3, $4, $5, $5, $5)
ON CONFLICT (community_id, message_id, no)
DO UPDATE SET quarantined_at = excluded.quarantined_at, noted_at = excluded.noted_at, ended_at = NULL, ended_how = NULL, ended_by = NULL;

-- name: note_losses
-- fills: notifiers.delivery.quarantine._Suspect
-- One more sender was lost with these messages, where their newest lost claim ($3) was made after the last loss was noted; from one again,
-- where a word of another claim came back in between. $4 machine time.
WITH asked AS (
    SELECT * FROM unnest($2::bigint[], $3::timestamptz[]) AS a (message_id, claimed_at)
), counted AS (
    SELECT a.message_id,
           CASE WHEN heard.so IS NOT FALSE THEN 1 WHEN a.claimed_at > q.noted_at THEN least(q.losses + 1, 1000) ELSE q.losses END AS losses,
           CASE WHEN heard.so IS NOT FALSE THEN $4::timestamptz ELSE q.first_lost_at END AS first_lost_at,
           CASE WHEN heard.so IS NOT FALSE OR a.claimed_at > q.noted_at THEN $4::timestamptz ELSE q.noted_at END AS noted_at
    FROM asked AS a
    LEFT JOIN quarantine AS q ON q.community_id = $1 AND q.message_id = a.message_id AND q.no = 0
    LEFT JOIN LATERAL (
        SELECT EXISTS (SELECT FROM delivery_attempt AS t
                       WHERE t.community_id = $1 AND t.message_id = a.message_id AND t.at > q.first_lost_at AND t.outcome <> 'lease_expired')
            OR EXISTS (SELECT FROM delivery_settled AS s
                       WHERE s.community_id = $1 AND s.message_id = a.message_id AND s.settled_at > q.first_lost_at AND s.taken_at_once) AS so
        WHERE q.message_id IS NOT NULL) AS heard ON true
)
INSERT INTO quarantine (community_id, message_id, no, losses, first_lost_at, noted_at)
SELECT $1, message_id, 0, losses, first_lost_at, noted_at FROM counted
ON CONFLICT (community_id, message_id, no)
DO UPDATE SET losses = excluded.losses, first_lost_at = excluded.first_lost_at, noted_at = excluded.noted_at
RETURNING message_id, losses;

-- name: set_apart
-- fills: notifiers.delivery.quarantine.Apart
-- What waits for somebody to release it or give it up.
SELECT q.message_id, q.no, m.subject AS incident, q.quarantined_at AS at, x.key AS text_key, way.medium, way.gateway,
       CASE WHEN q.no > 0 THEN 1
            ELSE (SELECT count(*) FROM delivery AS d WHERE d.community_id = $1 AND d.message_id = q.message_id AND d.lease_until IS NULL)
                 + (SELECT coalesce(sum(r.deliveries), 0)::bigint FROM delivery_range AS r
                    WHERE r.community_id = $1 AND r.message_id = q.message_id AND r.lease_until IS NULL)
                 + m.to_fan_out - m.fanned_out END AS waiting
FROM quarantine AS q
JOIN message AS m ON m.community_id = $1 AND m.id = q.message_id
CROSS JOIN LATERAL (SELECT t.key FROM message_text AS t WHERE t.community_id = $1 AND t.message_id = q.message_id ORDER BY t.language LIMIT 1) AS x
CROSS JOIN LATERAL (
    SELECT coalesce(max(c.kind), '') AS medium, coalesce(max(g.name), '') AS gateway
    FROM delivery_settled AS d
    JOIN channel AS c ON c.community_id = $1 AND c.id = d.channel_id
    JOIN gateway AS g ON g.id = c.gateway_id
    WHERE d.community_id = $1 AND d.message_id = q.message_id AND d.no = q.no) AS way
WHERE q.community_id = $1 AND q.quarantined_at IS NOT NULL AND q.ended_at IS NULL AND (q.no > 0 OR m.paused_at IS NOT NULL)
ORDER BY q.quarantined_at;

-- name: end_quarantine
-- Somebody has decided; its losses count from nothing again. $6 machine time.
UPDATE quarantine SET ended_at = $6, ended_how = $4, ended_by = $5, losses = 0, first_lost_at = $6, noted_at = $6
WHERE community_id = $1 AND message_id = $2 AND no = $3 AND quarantined_at IS NOT NULL AND ended_at IS NULL;

-- name: queue_again
-- A delivery that was set apart is tried again under its own number: its claims count from nothing, its token goes on. $4 machine time.
WITH back AS (
    DELETE FROM delivery_settled AS d WHERE d.community_id = $1 AND d.message_id = $2 AND d.no = $3 AND d.state = 'unknown' RETURNING d.*
)
INSERT INTO delivery (community_id, message_id, no, lane, channel_id, contact_point_id, person_id, address, language, state, token,
                      attempts, maybe_sent, due_at)
SELECT $1, b.message_id, b.no, m.lane, b.channel_id, b.contact_point_id, b.person_id, b.address, b.language, 'queued', b.token, 0, true, $4
FROM back AS b JOIN message AS m ON m.community_id = $1 AND m.id = b.message_id;

-- name: note_failed
-- A delivery that was set apart is given up. $4 story time.
UPDATE delivery_settled SET state = 'failed', state_at = $4 WHERE community_id = $1 AND message_id = $2 AND no = $3 AND state = 'unknown';

-- name: reserve_permits
-- fills: notifiers.delivery.permits.Granted
-- The rate of one gateway, or of the account that it shares with others, for all workers and communities: reserves up to $2 sends at once.
-- $3: a broadcast, which leaves the reserved share alone.
WITH permit AS MATERIALIZED (
    SELECT p.gateway_id, now.at, p.pause_until,
           1 / g.rate_per_second AS step, g.burst::float8 AS burst,
           1 / (g.rate_per_second * (1 - g.reserved_share)) AS bulk_step,
           greatest(1, floor(g.burst * (1 - g.reserved_share)))::float8 AS bulk_burst,
           -- Never further ahead than the whole burst, but where the clock was put back since.
           least(g.burst / g.rate_per_second, greatest(0, extract(epoch FROM p.full_until - now.at)))::float8 AS ahead,
           least(greatest(1, floor(g.burst * (1 - g.reserved_share))) / (g.rate_per_second * (1 - g.reserved_share)),
                 greatest(0, extract(epoch FROM p.bulk_until - now.at)))::float8 AS bulk_ahead
    FROM gateway AS own
    CROSS JOIN LATERAL (SELECT coalesce(own.shares_rate_of, own.id) AS id) AS account
    JOIN gateway AS g ON g.id = account.id
    JOIN gateway_permit AS p ON p.gateway_id = g.id
    -- A permit that a crash forgets harms nobody: no wait for the disk.
    CROSS JOIN (SELECT clock_timestamp() AS at, set_config('synchronous_commit', 'off', true) AS lost) AS now
    WHERE own.id = $1 AND now.lost IS NOT NULL
    FOR UPDATE OF p
), counted AS (
    SELECT permit.*,
           CASE WHEN pause_until > at THEN 0
                ELSE greatest(0, least($2::int, floor(burst - ahead / step + 0.000001),
                                       CASE WHEN $3::boolean THEN floor(bulk_burst - bulk_ahead / bulk_step + 0.000001) END)) END AS granted,
           greatest(0, coalesce(extract(epoch FROM pause_until - at), 0), ahead - (burst - 1) * step,
                    CASE WHEN $3::boolean THEN bulk_ahead - (bulk_burst - 1) * bulk_step END)::float8 AS wait_seconds
    FROM permit
)
UPDATE gateway_permit AS p
SET full_until = c.at + make_interval(secs => c.ahead + c.granted * c.step),
    bulk_until = c.at + make_interval(secs => c.bulk_ahead + CASE WHEN $3::boolean THEN c.granted * c.bulk_step ELSE 0 END)
FROM counted AS c WHERE p.gateway_id = c.gateway_id
RETURNING c.granted::int AS granted, c.wait_seconds;

-- name: make_permit
-- A gateway's first use, or its account's.
INSERT INTO gateway_permit (gateway_id, full_until, bulk_until)
SELECT coalesce(shares_rate_of, id), clock_timestamp(), clock_timestamp() FROM gateway WHERE id = $1 ON CONFLICT DO NOTHING;

-- name: return_permits
-- Reserved and not used, because another worker was quicker.
UPDATE gateway_permit AS p
SET full_until = p.full_until - make_interval(secs => $2::int / g.rate_per_second),
    bulk_until = p.bulk_until - make_interval(secs => CASE WHEN $3::boolean THEN $2::int / (g.rate_per_second * (1 - g.reserved_share)) ELSE 0 END)
FROM gateway AS own
CROSS JOIN LATERAL (SELECT coalesce(own.shares_rate_of, own.id) AS id) AS account
JOIN gateway AS g ON g.id = account.id
WHERE own.id = $1 AND p.gateway_id = g.id;

-- name: pause_gateway
-- The gateway said "retry after": for all workers and whoever shares its account, and never shortened.
UPDATE gateway_permit AS p SET pause_until = greatest(p.pause_until, clock_timestamp() + make_interval(secs => $2::float8))
FROM gateway AS own CROSS JOIN LATERAL (SELECT coalesce(own.shares_rate_of, own.id) AS id) AS account
WHERE own.id = $1 AND p.gateway_id = account.id;

-- name: end_pause
-- The gateway is another one now: what it asked for before holds no more. (A pause of the account that it shares stays.)
UPDATE gateway_permit SET pause_until = NULL WHERE gateway_id = $1 AND pause_until IS NOT NULL;

-- name: set_aside
-- Nothing that has another way leaves by this gateway any more; the first probe is due in $3 seconds. No row where it was set aside before, or,
-- with kinds of gateways in $4, where the company has no other of these that works.
INSERT INTO gateway_permit AS p (gateway_id, full_until, bulk_until, set_aside_at, set_aside_why, probe_at)
SELECT id, clock_timestamp(), clock_timestamp(), clock_timestamp(), $2::text, clock_timestamp() + make_interval(secs => $3::float8)
FROM gateway AS g WHERE g.id = $1 AND ($4::text[] IS NULL OR EXISTS (
    SELECT FROM gateway AS o LEFT JOIN gateway_permit AS other ON other.gateway_id = o.id
    WHERE o.company_id = g.company_id AND o.id <> g.id AND o.sink = g.sink AND o.kind = ANY ($4) AND other.set_aside_at IS NULL))
ON CONFLICT (gateway_id) DO UPDATE SET set_aside_at = excluded.set_aside_at, set_aside_why = excluded.set_aside_why, probe_at = excluded.probe_at
WHERE p.set_aside_at IS NULL
RETURNING p.gateway_id;

-- name: take_back
-- It answers again. No row where it was not set aside.
UPDATE gateway_permit SET set_aside_at = NULL, set_aside_why = NULL, probe_at = NULL
WHERE gateway_id = $1 AND set_aside_at IS NOT NULL RETURNING gateway_id;

-- name: reserve_probe
-- One message may try whether a gateway is back, where the probe has been due for $2 seconds; the next in $3 seconds.
UPDATE gateway_permit SET probe_at = clock_timestamp() + make_interval(secs => $3::float8)
WHERE gateway_id = $1 AND probe_at <= clock_timestamp() - make_interval(secs => $2::float8) RETURNING gateway_id;

-- name: hasten_queued
-- Queued until later than anything waits ($4) but what is paused: the clock was put back since. Due now ($3, both machine time).
UPDATE delivery AS d SET due_at = $3
WHERE d.community_id = $1 AND d.ctid = ANY (ARRAY(
    SELECT late.tid FROM channel AS c CROSS JOIN unnest($2::text[]) AS l (lane)
    CROSS JOIN LATERAL (
        SELECT q.ctid AS tid FROM delivery AS q
        CROSS JOIN LATERAL (
            SELECT m.paused_at FROM message AS m WHERE m.community_id = $1 AND m.id = q.message_id LIMIT 1) AS m
        WHERE q.community_id = $1 AND q.lane = l.lane AND q.channel_id = c.id AND q.state = 'queued' AND q.due_at > $4
          AND m.paused_at IS NULL
        FOR UPDATE OF q SKIP LOCKED) AS late
    WHERE c.community_id = $1));

-- name: hasten_ranges
-- The same for ranges, and for leases of these; $5: when such a lease runs out now. $3 now, $4 later than anything.
UPDATE delivery_range AS r
SET due_at = CASE WHEN r.lease_until IS NULL THEN $3::timestamptz ELSE r.due_at END,
    lease_until = CASE WHEN r.lease_until IS NOT NULL THEN $5::timestamptz END
WHERE r.community_id = $1 AND r.id = ANY (ARRAY(
    SELECT late.id FROM channel AS c CROSS JOIN unnest($2::text[]) AS l (lane)
    CROSS JOIN LATERAL (
        SELECT q.id FROM delivery_range AS q
        CROSS JOIN LATERAL (
            SELECT m.paused_at FROM message AS m WHERE m.community_id = $1 AND m.id = q.message_id LIMIT 1) AS m
        WHERE q.community_id = $1 AND q.lane = l.lane AND q.channel_id = c.id AND q.lease_until IS NULL AND q.due_at > $4
          AND m.paused_at IS NULL
        FOR UPDATE OF q SKIP LOCKED) AS late
    WHERE c.community_id = $1
    UNION ALL
    SELECT q.id FROM delivery_range AS q WHERE q.community_id = $1 AND q.lease_until > $4));

-- name: shorten_leases
-- On the wire by a lease that is longer than any ($3): the clock was put back since. $2: when it runs out now.
UPDATE delivery AS d SET lease_until = $2
WHERE d.community_id = $1 AND d.ctid = ANY (ARRAY(
    SELECT q.ctid FROM delivery AS q
    WHERE q.community_id = $1 AND q.state = 'sending' AND q.lease_until > $3
    FOR UPDATE SKIP LOCKED));

-- name: hasten_gateways
-- Gateways of the community's channels that are to be probed ($3) or left alone ($4) until later than can be. $2 machine time.
UPDATE gateway_permit AS p
SET pause_until = CASE WHEN p.pause_until > $4 THEN $2 ELSE p.pause_until END,
    probe_at = CASE WHEN p.probe_at > $3 THEN $2 ELSE p.probe_at END,
    set_aside_at = CASE WHEN p.set_aside_at > $2 THEN $2 ELSE p.set_aside_at END
FROM channel AS c
JOIN gateway AS g ON g.id = c.gateway_id
CROSS JOIN LATERAL (SELECT coalesce(g.shares_rate_of, g.id) AS id) AS account
WHERE c.community_id = $1 AND p.gateway_id IN (g.id, account.id) AND (p.pause_until > $4 OR p.probe_at > $3);

-- name: lanes_led_astray
-- Of these lanes those that lead to the community later than can be ($3, machine time).
SELECT lane FROM work WHERE community_id = $1 AND lane = ANY ($2::text[]) AND due_at > $3;

-- name: keep_bundle
-- What a gateway says in one request, raw first and applied later. One that comes again changes nothing and has no row. $9 machine time.
INSERT INTO receipt_bundle (community_id, gateway_id, dedupe, size, message_ids, nos, states, codes, raws, received_at)
VALUES ($1, $2, $3, cardinality($5::bigint[]), $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id;

-- name: bundles_to_apply
-- fills: notifiers.delivery.receipts.Bundle
-- The oldest that nobody else is reading, at most $2, as many as hold $3 receipts and at least one.
WITH waiting AS MATERIALIZED (
    SELECT id, size, message_ids FROM receipt_bundle
    WHERE community_id = $1 AND applied_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
), counted AS (
    SELECT id, size, message_ids, sum(size) OVER (ORDER BY id) - size AS before FROM waiting
)
SELECT id, size, ARRAY(SELECT DISTINCT unnest(message_ids)) AS message_ids FROM counted WHERE before < $3 ORDER BY id;

-- name: confirm_settled
-- fills: notifiers.delivery.receipts.Heard
-- Settled deliveries that these bundles call delivered: the highest word there is, so nothing else counts beside it. No gateway speaks of
-- another's deliveries, and what the desk dials is no gateway's. $3 story time. Returned are those that were not delivered before.
WITH bundle AS MATERIALIZED (
    SELECT b.message_ids, b.nos, b.states,
           ARRAY(SELECT c.id FROM channel AS c WHERE c.community_id = $1 AND c.gateway_id = b.gateway_id AND c.kind <> 'by_hand') AS channel_ids
    FROM receipt_bundle AS b WHERE b.community_id = $1 AND b.id = ANY ($2::bigint[])
), heard AS (
    UPDATE delivery_settled AS s SET state = 'delivered', reason = NULL, state_at = $3, receipt_due_at = NULL
    FROM bundle CROSS JOIN LATERAL unnest(bundle.message_ids, bundle.nos, bundle.states) AS said (message_id, no, state)
    WHERE s.community_id = $1 AND s.message_id = said.message_id AND s.no = said.no AND said.state = 'delivered'
      AND s.channel_id = ANY (bundle.channel_ids) AND s.state <> 'delivered'
    RETURNING s.message_id, s.no
)
SELECT coalesce(array_agg(message_id), '{}') AS message_ids, coalesce(array_agg(no), '{}') AS nos FROM heard;

-- name: other_words
-- fills: notifiers.delivery.receipts.Word
-- What these bundles say of deliveries that are not delivered (yet).
SELECT b.gateway_id, word.message_id, word.no, word.state, word.code
FROM receipt_bundle AS b
CROSS JOIN LATERAL unnest(b.message_ids, b.nos, b.states, b.codes) AS word (message_id, no, state, code)
LEFT JOIN LATERAL (
    SELECT s.state FROM delivery_settled AS s
    WHERE s.community_id = $1 AND s.message_id = word.message_id AND s.no = word.no OFFSET 0) AS stands ON true
WHERE b.community_id = $1 AND b.id = ANY ($2::bigint[]) AND stands.state IS DISTINCT FROM 'delivered';

-- name: early_to_apply
-- fills: notifiers.delivery.receipts.Word
-- What was said too early, and its delivery is not on the wire any more.
SELECT e.gateway_id, e.message_id, e.no, e.state, e.code
FROM early_receipt AS e
WHERE e.community_id = $1
  AND NOT EXISTS (SELECT FROM delivery AS d
                  WHERE d.community_id = $1 AND d.message_id = e.message_id AND d.no = e.no AND d.state = 'sending')
  AND NOT EXISTS (SELECT FROM delivery_range AS r
                  WHERE r.community_id = $1 AND r.message_id = e.message_id AND r.first_no <= e.no AND r.last_no >= e.no
                    AND r.lease_until IS NOT NULL AND NOT EXISTS (
                        SELECT FROM delivery_settled AS s WHERE s.community_id = $1 AND s.message_id = e.message_id AND s.no = e.no))
ORDER BY e.message_id, e.no LIMIT $2 FOR UPDATE OF e SKIP LOCKED;

-- name: keep_early
-- Said while it is on the wire. Their messages are held.
INSERT INTO early_receipt (community_id, message_id, no, state, gateway_id, code)
SELECT $1, early.* FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::text[]) AS early ON CONFLICT DO NOTHING;

-- name: drop_early
-- Applied by now.
DELETE FROM early_receipt AS e USING unnest($2::bigint[], $3::bigint[], $4::text[]) AS a (message_id, no, state)
WHERE e.community_id = $1 AND e.message_id = a.message_id AND e.no = a.no AND e.state = a.state;

-- name: standings
-- fills: notifiers.delivery.receipts.Standing
-- Where these deliveries stand now, and by whose gateway: no gateway may speak of another's.
SELECT a.message_id, a.no, coalesce(s.state, d.state, 'sending') AS state, c.gateway_id, c.kind = 'by_hand' AS by_hand
FROM unnest($2::bigint[], $3::bigint[]) AS a (message_id, no)
LEFT JOIN delivery AS d ON d.community_id = $1 AND d.message_id = a.message_id AND d.no = a.no
LEFT JOIN delivery_settled AS s ON s.community_id = $1 AND s.message_id = a.message_id AND s.no = a.no
-- Of a range on the wire there is no row yet.
LEFT JOIN LATERAL (
    SELECT r.channel_id FROM delivery_range AS r
    WHERE s.no IS NULL AND d.no IS NULL AND r.community_id = $1 AND r.message_id = a.message_id AND r.first_no <= a.no AND r.last_no >= a.no
      AND r.lease_until IS NOT NULL AND (r.passed_over IS NULL OR a.no <> ALL (r.passed_over)) AND EXISTS (
          SELECT FROM audience_member AS m
          WHERE m.community_id = $1 AND m.message_id = a.message_id AND m.delivery_no = a.no AND m.channel_id = r.channel_id)
    LIMIT 1) AS many ON true
JOIN channel AS c ON c.community_id = $1 AND c.id = coalesce(s.channel_id, d.channel_id, many.channel_id);

-- name: restate
-- A settled delivery's state as the gateway or the desk has it now. $6 story time, $7 per delivery: until when a receipt is waited for.
UPDATE delivery_settled AS s SET state = a.state, reason = a.reason, state_at = $6, receipt_due_at = a.receipt_due_at
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $7::timestamptz[]) AS a (message_id, no, state, reason, receipt_due_at)
WHERE s.community_id = $1 AND s.message_id = a.message_id AND s.no = a.no;

-- name: overdue_receipts
-- fills: notifiers.delivery.no_receipt.Overdue
-- Handed over, and the gateway's word on it is late; the longest overdue first. $2 story time.
SELECT message_id, no FROM delivery_settled
WHERE community_id = $1 AND receipt_due_at <= $2 ORDER BY receipt_due_at LIMIT $3;

-- name: note_inquiries
-- fills: notifiers.delivery.inquiries.Noted
-- Of these deliveries those whose gateway is of a kind ($4) that can be asked, and that were not asked about yet. $5, $6 machine time.
INSERT INTO inquiry (community_id, message_id, no, ask_at, noted_at)
SELECT $1, s.message_id, s.no, $5, $6
FROM unnest($2::bigint[], $3::bigint[]) AS a (message_id, no)
JOIN delivery_settled AS s ON s.community_id = $1 AND s.message_id = a.message_id AND s.no = a.no
JOIN channel AS c ON c.community_id = $1 AND c.id = s.channel_id
JOIN gateway AS g ON g.id = c.gateway_id AND g.kind = ANY ($4::text[])
ON CONFLICT DO NOTHING
RETURNING message_id, no;

-- name: wait_longer
-- Their receipts are waited for a little longer. $4 story time.
UPDATE delivery_settled AS s SET receipt_due_at = $4
FROM unnest($2::bigint[], $3::bigint[]) AS a (message_id, no)
WHERE s.community_id = $1 AND s.message_id = a.message_id AND s.no = a.no;

-- name: due_inquiries
-- fills: notifiers.delivery.asking.Due
-- What gateways are to be asked about now, the longest due first, as it stands. Nothing in a copy that may not send. $2 machine time.
SELECT i.message_id, i.no, c.gateway_id, i.asked, s.state, s.address, coalesce(s.gateway_ref, '') AS gateway_ref, s.settled_at AS sent_at
FROM inquiry AS i
JOIN delivery_settled AS s ON s.community_id = $1 AND s.message_id = i.message_id AND s.no = i.no
JOIN channel AS c ON c.community_id = $1 AND c.id = s.channel_id
WHERE i.community_id = $1 AND i.ask_at <= $2 AND EXISTS (SELECT FROM community WHERE id = $1 AND may_send)
ORDER BY i.ask_at LIMIT $3 FOR UPDATE OF i SKIP LOCKED;

-- name: put_off_inquiries
-- Asked about once more, and when again; null: not any more.
UPDATE inquiry AS i SET asked = i.asked + 1, ask_at = a.ask_at
FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[]) AS a (message_id, no, ask_at)
WHERE i.community_id = $1 AND i.message_id = a.message_id AND i.no = a.no;

-- name: next_inquiry
-- Under the held work row: when something is next to be asked; null when nothing is, or nothing may leave.
SELECT min(ask_at) FROM inquiry WHERE community_id = $1 AND EXISTS (SELECT FROM community WHERE id = $1 AND may_send);

-- name: forget_inquiries
-- No receipt will be waited for any more. $2 machine time.
DELETE FROM inquiry WHERE community_id = $1 AND noted_at < $2;

-- name: give_up_receipts
-- fills: notifiers.delivery.no_receipt.Missed
-- Their messages are held. What has been spoken of meanwhile comes back absent. (That a receipt is waited for is not asked: the index of
-- those would lure a planner without figures away from the key.)
UPDATE delivery_settled AS s SET receipt_due_at = NULL, reason = coalesce(s.reason, 'no_receipt')
FROM unnest($2::bigint[], $3::bigint[]) AS a (message_id, no)
WHERE s.community_id = $1 AND s.message_id = a.message_id AND s.no = a.no AND s.state = 'accepted'
RETURNING s.message_id, s.no, coalesce(s.reason, 'no_receipt') AS reason;

-- name: mark_unanswered
-- The members who stand there with it: not told, and nothing more is to be expected. Their place and the counters stay.
UPDATE audience_member AS m SET reason = a.reason
FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS a (message_id, no, reason)
WHERE m.community_id = $1 AND m.message_id = a.message_id AND m.delivery_no = a.no AND m.reach = 'handed_over' AND m.reason IS NULL;

-- name: next_receipt_due
-- Under the held work row: when a receipt is next overdue; null when none is waited for.
SELECT min(receipt_due_at) FROM delivery_settled WHERE community_id = $1;

-- name: mark_applied
-- Read, whether it moved anything or not. $3 machine time.
UPDATE receipt_bundle SET applied_at = $3 WHERE community_id = $1 AND id = ANY ($2::bigint[]);

-- name: receipts_left
-- fills: notifiers.delivery.receipts.Left
-- Under the held work row: whether any receipt waits, and whether one could be read now, which nobody else is reading.
SELECT EXISTS (SELECT FROM (SELECT FROM receipt_bundle WHERE community_id = $1 AND applied_at IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED) AS one) AS ready,
       EXISTS (SELECT FROM receipt_bundle WHERE community_id = $1 AND applied_at IS NULL)
           OR EXISTS (SELECT FROM early_receipt WHERE community_id = $1) AS waits;

-- name: forget_bundles
-- What gateways said so long ago. $2 machine time.
DELETE FROM receipt_bundle WHERE community_id = $1 AND received_at < $2 AND applied_at IS NOT NULL;

-- name: reply_by_dedupe
-- fills: notifiers.delivery.replies.Stored
-- A gateway that repeats itself gets the same answer.
SELECT r.id, r.outcome, r.message_id, r.no, r.address, r.text FROM reply AS r
WHERE r.community_id = $1 AND r.gateway_id = $2 AND r.dedupe = $3;

-- name: insert_reply
-- Every reply is kept, matched or not. $9 machine time.
INSERT INTO reply (community_id, gateway_id, dedupe, address, text, outcome, message_id, no, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id;

-- name: codes_open_for
-- fills: notifiers.delivery.replies.OpenCode
-- What this telephone could be answering, in this community; $2 its hashes, by the present secret key and by the one before.
SELECT DISTINCT ON (code) code, message_id, no FROM open_code
WHERE gateway_id = $1 AND phone_hash = ANY ($2::bytea[]) AND community_id = $3 ORDER BY code, message_id DESC, no;

-- name: communities_of_phone
-- Of a company's communities, those in which this telephone has an open alert at this gateway.
SELECT DISTINCT community_id FROM open_code WHERE gateway_id = $1 AND phone_hash = ANY ($2::bytea[]);

-- name: code_of_phone
-- The community of one code of this telephone; of two, because the secret key was replaced in between, the newer message's.
SELECT community_id FROM open_code WHERE gateway_id = $1 AND phone_hash = ANY ($2::bytea[]) AND code = $3 ORDER BY message_id DESC LIMIT 1;

-- name: communities_of_gateway
-- Where a reply without any open alert may belong.
SELECT id FROM community WHERE company_id = (SELECT company_id FROM gateway WHERE gateway.id = $1) ORDER BY id;

-- name: delivery_facts
-- fills: notifiers.delivery.replies.Told
-- Whom a delivery reached, in which language, asking for what code, and through whose gateway.
SELECT d.language, d.address, m.code, c.gateway_id,
       ARRAY(SELECT DISTINCT x.person_id FROM audience_member AS x
             WHERE x.community_id = $1 AND x.message_id = $2
               AND (x.delivery_no = $3 OR x.member_no IN (SELECT e.member_no FROM earlier_way AS e
                                                          WHERE e.community_id = $1 AND e.message_id = $2 AND e.no = $3))
             ORDER BY x.person_id) AS person_ids
FROM delivery_all AS d
JOIN message AS m ON m.community_id = $1 AND m.id = d.message_id
JOIN channel AS c ON c.community_id = $1 AND c.id = d.channel_id
WHERE d.community_id = $1 AND d.message_id = $2 AND d.no = $3;

-- name: language_of_address
-- In which language an unmatched sender is answered.
SELECT p.language FROM contact_point AS c
JOIN person AS p ON p.community_id = $1 AND p.id = c.person_id
WHERE c.community_id = $1 AND c.address = $2 ORDER BY c.id LIMIT 1;

-- name: calls_waiting
-- fills: notifiers.delivery.by_hand.CallToMake
-- What the desk still has to dial: handed to it, not yet dialled, and somebody of it not told otherwise meanwhile; `text` has its slots. Only
-- of messages that have this way: a broadcast's deliveries, in thousands, are not looked at.
SELECT d.message_id, d.no, d.person_id, person.name, d.address AS number, d.state_at AS since, x.text, x.language, m.code,
       person.language AS speaks, person.dialect, person.preferred_means, point.proxy_name, point.proxy_relation
FROM message AS m
JOIN message_route AS r ON r.community_id = $1 AND r.message_id = m.id
JOIN channel AS c ON c.community_id = $1 AND c.id = r.channel_id AND c.kind = 'by_hand'
CROSS JOIN LATERAL (
    SELECT one.message_id, one.no, one.person_id, one.address, one.state_at, one.language, one.contact_point_id FROM delivery_settled AS one
    WHERE one.community_id = $1 AND one.message_id = m.id AND one.channel_id = c.id AND one.state = 'accepted' OFFSET 0
) AS d
JOIN message_text AS x ON x.community_id = $1 AND x.message_id = m.id AND x.language = d.language
JOIN person ON person.community_id = $1 AND person.id = d.person_id
LEFT JOIN contact_point AS point ON point.community_id = $1 AND point.id = d.contact_point_id
WHERE m.community_id = $1 AND m.subject = $2 AND m.stopped_at IS NULL
  AND EXISTS (SELECT FROM audience_member AS a
              WHERE a.community_id = $1 AND a.message_id = d.message_id AND a.delivery_no = d.no AND a.reach = 'trying')
ORDER BY d.state_at, d.message_id, d.no;

-- name: note_refs
-- What the gateway calls these messages, for receipts that say no more. An id that it gives again is the newer message's.
INSERT INTO gateway_ref (gateway_id, ref, community_id, message_id, no, noted_at)
SELECT DISTINCT ON (c.gateway_id, r.ref) c.gateway_id, r.ref, $1, r.message_id, r.no, $5
FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS r (message_id, no, ref)
CROSS JOIN LATERAL (
    SELECT q.channel_id FROM delivery_all AS q WHERE q.community_id = $1 AND q.message_id = r.message_id AND q.no = r.no
    UNION ALL
    -- Of a range on the wire there is no row yet.
    SELECT a.channel_id FROM audience_member AS a
    WHERE a.community_id = $1 AND a.message_id = r.message_id AND a.delivery_no = r.no
    LIMIT 1) AS d
JOIN channel AS c ON c.community_id = $1 AND c.id = d.channel_id
ORDER BY c.gateway_id, r.ref
ON CONFLICT (gateway_id, ref)
DO UPDATE SET community_id = excluded.community_id, message_id = excluded.message_id, no = excluded.no, noted_at = excluded.noted_at;

-- name: deliveries_of_refs
-- fills: notifiers.delivery.gateway_refs.NamedRef
-- What a gateway means by its own ids.
SELECT ref, community_id, message_id, no FROM gateway_ref WHERE gateway_id = $1 AND ref = ANY ($2::text[]);

-- name: maybe_sent_to
-- fills: notifiers.delivery.gateway_refs.Named
-- Deliveries to a number through a gateway whose answer is not there (yet): on the wire, to be repeated, or unknown for good.
SELECT d.community_id, d.message_id, d.no
FROM delivery AS d
JOIN channel AS c ON c.community_id = $1 AND c.id = d.channel_id AND c.gateway_id = $2
WHERE d.community_id = $1 AND d.address = $3 AND d.state = 'sending'
UNION
SELECT d.community_id, d.message_id, d.no
FROM delivery AS d
JOIN channel AS c ON c.community_id = $1 AND c.id = d.channel_id AND c.gateway_id = $2
WHERE d.community_id = $1 AND d.address = $3 AND d.maybe_sent
UNION
SELECT r.community_id, r.message_id, a.delivery_no
FROM delivery_range AS r
JOIN channel AS c ON c.community_id = $1 AND c.id = r.channel_id AND c.gateway_id = $2
JOIN audience_member AS a ON a.community_id = $1 AND a.message_id = r.message_id AND a.delivery_no >= r.first_no AND a.delivery_no <= r.last_no
    AND a.channel_id = r.channel_id AND a.address = $3
WHERE r.community_id = $1 AND r.lease_until IS NOT NULL AND (r.passed_over IS NULL OR a.delivery_no <> ALL (r.passed_over))
  AND NOT EXISTS (SELECT FROM delivery_settled AS s
                  WHERE s.community_id = $1 AND s.message_id = r.message_id AND s.no = a.delivery_no)
UNION
SELECT s.community_id, s.message_id, s.no
FROM delivery_settled AS s
JOIN channel AS c ON c.community_id = $1 AND c.id = s.channel_id AND c.gateway_id = $2
WHERE s.community_id = $1 AND s.address = $3 AND s.state = 'unknown';

-- name: deliveries_in_batches
-- fills: notifiers.delivery.incoming.InBatch
-- Of batches (each a message and its lowest and highest number) that went through this gateway, the delivery to one number, by their place
-- from 1.
SELECT batch.place, found.no
FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::text[]) WITH ORDINALITY AS batch (message_id, first, last, address, place)
CROSS JOIN LATERAL (
    SELECT d.no FROM delivery_all AS d
    JOIN channel AS c ON c.community_id = $1 AND c.id = d.channel_id AND c.gateway_id = $2
    WHERE d.community_id = $1 AND d.message_id = batch.message_id AND d.no BETWEEN batch.first AND batch.last AND d.address = batch.address
    UNION ALL
    SELECT a.delivery_no FROM delivery_range AS r
    JOIN channel AS c ON c.community_id = $1 AND c.id = r.channel_id AND c.gateway_id = $2
    JOIN audience_member AS a ON a.community_id = $1 AND a.message_id = batch.message_id AND a.delivery_no BETWEEN r.first_no AND r.last_no
        AND a.delivery_no BETWEEN batch.first AND batch.last AND a.channel_id = r.channel_id AND a.address = batch.address
    WHERE r.community_id = $1 AND r.message_id = batch.message_id AND r.first_no <= batch.last AND r.last_no >= batch.first
      AND r.lease_until IS NOT NULL
    ORDER BY no LIMIT 1
) AS found;

-- name: forget_refs
-- No receipt names these any more. $2 machine time.
DELETE FROM gateway_ref WHERE community_id = $1 AND noted_at < $2;

-- name: may_be_lost
-- For a transaction whose loss in a crash harms nobody: no wait for the disk.
SET LOCAL synchronous_commit = off;

-- name: queues
-- fills: notifiers.delivery.queue_state.Queue
-- What is due, counted up to $4, by lane and channel. $3 machine time.
SELECT lane.name AS lane, c.id AS channel_id, (due.count + many.count)::int AS due, greatest(due.oldest_seconds, many.oldest_seconds) AS oldest_seconds
FROM channel AS c CROSS JOIN unnest($2::text[]) AS lane (name)
CROSS JOIN LATERAL (
    SELECT count(*) AS count, coalesce(extract(epoch FROM $3::timestamptz - min(one.due_at)), 0)::float8 AS oldest_seconds
    FROM (SELECT d.due_at FROM delivery AS d
          WHERE d.community_id = $1 AND d.lane = lane.name AND d.channel_id = c.id AND d.state = 'queued' AND d.due_at <= $3
          ORDER BY d.due_at LIMIT $4) AS one) AS due
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.deliveries), 0) AS count, coalesce(extract(epoch FROM $3::timestamptz - min(r.due_at)), 0)::float8 AS oldest_seconds
    FROM delivery_range AS r
    WHERE r.community_id = $1 AND r.lane = lane.name AND r.channel_id = c.id AND r.lease_until IS NULL AND r.due_at <= $3) AS many
WHERE c.community_id = $1 AND due.count + many.count > 0 AND EXISTS (SELECT FROM community WHERE id = $1 AND may_send)
ORDER BY array_position($2::text[], lane.name), c.rank, c.id;

-- name: count_set_apart
-- How much waits for somebody to release it or give it up.
SELECT count(*) FROM quarantine AS q
JOIN message AS m ON m.community_id = $1 AND m.id = q.message_id
WHERE q.community_id = $1 AND q.quarantined_at IS NOT NULL AND q.ended_at IS NULL AND (q.no > 0 OR m.paused_at IS NOT NULL);

-- name: report_worker
-- A worker says how it is. $2 machine time.
INSERT INTO worker_report (worker, started_at, seen_at, on_wire, loop_lag_seconds, settle_lag_seconds, pool_size, pool_used)
VALUES ($1, $2, $2, $3, $4, $5, $6, $7)
ON CONFLICT (worker) DO UPDATE
SET seen_at = excluded.seen_at, on_wire = excluded.on_wire, loop_lag_seconds = excluded.loop_lag_seconds,
    settle_lag_seconds = excluded.settle_lag_seconds, pool_size = excluded.pool_size, pool_used = excluded.pool_used;

-- name: report_gateways
-- And what it sent through which gateway.
INSERT INTO gateway_report (worker, gateway_id, on_wire, accepted, not_sent, refused, unknown, repeats, recent_accepted, recent_failed, per_second,
                            last_accepted_at)
SELECT $1, g.* FROM unnest($2::bigint[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::int[], $10::int[],
                           $11::float8[], $12::timestamptz[]) AS g
ON CONFLICT (worker, gateway_id) DO UPDATE
SET on_wire = excluded.on_wire, accepted = excluded.accepted, not_sent = excluded.not_sent, refused = excluded.refused,
    unknown = excluded.unknown, repeats = excluded.repeats, recent_accepted = excluded.recent_accepted,
    recent_failed = excluded.recent_failed, per_second = excluded.per_second, last_accepted_at = excluded.last_accepted_at;

-- name: forget_workers
-- Those that have not been heard of for so long, with what they said.
DELETE FROM worker_report WHERE seen_at < $1;

-- name: worker_left
-- It said that it ends.
DELETE FROM worker_report WHERE worker = $1;

-- name: workers_seen
-- fills: notifiers.delivery.reports.WorkerSeen
-- Whoever works now. $1 machine time.
SELECT worker, started_at, greatest(0, extract(epoch FROM $1::timestamptz - seen_at))::float8 AS ago_seconds, on_wire, loop_lag_seconds,
       settle_lag_seconds, pool_size, pool_used
FROM worker_report WHERE seen_at >= $2 ORDER BY started_at, worker;

-- name: sends_of_workers
-- fills: notifiers.delivery.reports.SendsOfWorker
-- What whoever works now has sent since it started.
SELECT r.worker, r.gateway_id, g.name AS gateway, g.kind, r.accepted, r.not_sent, r.refused, r.unknown, r.repeats
FROM gateway_report AS r JOIN worker_report AS w ON w.worker = r.worker AND w.seen_at >= $1 JOIN gateway AS g ON g.id = r.gateway_id
ORDER BY r.worker, g.id;

-- name: gateways_health
-- fills: notifiers.delivery.reports.GatewayHealth
-- A company's gateways ($1), or all: what is noted of each, and what those that work now ($3) say of it together. $2 machine time.
SELECT own.id, own.company_id, own.name, own.kind, g.rate_per_second,
       least(1, greatest(0, coalesce(extract(epoch FROM p.full_until - $2::timestamptz), 0)) * g.rate_per_second / g.burst)::float8 AS permits_used,
       greatest(0, coalesce(extract(epoch FROM p.pause_until - $2::timestamptz), 0))::float8 AS pause_seconds,
       aside.set_aside_at, aside.set_aside_why, coalesce(said.on_wire, 0)::int AS on_wire, coalesce(said.per_second, 0)::float8 AS per_second,
       coalesce(said.recent_accepted, 0)::int AS recent_accepted, coalesce(said.recent_failed, 0)::int AS recent_failed, said.last_accepted_at
FROM gateway AS own
CROSS JOIN LATERAL (SELECT coalesce(own.shares_rate_of, own.id) AS id) AS account
JOIN gateway AS g ON g.id = account.id
LEFT JOIN gateway_permit AS p ON p.gateway_id = account.id
LEFT JOIN gateway_permit AS aside ON aside.gateway_id = own.id
CROSS JOIN LATERAL (
    SELECT sum(r.on_wire) FILTER (WHERE w.seen_at >= $3) AS on_wire, sum(r.per_second) FILTER (WHERE w.seen_at >= $3) AS per_second,
           sum(r.recent_accepted) FILTER (WHERE w.seen_at >= $3) AS recent_accepted,
           sum(r.recent_failed) FILTER (WHERE w.seen_at >= $3) AS recent_failed, max(r.last_accepted_at) AS last_accepted_at
    FROM gateway_report AS r JOIN worker_report AS w ON w.worker = r.worker WHERE r.gateway_id = own.id) AS said
WHERE $1::bigint IS NULL OR own.company_id = $1
ORDER BY own.id;
