-- name: insert_messages
-- fills: notifiers.announcements.post.Inserted
-- Messages, their texts in all languages, and the channels they may leave by; posting the same effect twice is one message, and
-- only new ones come back. A drill for residents finds only channels that end in a sink. $2 story time, then per message: number,
-- subject, effect, kind, lane, means, audience, drill, life at stake, code, link, expiry; per text: number of its message, language,
-- key, variables, subject, text, segments; per way out: means, whether for alerts only, medium, contact kinds it reaches, added rank. And
-- per message the one channel that it may leave by, NULL: any; when it may leave by machine time, NULL: at once; whether it is the all-clear.
WITH wanted AS (
    SELECT * FROM unnest($3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[],
                         $11::boolean[], $12::text[], $13::text[], $14::timestamptz[], $27::bigint[], $28::timestamptz[], $29::boolean[])
        AS w (number, subject, effect_key, kind, lane, means, audience, drill, life_safety, code, link, expires_at, only_channel, leaves_at,
              all_clear)
), posted AS (
    INSERT INTO message (community_id, subject, effect_key, kind, lane, means, audience, drill, life_safety, code, link, posted_at,
                         expires_at, leaves_at, all_clear)
    SELECT $1, subject, effect_key, kind, lane, means, audience, drill, life_safety, code, link, $2, expires_at, leaves_at, all_clear
    FROM wanted
    ORDER BY number
    ON CONFLICT DO NOTHING RETURNING id, subject, effect_key
), new AS (
    SELECT p.id, w.number, w.kind, w.means, w.audience, w.drill, w.only_channel
    FROM posted AS p JOIN wanted AS w ON w.effect_key = p.effect_key AND w.subject IS NOT DISTINCT FROM p.subject
), texts AS (
    INSERT INTO message_text (community_id, message_id, language, key, variables, drill, subject, text, segments)
    SELECT $1, new.id, t.language, t.key, t.variables, new.drill, t.subject, t.text, t.segments
    FROM unnest($15::int[], $16::text[], $17::text[], $18::jsonb[], $19::text[], $20::text[], $21::smallint[])
        AS t (number, language, key, variables, subject, text, segments)
    JOIN new ON new.number = t.number
), routes AS (
    INSERT INTO message_route (community_id, message_id, channel_id, rank, contact_kinds, drill, sink, audience)
    SELECT $1, new.id, c.id, least(c.rank::int + way.later, 32767)::smallint, string_to_array(way.contact_kinds, ','), new.drill, c.sink,
           new.audience
    FROM new
    JOIN unnest($22::text[], $23::boolean[], $24::text[], $25::text[], $26::smallint[]) AS way (means, alerts_only, medium, contact_kinds, later)
        ON way.means = new.means AND (new.kind = 'alert' OR NOT way.alerts_only)
    JOIN channel AS c ON c.community_id = $1 AND c.enabled AND c.kind = way.medium
    WHERE (NOT new.drill OR c.sink OR new.audience = 'staff') AND (new.only_channel IS NULL OR c.id = new.only_channel)
)
SELECT number, id FROM new;

-- name: message_of_effect
-- fills: notifiers.delivery.sealing.seals.Sealed
-- What an effect posted before.
SELECT id, coalesce(size, 0) AS size, unreachable, to_fan_out - fanned_out AS to_fan_out, fanned_out AS made FROM message
WHERE community_id = $1 AND subject = $2 AND effect_key = $3
UNION ALL
SELECT id, coalesce(size, 0), unreachable, to_fan_out - fanned_out, fanned_out FROM message
WHERE $2::bigint IS NULL AND community_id = $1 AND subject IS NULL AND effect_key = $3;

-- name: counters
-- fills: notifiers.announcements.reached.Counted
-- Where a message's members stand.
SELECT id, coalesce(size, 0) AS size, confirmed, handed_over, trying, unknown, unreachable, opted_out, excluded
FROM message WHERE community_id = $1 AND id = ANY ($2::bigint[]);

-- name: members
-- fills: notifiers.announcements.reached.Member
-- A page of members in their order, each with the way being tried or the last that was.
SELECT a.member_no, a.person_id, a.home_id, a.language, a.reach, a.reason, a.delivery_no, a.address, c.kind AS medium,
       d.state AS delivery_state, d.state_at
FROM audience_member AS a
LEFT JOIN channel AS c ON c.community_id = $1 AND c.id = a.channel_id
LEFT JOIN delivery_all AS d ON d.community_id = $1 AND d.message_id = $2 AND d.no = a.delivery_no
WHERE a.community_id = $1 AND a.message_id = $2 AND a.member_no > $3
ORDER BY a.member_no LIMIT $4;

-- name: confirm_members
-- Somebody proved to know: by answering, by telephone, at the door. By deliveries ($3) or by home ($4): without one no member is looked at
-- for it. Returns those of their deliveries that are still queued.
WITH chosen AS (
    SELECT m.tid, m.was FROM unnest($3::bigint[]) AS asked (no)
    CROSS JOIN LATERAL (
        SELECT a.ctid AS tid, a.reach AS was FROM audience_member AS a
        WHERE a.community_id = $1 AND a.message_id = $2 AND a.delivery_no = asked.no AND a.reach <> 'confirmed' OFFSET 0
    ) AS m
    UNION
    SELECT m.ctid, m.reach FROM earlier_way AS e
    JOIN audience_member AS m ON m.community_id = $1 AND m.message_id = $2 AND m.member_no = e.member_no AND m.reach <> 'confirmed'
    WHERE e.community_id = $1 AND e.message_id = $2 AND e.no = ANY ($3::bigint[])
    UNION
    SELECT m.ctid, m.reach FROM residence AS r
    JOIN audience_member AS m ON m.community_id = $1 AND m.person_id = r.person_id AND m.message_id = $2 AND m.home_id = r.home_id
    WHERE $4::bigint IS NOT NULL AND r.community_id = $1 AND r.home_id = $4 AND m.reach <> 'confirmed'
    UNION
    SELECT m.ctid, m.reach FROM audience_member AS m
    WHERE $4::bigint IS NOT NULL AND m.community_id = $1 AND m.person_id IS NULL AND m.message_id = $2 AND m.home_id = $4 AND m.reach <> 'confirmed'
), moved AS (
    UPDATE audience_member AS m SET reach = 'confirmed', reason = NULL
    FROM chosen AS c WHERE m.community_id = $1 AND m.ctid = c.tid
    RETURNING c.was, m.delivery_no
), folded AS (
    SELECT count(*) AS moved,
           count(*) FILTER (WHERE was = 'handed_over') AS handed_over, count(*) FILTER (WHERE was = 'trying') AS trying,
           count(*) FILTER (WHERE was = 'unknown') AS unknown, count(*) FILTER (WHERE was = 'unreachable') AS unreachable,
           count(*) FILTER (WHERE was = 'opted_out') AS opted_out, count(*) FILTER (WHERE was = 'excluded') AS excluded
    FROM moved
)
UPDATE message AS m
SET confirmed = m.confirmed + f.moved, handed_over = m.handed_over - f.handed_over, trying = m.trying - f.trying,
    unknown = m.unknown - f.unknown, unreachable = m.unreachable - f.unreachable, opted_out = m.opted_out - f.opted_out,
    excluded = m.excluded - f.excluded
FROM folded AS f
WHERE m.community_id = $1 AND m.id = $2 AND f.moved > 0
RETURNING ARRAY(SELECT DISTINCT d.no FROM moved JOIN delivery AS d ON d.community_id = $1 AND d.message_id = $2 AND d.no = moved.delivery_no
                WHERE d.lease_until IS NULL);

-- name: confirm_persons
-- fills: notifiers.announcements.reached.Ref
-- These persons ($3) proved to know these messages ($2), pair by pair. Returns those of their deliveries that are still queued.
WITH chosen AS (
    SELECT DISTINCT m.ctid AS tid, m.reach AS was
    FROM unnest($2::bigint[], $3::bigint[]) AS told (message_id, person_id)
    JOIN audience_member AS m ON m.community_id = $1 AND m.person_id = told.person_id AND m.message_id = told.message_id
    WHERE m.reach <> 'confirmed'
), moved AS (
    UPDATE audience_member AS m SET reach = 'confirmed', reason = NULL
    FROM chosen AS c WHERE m.community_id = $1 AND m.ctid = c.tid
    RETURNING m.message_id, c.was, m.delivery_no
), folded AS (
    SELECT message_id, count(*) AS moved,
           count(*) FILTER (WHERE was = 'handed_over') AS handed_over, count(*) FILTER (WHERE was = 'trying') AS trying,
           count(*) FILTER (WHERE was = 'unknown') AS unknown, count(*) FILTER (WHERE was = 'unreachable') AS unreachable,
           count(*) FILTER (WHERE was = 'opted_out') AS opted_out, count(*) FILTER (WHERE was = 'excluded') AS excluded
    FROM moved GROUP BY message_id
), counted AS (
    UPDATE message AS m
    SET confirmed = m.confirmed + f.moved, handed_over = m.handed_over - f.handed_over, trying = m.trying - f.trying,
        unknown = m.unknown - f.unknown, unreachable = m.unreachable - f.unreachable, opted_out = m.opted_out - f.opted_out,
        excluded = m.excluded - f.excluded
    FROM folded AS f
    WHERE m.community_id = $1 AND m.id = f.message_id
)
SELECT DISTINCT d.message_id, d.no
FROM moved JOIN delivery AS d ON d.community_id = $1 AND d.message_id = moved.message_id AND d.no = moved.delivery_no
WHERE d.lease_until IS NULL;

-- name: needless_of
-- fills: notifiers.announcements.reached.Queued
-- Of these deliveries, those still queued although everybody they are for knows by now.
SELECT d.message_id, d.no, d.maybe_sent, false AS by_hand
FROM unnest($2::bigint[], $3::bigint[]) AS asked (message_id, no)
JOIN delivery AS d ON d.community_id = $1 AND d.message_id = asked.message_id AND d.no = asked.no AND d.lease_until IS NULL
WHERE NOT EXISTS (SELECT FROM audience_member AS a
                  WHERE a.community_id = $1 AND a.message_id = d.message_id AND a.delivery_no = d.no AND a.reach <> 'confirmed');

-- name: queued_of
-- fills: notifiers.announcements.reached.Queued
-- What a stop keeps from leaving: the queue, and calls that the desk has not made.
SELECT d.message_id, d.no, d.maybe_sent, false AS by_hand FROM delivery AS d
WHERE d.community_id = $1 AND d.message_id = ANY ($2::bigint[]) AND d.lease_until IS NULL
UNION ALL
SELECT d.message_id, d.no, false, true FROM delivery_settled AS d
JOIN channel AS c ON c.community_id = $1 AND c.id = d.channel_id AND c.kind = 'by_hand'
WHERE d.community_id = $1 AND d.message_id = ANY ($2::bigint[]) AND d.state = 'accepted';

-- name: stop_messages
-- Nothing of these is sent any more; members whose page was not fanned out yet are excluded at once. $3 story time.
WITH unsent AS (
    UPDATE audience_member AS a SET reach = 'excluded', reason = 'stopped'
    FROM message AS m
    WHERE m.community_id = $1 AND m.id = ANY ($2::bigint[]) AND a.community_id = $1 AND a.message_id = m.id
      AND a.delivery_no > m.fanned_out AND a.delivery_no <= m.to_fan_out AND a.reach = 'trying'
    RETURNING a.message_id
), counted AS (
    SELECT message_id, count(*) AS members FROM unsent GROUP BY message_id
)
UPDATE message AS m
SET stopped_at = coalesce(m.stopped_at, $3), paused_at = NULL, paused_why = NULL, trying = m.trying - coalesce(c.members, 0), excluded = m.excluded + coalesce(c.members, 0),
    fanned_out = m.to_fan_out
FROM message AS before LEFT JOIN counted AS c ON c.message_id = before.id
WHERE m.community_id = $1 AND m.id = ANY ($2::bigint[]) AND before.community_id = $1 AND before.id = m.id;

-- name: message_facts
-- fills: notifiers.announcements.resuming.MessageFacts
-- What stopping, resuming and correcting need to know.
SELECT id, subject, kind, lane, audience, drill, expires_at, stopped_at, paused_at FROM message WHERE community_id = $1 AND id = $2;

-- name: stop_held
-- Whom these messages hold back is not told in the morning either; the counters stay, because both are excluded.
UPDATE audience_member SET reason = 'stopped'
WHERE community_id = $1 AND message_id = ANY ($2::bigint[]) AND reach = 'excluded' AND reason = 'held';

-- name: lapsed_ways
-- fills: notifiers.announcements.resuming.LapsedWay
-- Members whose way failed while the message was stood still, and who have another that was never tried: they are tried again.
WITH chosen AS (
    SELECT m.ctid AS tid, m.delivery_no AS no, m.reason FROM audience_member AS m
    WHERE m.community_id = $1 AND m.message_id = $2 AND m.reach = 'unreachable' AND m.delivery_no IS NOT NULL
      AND EXISTS (
          SELECT FROM message_way AS w
          WHERE w.community_id = $1 AND w.message_id = $2 AND w.person_id = m.person_id AND w.hindrance IS NULL
            AND (w.channel_id, w.address) <> (m.channel_id, m.address)
            AND NOT EXISTS (SELECT FROM earlier_way AS e
                            WHERE e.community_id = $1 AND e.message_id = $2 AND e.member_no = m.member_no
                              AND e.channel_id = w.channel_id AND e.address = w.address))
), moved AS (
    UPDATE audience_member AS m SET reach = 'trying', reason = NULL
    FROM chosen AS c WHERE m.community_id = $1 AND m.ctid = c.tid
    RETURNING c.no, c.reason
), counted AS (
    UPDATE message AS m SET trying = m.trying + f.moved, unreachable = m.unreachable - f.moved
    FROM (SELECT count(*) AS moved FROM moved) AS f
    WHERE m.community_id = $1 AND m.id = $2
)
SELECT no, min(reason) AS reason FROM moved GROUP BY no;

-- name: resume
-- fills: notifiers.announcements.resuming.Resumed
-- What was stopped before it left is queued again under its own number: it was never sent, so the same key says the same message.
-- What was stopped before it was fanned out is fanned out from there on. Held members are held again. $3 machine time.
WITH here AS (
    SELECT id, lane FROM message WHERE community_id = $1 AND id = $2 AND stopped_at IS NOT NULL
), waiting AS MATERIALIZED (
    SELECT m.ctid AS tid, m.delivery_no AS no FROM here
    JOIN audience_member AS m ON m.community_id = $1 AND m.message_id = here.id AND m.reach = 'excluded' AND m.reason = 'stopped'
), number AS (
    SELECT DISTINCT no FROM waiting WHERE no IS NOT NULL
), again AS (
    UPDATE audience_member AS m SET reach = 'trying', reason = NULL
    FROM waiting AS w WHERE m.community_id = $1 AND m.ctid = w.tid AND w.no IS NOT NULL
    RETURNING 1
), held AS (
    UPDATE audience_member AS m SET reason = 'held'
    FROM waiting AS w WHERE m.community_id = $1 AND m.ctid = w.tid AND w.no IS NULL
    RETURNING 1
), back AS (
    -- By key for each, because a table that was empty a moment ago looks to the planner as if it still were.
    DELETE FROM delivery_settled AS d
    WHERE d.community_id = $1 AND d.message_id = $2 AND d.no = ANY (ARRAY(SELECT n.no FROM number AS n)) AND d.state = 'cancelled'
    RETURNING d.*
), queued AS (
    INSERT INTO delivery (community_id, message_id, no, lane, channel_id, contact_point_id, person_id, address, language, state, token,
                          attempts, due_at)
    SELECT $1, $2, b.no, here.lane, b.channel_id, b.contact_point_id, b.person_id, b.address, b.language, 'queued', b.token,
           b.attempts, $3
    FROM here CROSS JOIN back AS b
    RETURNING 1
), counted AS (
    SELECT (SELECT count(*) FROM again) AS members, (SELECT count(*) FROM held) AS held, (SELECT count(*) FROM queued) AS queued,
           (SELECT count(*) FROM number) AS deliveries,
           (SELECT min(other.no) FROM (
                SELECT n.no FROM number AS n
                EXCEPT SELECT d.no FROM delivery_settled AS d WHERE d.community_id = $1 AND d.message_id = $2) AS other) AS never_made
)
UPDATE message AS m
SET stopped_at = NULL, leaves_at = NULL, trying = m.trying + c.members, excluded = m.excluded - c.members,
    fanned_out = least(m.fanned_out, coalesce(c.never_made - 1, m.fanned_out))
FROM counted AS c
WHERE m.community_id = $1 AND m.id = $2 AND m.stopped_at IS NOT NULL
RETURNING c.members, c.deliveries, c.held, m.to_fan_out - m.fanned_out AS to_fan_out, m.to_seal IS NOT NULL AS unsealed;

-- name: leave_out_home
-- Nobody lives there, as was seen at the door: members of the home whom nothing proved to have reached are excluded, with the reason.
WITH chosen AS (
    SELECT m.ctid AS tid, m.reach AS was FROM residence AS r
    JOIN audience_member AS m ON m.community_id = $1 AND m.person_id = r.person_id AND m.message_id = $2 AND m.home_id = r.home_id
    WHERE r.community_id = $1 AND r.home_id = $3 AND m.reach IN ('unreachable', 'unknown', 'handed_over')
    UNION
    SELECT m.ctid, m.reach FROM audience_member AS m
    WHERE m.community_id = $1 AND m.person_id IS NULL AND m.message_id = $2 AND m.home_id = $3 AND m.reach = 'unreachable'
), moved AS (
    UPDATE audience_member AS m SET reach = 'excluded', reason = 'vacant'
    FROM chosen AS c WHERE m.community_id = $1 AND m.ctid = c.tid
    RETURNING c.was
), folded AS (
    SELECT count(*) AS moved, count(*) FILTER (WHERE was = 'handed_over') AS handed_over,
           count(*) FILTER (WHERE was = 'unknown') AS unknown, count(*) FILTER (WHERE was = 'unreachable') AS unreachable
    FROM moved
)
UPDATE message AS m
SET excluded = m.excluded + f.moved, handed_over = m.handed_over - f.handed_over, unknown = m.unknown - f.unknown,
    unreachable = m.unreachable - f.unreachable
FROM folded AS f
WHERE m.community_id = $1 AND m.id = $2 AND f.moved > 0;

-- name: forget_codes
-- The subject has ended: nothing can be answered any more.
DELETE FROM open_code WHERE community_id = $1
AND message_id IN (SELECT id FROM message WHERE community_id = $1 AND subject = $2);

-- name: audience_of
-- fills: notifiers.announcements.forecast.Concerned
-- Whom an audience means now, just as `seal` would have it, with nothing written; in columns, because it may be everybody. $2 story time, $3 told by; then as there:
-- $4 residents of, $5 served by, $6 priority in, $7 with powered devices in, $8 homes, $9 told by, $10 held by; $11 without.
WITH here AS (
    SELECT ($2::timestamptz AT TIME ZONE c.zone)::date AS today FROM community AS c WHERE c.id = $1
), lives AS (
    SELECT r.person_id, r.home_id FROM residence AS r
    WHERE r.community_id = $1 AND (r.since IS NULL OR r.since <= (SELECT today FROM here))
      AND (r.until IS NULL OR r.until > (SELECT today FROM here))
), concerned AS (
    SELECT w.place_id FROM place_within AS w WHERE w.community_id = $1 AND w.ancestor_id = ANY ($4::bigint[])
    UNION
    SELECT w.place_id FROM serves AS s
    JOIN place_within AS w ON w.community_id = $1 AND w.ancestor_id = s.place_id
    WHERE s.community_id = $1 AND s.facility_id = ANY ($5::bigint[])
    UNION
    SELECT h.id FROM unnest($8::bigint[]) AS h (id)
), home AS (
    SELECT place.id, place.vacant FROM concerned AS c
    JOIN place ON place.community_id = $1 AND place.id = c.place_id AND place.kind = 'home'
), chosen AS (
    SELECT a.person_id, a.home_id, false AS vacant FROM audience_member AS a
    WHERE a.community_id = $1 AND a.message_id = ANY ($9::bigint[]) AND a.reach IN ('confirmed', 'handed_over', 'trying', 'unknown')
    UNION
    SELECT l.person_id, home.id, home.vacant FROM home LEFT JOIN lives AS l ON l.home_id = home.id
    UNION
    SELECT l.person_id, l.home_id, false FROM place_within AS w
    JOIN lives AS l ON l.home_id = w.place_id
    JOIN need_of_help AS n ON n.community_id = $1 AND n.person_id = l.person_id
    WHERE w.community_id = $1
      AND (w.ancestor_id = ANY ($6::bigint[]) OR w.ancestor_id = ANY ($7::bigint[]) AND n.powered_device)
    UNION
    SELECT a.person_id, a.home_id, false FROM audience_member AS a
    WHERE a.community_id = $1 AND a.message_id = ANY ($10::bigint[]) AND a.reach = 'excluded' AND a.reason = 'held'
), once AS (
    SELECT person_id, home_id, bool_and(vacant) AS vacant FROM chosen GROUP BY person_id, home_id
)
SELECT coalesce(array_agg(person_id), '{}') AS person_ids, coalesce(array_agg(home_id), '{}') AS home_ids,
       coalesce(array_agg(vacant), '{}') AS vacant, coalesce(array_agg(told_before), '{}') AS told_before
FROM (
    SELECT c.person_id, c.home_id, c.vacant,
           EXISTS (SELECT FROM audience_member AS a
                   WHERE a.community_id = $1 AND a.message_id = ANY ($3::bigint[]) AND a.person_id = c.person_id
                     AND a.reach IN ('confirmed', 'handed_over', 'trying', 'unknown')) AS told_before
    FROM once AS c
    WHERE NOT EXISTS (SELECT FROM unnest($11::bigint[]) AS other WHERE other = c.person_id)
    ORDER BY c.home_id NULLS FIRST, c.person_id
) AS concerned;

-- name: forecast_ways
-- fills: notifiers.announcements.forecast.Way
-- By which channel and in which language these members ($2 persons, $3 homes, in order) would be sent a broadcast; without a channel:
-- nobody could be. One delivery an address. $4 languages, $5… media and the contact kinds each reaches, $7 drill, $8 life safety.
-- `homes`: that this way would be the first to reach, or that no way does; so that they add up.
WITH route AS (
    SELECT c.id, c.gateway_id, c.kind, c.rank, c.signature, string_to_array(way.contact_kinds, ',') AS contact_kinds
    FROM channel AS c JOIN unnest($5::text[], $6::text[]) AS way (medium, contact_kinds) ON way.medium = c.kind
    WHERE c.community_id = $1 AND c.enabled AND (NOT $7::boolean OR c.sink)
), member AS (
    SELECT m.person_id, m.home_id, m.member_no, p.language
    FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS m (person_id, home_id, member_no)
    JOIN person AS p ON p.community_id = $1 AND p.id = m.person_id
), best AS (
    -- Joined, not looked up one by one: it may be everybody.
    SELECT DISTINCT ON (m.person_id) m.person_id, route.id AS channel_id, point.address COLLATE "C" AS address
    FROM member AS m
    JOIN contact_point AS point ON point.community_id = $1 AND point.person_id = m.person_id
    JOIN route ON point.kind = ANY (route.contact_kinds)
    WHERE point.quality <> 'wrong' AND ($8::boolean OR point.quality <> 'opted_out' AND 'emergency' = ANY (point.consent))
    ORDER BY m.person_id, route.rank, route.id, point.rank, point.id
), said AS MATERIALIZED (
    SELECT spoken.language AS spoken,
           (SELECT one FROM unnest($4::text[]) AS one
            ORDER BY one = spoken.language DESC, split_part(one, '-', 1) = split_part(spoken.language, '-', 1) DESC,
                     one = c.default_language DESC, one LIMIT 1) AS language
    FROM (SELECT DISTINCT language FROM member) AS spoken CROSS JOIN community AS c
    WHERE c.id = $1
), led AS MATERIALIZED (
    SELECT m.home_id, m.person_id, m.member_no, b.channel_id, b.address, said.language
    FROM member AS m
    JOIN said ON said.spoken = m.language
    LEFT JOIN best AS b ON b.person_id = m.person_id
), counted AS (
    SELECT channel_id, language, count(*) AS deliveries, 0::bigint AS persons, 0::bigint AS homes
    FROM (SELECT DISTINCT ON (channel_id, address) channel_id, language FROM led WHERE channel_id IS NOT NULL
          ORDER BY channel_id, address, member_no) AS delivery
    GROUP BY channel_id, language
    UNION ALL
    SELECT channel_id, language, 0, count(*), 0 FROM (SELECT DISTINCT channel_id, language, person_id FROM led) AS person GROUP BY channel_id, language
    UNION ALL
    SELECT channel_id, language, 0, 0, count(*)
    FROM (SELECT DISTINCT ON (home_id) channel_id, language FROM led WHERE home_id IS NOT NULL
          ORDER BY home_id, channel_id NULLS LAST, member_no) AS home
    GROUP BY channel_id, language
)
SELECT c.channel_id, route.gateway_id, route.kind AS medium, coalesce(route.signature, '') AS signature, c.language,
       sum(c.deliveries)::bigint AS deliveries, sum(c.persons)::bigint AS persons, sum(c.homes)::bigint AS homes
FROM counted AS c LEFT JOIN route ON route.id = c.channel_id
GROUP BY c.channel_id, route.gateway_id, route.kind, route.signature, c.language
ORDER BY c.channel_id NULLS LAST, c.language;

-- name: gateway_rates
-- fills: notifiers.announcements.forecast.Rate
-- What these gateways or their accounts can do, and how many deliveries of this community already wait for them ahead of a broadcast
-- (what a pause holds does not). $3 machine time.
SELECT own.id AS gateway_id, own.name, g.rate_per_second, g.burst, g.reserved_share,
       greatest(0, coalesce(extract(epoch FROM p.pause_until - $3::timestamptz), 0))::float8 AS pause_seconds,
       (SELECT coalesce(sum(queue.waiting), 0)::bigint
        FROM channel AS c CROSS JOIN unnest(ARRAY['alert', 'correction', 'urgent', 'notice']) AS lane (name)
        CROSS JOIN LATERAL (
            SELECT (SELECT count(*) FROM delivery AS d
                    WHERE d.community_id = $1 AND d.lane = lane.name AND d.channel_id = c.id AND d.state = 'queued'
                      AND d.due_at <= $3::timestamptz + interval '1 minute')
                 + (SELECT coalesce(sum(r.deliveries), 0) FROM delivery_range AS r
                    WHERE r.community_id = $1 AND r.lane = lane.name AND r.channel_id = c.id AND r.lease_until IS NULL
                      AND r.due_at <= $3::timestamptz + interval '1 minute') AS waiting) AS queue
        WHERE c.community_id = $1 AND c.gateway_id = own.id) AS ahead
FROM gateway AS own
CROSS JOIN LATERAL (SELECT coalesce(own.shares_rate_of, own.id) AS id) AS account
JOIN gateway AS g ON g.id = account.id
LEFT JOIN gateway_permit AS p ON p.gateway_id = account.id
WHERE own.id = ANY ($2::bigint[])
ORDER BY own.id;

-- name: left_of_messages
-- fills: notifiers.announcements.progress.Left
-- What of these messages has not left: by gateway, and (0) what was sealed and is not in the queue yet.
SELECT m.id AS message_id, c.gateway_id, queue.waiting, m.leaves_at
FROM message AS m
JOIN message_route AS r ON r.community_id = $1 AND r.message_id = m.id
JOIN channel AS c ON c.community_id = $1 AND c.id = r.channel_id
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM delivery AS d WHERE d.community_id = $1 AND d.message_id = m.id AND d.channel_id = c.id)
         + (SELECT coalesce(sum(r.deliveries), 0)::bigint FROM delivery_range AS r
            WHERE r.community_id = $1 AND r.message_id = m.id AND r.channel_id = c.id) AS waiting) AS queue
WHERE m.community_id = $1 AND m.id = ANY ($2::bigint[]) AND m.stopped_at IS NULL AND queue.waiting > 0
UNION ALL
SELECT m.id, 0, m.to_fan_out - m.fanned_out, m.leaves_at FROM message AS m
WHERE m.community_id = $1 AND m.id = ANY ($2::bigint[]) AND m.stopped_at IS NULL AND m.fanned_out < m.to_fan_out
ORDER BY message_id;

-- name: outlooks
-- fills: notifiers.announcements.outlook.Outlook
-- News that are being sent ($3 story time), how many members wait, and what the gateways of their channels take a second, as the workers say
-- that reported since $4 (machine time).
SELECT m.id AS message_id, m.trying, coalesce(speed.per_second, 0)::float8 AS per_second
FROM message AS m
CROSS JOIN LATERAL (
    SELECT sum(r.per_second) AS per_second
    FROM (SELECT DISTINCT c.gateway_id FROM message_route AS way
          JOIN channel AS c ON c.community_id = $1 AND c.id = way.channel_id
          WHERE way.community_id = $1 AND way.message_id = m.id) AS used
    JOIN gateway_report AS r ON r.gateway_id = used.gateway_id
    JOIN worker_report AS w ON w.worker = r.worker AND w.seen_at >= $4) AS speed
WHERE m.community_id = $1 AND m.id = ANY ($2::bigint[]) AND m.kind <> 'alert' AND m.trying > 0 AND m.stopped_at IS NULL AND m.paused_at IS NULL
  AND m.expires_at > $3;
