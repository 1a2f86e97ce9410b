-- name: seal
-- fills: notifiers.delivery.sealing.seals.Sealed
-- The denominator, in one statement and one snapshot: a member per person and home, numbered, each in one of seven places, and one
-- delivery number for each address, however many share it. A home of which nobody is known is a member too, and so is one where nobody
-- lives: whoever is meant as living at a place is left out there. $3 story time, $4 languages, $5 held, $6 told by, then audiences:
-- $7 people, $8 residents of, $9 served by, $10 priority in, $11 priority with powered devices in, $12 homes, $13 told by, $14 held by; $15 persons whom it does
-- not concern.
WITH here AS (
    SELECT m.audience, c.default_language, ($3::timestamptz AT TIME ZONE c.zone)::date AS today
    FROM message AS m JOIN community AS c ON c.id = $1
    WHERE m.community_id = $1 AND m.id = $2
), lives AS (
    SELECT r.person_id, r.home_id FROM residence AS r
    WHERE r.community_id = $1 AND (r.since IS NULL OR r.since <= (SELECT today FROM here))
      AND (r.until IS NULL OR r.until > (SELECT today FROM here))
), concerned AS (
    SELECT w.place_id FROM place_within AS w WHERE w.community_id = $1 AND w.ancestor_id = ANY ($8::bigint[])
    UNION
    SELECT w.place_id FROM serves AS s
    JOIN place_within AS w ON w.community_id = $1 AND w.ancestor_id = s.place_id
    WHERE s.community_id = $1 AND s.facility_id = ANY ($9::bigint[])
    UNION
    SELECT h.id FROM unnest($12::bigint[]) AS h (id)
), home AS (
    SELECT place.id, place.vacant FROM concerned AS c
    JOIN place ON place.community_id = $1 AND place.id = c.place_id AND place.kind = 'home'
), chosen AS (
    SELECT coalesce(p.merged_into, p.id) AS person_id, NULL::bigint AS home_id, false AS vacant
    FROM person AS p WHERE p.community_id = $1 AND p.id = ANY ($7::bigint[])
    UNION ALL
    SELECT l.person_id, home.id, home.vacant FROM home LEFT JOIN lives AS l ON l.home_id = home.id
    UNION ALL
    SELECT l.person_id, l.home_id, false FROM place_within AS w
    JOIN lives AS l ON l.home_id = w.place_id
    JOIN need_of_help AS n ON n.community_id = $1 AND n.person_id = l.person_id
    WHERE w.community_id = $1
      AND (w.ancestor_id = ANY ($10::bigint[]) OR w.ancestor_id = ANY ($11::bigint[]) AND n.powered_device)
    UNION ALL
    SELECT a.person_id, a.home_id, false FROM audience_member AS a
    WHERE a.community_id = $1 AND a.message_id = ANY ($13::bigint[]) AND a.reach IN ('confirmed', 'handed_over', 'trying', 'unknown')
    UNION ALL
    SELECT a.person_id, a.home_id, false FROM audience_member AS a
    WHERE a.community_id = $1 AND a.message_id = ANY ($14::bigint[]) AND a.reach = 'excluded' AND a.reason = 'held'
), told AS (
    SELECT DISTINCT a.person_id FROM audience_member AS a
    WHERE a.community_id = $1 AND a.message_id = ANY ($6::bigint[]) AND a.reach IN ('confirmed', 'handed_over', 'trying', 'unknown')
), once AS (
    -- Whoever is meant for another reason as well is not left out for living in a home that counts as vacant.
    SELECT person_id, home_id, bool_and(vacant) AS vacant FROM chosen GROUP BY person_id, home_id
), asked AS (
    SELECT c.person_id, c.home_id, coalesce(p.language, here.default_language) AS language,
           CASE WHEN here.audience = 'staff' AND p.kind <> 'staff' THEN 'not_staff'
                WHEN told.person_id IS NOT NULL THEN 'told_before'
                WHEN c.vacant THEN 'vacant'
                WHEN $5::boolean THEN 'held' END AS excluded
    FROM once AS c
    LEFT JOIN person AS p ON p.community_id = $1 AND p.id = c.person_id
    CROSS JOIN here
    LEFT JOIN told ON told.person_id = c.person_id
    WHERE NOT EXISTS (SELECT FROM unnest($15::bigint[]) AS other WHERE other = c.person_id)
), with_way AS (
    -- The best way of each, in the order in which members are numbered: sorted once for both.
    SELECT DISTINCT ON (a.home_id, a.person_id)
           a.home_id, a.person_id, a.language, a.excluded, w.person_id IS NOT NULL AS has_way, w.hindrance, w.channel_id,
           w.contact_point_id, w.address
    FROM asked AS a
    LEFT JOIN message_way AS w
        ON w.community_id = $1 AND w.message_id = $2 AND w.person_id = a.person_id AND a.excluded IS NULL
    ORDER BY a.home_id NULLS FIRST, a.person_id, array_position(ARRAY['no_consent', 'opted_out', 'wrong_number'], w.hindrance) NULLS FIRST,
             w.channel_rank, w.channel_id, w.point_rank, w.contact_point_id
), member AS (
    SELECT row_number() OVER (ORDER BY b.home_id NULLS FIRST, b.person_id) AS member_no, b.person_id, b.home_id,
           CASE WHEN b.language = ANY ($4::text[]) THEN b.language
                ELSE (SELECT one FROM unnest($4::text[]) AS one
                      ORDER BY split_part(one, '-', 1) = split_part(b.language, '-', 1) DESC, one = here.default_language DESC, one
                      LIMIT 1) END AS language,
           CASE WHEN b.excluded IS NOT NULL THEN 'excluded'
                WHEN b.has_way AND b.hindrance IS NULL THEN 'trying'
                WHEN b.hindrance = 'opted_out' THEN 'opted_out'
                ELSE 'unreachable' END AS reach,
           CASE WHEN b.excluded IS NOT NULL THEN b.excluded
                WHEN b.person_id IS NULL THEN 'nobody_known'
                WHEN b.has_way THEN nullif(b.hindrance, 'opted_out')
                WHEN EXISTS (SELECT FROM contact_point AS p WHERE p.community_id = $1 AND p.person_id = b.person_id) THEN 'no_channel'
                ELSE 'no_contact' END AS reason,
           CASE WHEN b.hindrance IS NULL THEN b.channel_id END AS channel_id,
           CASE WHEN b.hindrance IS NULL THEN b.contact_point_id END AS contact_point_id,
           CASE WHEN b.hindrance IS NULL THEN b.address END AS address
    FROM with_way AS b CROSS JOIN here
), led AS (
    SELECT member.*, CASE WHEN reach = 'trying' THEN min(member_no) OVER (PARTITION BY reach, channel_id, address) END AS leader
    FROM member
), sealed AS (
    INSERT INTO audience_member (community_id, message_id, member_no, person_id, home_id, language, reach, reason, delivery_no,
                                 channel_id, contact_point_id, address)
    SELECT $1, $2, member_no, person_id, home_id, language, reach, reason,
           CASE WHEN leader IS NOT NULL THEN dense_rank() OVER (ORDER BY leader NULLS LAST) END,
           channel_id, contact_point_id, address
    FROM led
    RETURNING reach, delivery_no
), counted AS (
    SELECT count(*) AS size, coalesce(max(delivery_no), 0) AS deliveries,
           count(*) FILTER (WHERE reach = 'trying') AS trying, count(*) FILTER (WHERE reach = 'unreachable') AS unreachable,
           count(*) FILTER (WHERE reach = 'opted_out') AS opted_out, count(*) FILTER (WHERE reach = 'excluded') AS excluded
    FROM sealed
)
UPDATE message AS m
SET sealed_at = $3, to_seal = NULL, size = c.size, deliveries = c.deliveries, to_fan_out = c.deliveries, trying = c.trying,
    unreachable = c.unreachable, opted_out = c.opted_out, excluded = c.excluded
FROM counted AS c
WHERE m.community_id = $1 AND m.id = $2 AND m.sealed_at IS NULL
RETURNING m.id, m.size, m.unreachable, m.to_fan_out - m.fanned_out AS to_fan_out, m.fanned_out AS made;

-- name: seal_few
-- fills: notifiers.delivery.sealing.seals.Sealed
-- The denominators of several small messages and, where they are alerts or fewer than $9, their deliveries: in one statement and one
-- snapshot, just as `seal` has them, but with each row looked up by itself. $2 messages and $5 whether each is held, $3 story time, $4 machine
-- time; then what each means: message, how (a field of Meant), and of what.
WITH here AS (
    -- LIMIT and OFFSET, here and below, keep look-ups by key: without them a plan for any number reads whole tables.
    SELECT asked.id, m.audience, m.lane, m.leaves_at, asked.held, c.default_language, ($3::timestamptz AT TIME ZONE c.zone)::date AS today
    FROM unnest($2::bigint[], $5::boolean[]) AS asked (id, held)
    CROSS JOIN LATERAL (
        SELECT q.audience, q.lane, q.leaves_at FROM message AS q WHERE q.community_id = $1 AND q.id = asked.id LIMIT 1) AS m
    JOIN community AS c ON c.id = $1
), meant AS MATERIALIZED (
    SELECT * FROM unnest($6::bigint[], $7::text[], $8::bigint[]) AS m (message_id, how, id)
), concerned AS (
    SELECT m.message_id, w.place_id FROM meant AS m
    CROSS JOIN LATERAL (
        SELECT w.place_id FROM place_within AS w WHERE w.community_id = $1 AND w.ancestor_id = m.id OFFSET 0) AS w
    WHERE m.how = 'residents_of'
    UNION
    SELECT m.message_id, w.place_id FROM meant AS m
    CROSS JOIN LATERAL (SELECT s.place_id FROM serves AS s WHERE s.community_id = $1 AND s.facility_id = m.id OFFSET 0) AS s
    CROSS JOIN LATERAL (
        SELECT w.place_id FROM place_within AS w WHERE w.community_id = $1 AND w.ancestor_id = s.place_id OFFSET 0) AS w
    WHERE m.how = 'served_by'
    UNION
    SELECT m.message_id, m.id FROM meant AS m WHERE m.how = 'homes'
), home AS (
    SELECT c.message_id, h.id, h.vacant, here.today FROM concerned AS c
    JOIN here ON here.id = c.message_id
    CROSS JOIN LATERAL (
        SELECT p.id, p.vacant FROM place AS p WHERE p.community_id = $1 AND p.id = c.place_id AND p.kind = 'home' LIMIT 1) AS h
), chosen AS (
    SELECT m.message_id, named.id AS person_id, NULL::bigint AS home_id, false AS vacant FROM meant AS m
    -- coalesce() stands apart from the comparison: row-level security lets no index be used with what is not known to be leakproof.
    CROSS JOIN LATERAL (
        SELECT coalesce(p.merged_into, p.id) AS id FROM person AS p WHERE p.community_id = $1 AND p.id = m.id LIMIT 1) AS named
    WHERE m.how = 'people'
    UNION
    SELECT home.message_id, l.person_id, home.id, home.vacant FROM home
    LEFT JOIN LATERAL (
        SELECT r.person_id FROM residence AS r
        WHERE r.community_id = $1 AND r.home_id = home.id AND (r.since IS NULL OR r.since <= home.today)
          AND (r.until IS NULL OR r.until > home.today) OFFSET 0) AS l ON true
    UNION
    SELECT m.message_id, l.person_id, w.place_id, false FROM meant AS m
    JOIN here ON here.id = m.message_id
    CROSS JOIN LATERAL (
        SELECT w.place_id FROM place_within AS w WHERE w.community_id = $1 AND w.ancestor_id = m.id OFFSET 0) AS w
    CROSS JOIN LATERAL (
        SELECT r.person_id FROM residence AS r
        WHERE r.community_id = $1 AND r.home_id = w.place_id AND (r.since IS NULL OR r.since <= here.today)
          AND (r.until IS NULL OR r.until > here.today) OFFSET 0) AS l
    CROSS JOIN LATERAL (
        SELECT n.powered_device FROM need_of_help AS n WHERE n.community_id = $1 AND n.person_id = l.person_id OFFSET 0) AS n
    WHERE m.how IN ('priority', 'powered') AND (m.how = 'priority' OR n.powered_device)
    UNION
    SELECT m.message_id, a.person_id, a.home_id, false FROM meant AS m
    CROSS JOIN LATERAL (
        SELECT a.person_id, a.home_id, a.reach, a.reason FROM audience_member AS a
        WHERE a.community_id = $1 AND a.message_id = m.id OFFSET 0) AS a
    WHERE m.how IN ('told_by', 'held_by')
      AND CASE m.how WHEN 'told_by' THEN a.reach IN ('confirmed', 'handed_over', 'trying', 'unknown')
                     ELSE a.reach = 'excluded' AND a.reason = 'held' END
), once AS (
    -- Whoever is meant for another reason as well is not left out for living in a home that counts as vacant.
    SELECT message_id, person_id, home_id, bool_and(vacant) AS vacant FROM chosen GROUP BY message_id, person_id, home_id
), asked AS (
    SELECT o.message_id, o.person_id, o.home_id, coalesce(p.language, here.default_language) AS language, here.default_language,
           CASE WHEN here.audience = 'staff' AND p.kind <> 'staff' THEN 'not_staff'
                WHEN EXISTS (
                    SELECT FROM meant AS m
                    CROSS JOIN LATERAL (
                        SELECT FROM audience_member AS a
                        WHERE a.community_id = $1 AND a.person_id = o.person_id AND a.message_id = m.id
                          AND a.reach IN ('confirmed', 'handed_over', 'trying', 'unknown') LIMIT 1) AS told
                    WHERE m.message_id = o.message_id AND m.how = 'but_not_told_by') THEN 'told_before'
                WHEN o.vacant THEN 'vacant'
                WHEN here.held THEN 'held' END AS excluded
    FROM once AS o
    JOIN here ON here.id = o.message_id
    LEFT JOIN LATERAL (
        SELECT q.language, q.kind FROM person AS q WHERE q.community_id = $1 AND q.id = o.person_id LIMIT 1) AS p ON true
    WHERE NOT EXISTS (SELECT FROM meant AS m WHERE m.message_id = o.message_id AND m.how = 'without' AND m.id = o.person_id)
), member AS (
    SELECT a.message_id, row_number() OVER (PARTITION BY a.message_id ORDER BY a.home_id NULLS FIRST, a.person_id) AS member_no,
           a.person_id, a.home_id,
           (SELECT t.language FROM message_text AS t WHERE t.community_id = $1 AND t.message_id = a.message_id
            ORDER BY t.language = a.language DESC, split_part(t.language, '-', 1) = split_part(a.language, '-', 1) DESC,
                     t.language = a.default_language DESC, t.language LIMIT 1) AS language,
           CASE WHEN a.excluded IS NOT NULL THEN 'excluded'
                WHEN b.person_id IS NOT NULL AND b.hindrance IS NULL THEN 'trying'
                WHEN b.hindrance = 'opted_out' THEN 'opted_out'
                ELSE 'unreachable' END AS reach,
           CASE WHEN a.excluded IS NOT NULL THEN a.excluded
                WHEN a.person_id IS NULL THEN 'nobody_known'
                WHEN b.person_id IS NOT NULL THEN nullif(b.hindrance, 'opted_out')
                WHEN EXISTS (SELECT FROM contact_point AS p WHERE p.community_id = $1 AND p.person_id = a.person_id) THEN 'no_channel'
                ELSE 'no_contact' END AS reason,
           CASE WHEN b.hindrance IS NULL THEN b.channel_id END AS channel_id,
           CASE WHEN b.hindrance IS NULL THEN b.contact_point_id END AS contact_point_id,
           CASE WHEN b.hindrance IS NULL THEN b.address END AS address
    FROM asked AS a
    LEFT JOIN LATERAL (
        SELECT w.person_id, w.hindrance, w.channel_id, w.contact_point_id, w.address
        FROM message_way AS w
        WHERE w.community_id = $1 AND w.message_id = a.message_id AND w.person_id = a.person_id AND a.excluded IS NULL
        ORDER BY array_position(ARRAY['no_consent', 'opted_out', 'wrong_number'], w.hindrance) NULLS FIRST,
                 w.channel_rank, w.channel_id, w.point_rank, w.contact_point_id LIMIT 1
    ) AS b ON true
), led AS (
    SELECT member.*,
           CASE WHEN reach = 'trying' THEN min(member_no) OVER (PARTITION BY message_id, reach, channel_id, address) END AS leader
    FROM member
), sealed AS (
    INSERT INTO audience_member (community_id, message_id, member_no, person_id, home_id, language, reach, reason, delivery_no,
                                 channel_id, contact_point_id, address)
    SELECT $1, message_id, member_no, person_id, home_id, language, reach, reason,
           CASE WHEN leader IS NOT NULL THEN dense_rank() OVER (PARTITION BY message_id ORDER BY leader NULLS LAST) END,
           channel_id, contact_point_id, address
    FROM led
    RETURNING message_id, member_no, person_id, language, reach, delivery_no, channel_id, contact_point_id, address
), counted AS (
    SELECT here.id, here.lane, here.leaves_at, count(s.member_no) AS size, coalesce(max(s.delivery_no), 0) AS deliveries,
           count(*) FILTER (WHERE s.reach = 'trying') AS trying, count(*) FILTER (WHERE s.reach = 'unreachable') AS unreachable,
           count(*) FILTER (WHERE s.reach = 'opted_out') AS opted_out, count(*) FILTER (WHERE s.reach = 'excluded') AS excluded,
           here.lane = 'alert' OR coalesce(max(s.delivery_no), 0) < $9 AS at_once
    FROM here LEFT JOIN sealed AS s ON s.message_id = here.id
    GROUP BY here.id, here.lane, here.leaves_at
), made AS (
    INSERT INTO delivery (community_id, message_id, no, lane, channel_id, contact_point_id, person_id, address, language, state, due_at)
    SELECT DISTINCT ON (s.message_id, s.delivery_no)
           $1, s.message_id, s.delivery_no, c.lane, s.channel_id, s.contact_point_id, s.person_id, s.address, s.language, 'queued',
           greatest($4::timestamptz, c.leaves_at)
    FROM sealed AS s JOIN counted AS c ON c.id = s.message_id AND c.at_once WHERE s.reach = 'trying'
    ORDER BY s.message_id, s.delivery_no, s.member_no
)
UPDATE message AS m
SET sealed_at = $3, to_seal = NULL, size = c.size, deliveries = c.deliveries, to_fan_out = c.deliveries,
    fanned_out = CASE WHEN c.at_once THEN c.deliveries ELSE 0 END, trying = c.trying, unreachable = c.unreachable,
    opted_out = c.opted_out, excluded = c.excluded
FROM counted AS c
WHERE m.community_id = $1 AND m.id = c.id AND m.sealed_at IS NULL
RETURNING m.id, m.size, m.unreachable, m.to_fan_out - m.fanned_out AS to_fan_out, m.fanned_out AS made;

-- name: plan_for
-- How the statements that follow in this transaction are planned. For many: anew, for what they are given ("force_custom_plan"), with memory ($3)
-- to sort it, and for everybody with no row looked up by itself ("off"): of tables that were just filled the planner knows nothing, and plans
-- for a few. NULL: as much memory as usual.
SELECT set_config('plan_cache_mode', $1, true), set_config('enable_nestloop', $2, true), set_config('work_mem', $3, true),
       set_config('enable_seqscan', 'on', true);

-- name: extents
-- fills: notifiers.delivery.sealing.seals.Extent
-- Of each message whether the places, homes and members of other messages that it means are at least $5 in all; a message that is not sealed
-- counts as many. And whether it leans on one that is not. $2, $3, $4: message, how (a field of Meant), and of what.
SELECT m.message_id AS id, coalesce(sum(places), 0) >= $5 AS many, bool_or(unsealed) AS unsealed
FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS m (message_id, how, id)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN m.how IN ('residents_of', 'priority', 'powered') THEN (
            SELECT count(*) FROM (SELECT FROM place_within AS w WHERE w.community_id = $1 AND w.ancestor_id = m.id LIMIT $5) AS within)
        WHEN m.how = 'served_by' THEN (
            SELECT count(*) FROM (SELECT FROM serves AS s JOIN place_within AS w ON w.community_id = $1 AND w.ancestor_id = s.place_id
                                  WHERE s.community_id = $1 AND s.facility_id = m.id LIMIT $5) AS served)
        WHEN m.how IN ('told_by', 'held_by') THEN (
            SELECT coalesce(o.size, $5) FROM message AS o WHERE o.community_id = $1 AND o.id = m.id)
        WHEN m.how = 'homes' THEN 1
    END AS places,
    m.how IN ('told_by', 'held_by', 'but_not_told_by') AND EXISTS (
        SELECT FROM message AS o WHERE o.community_id = $1 AND o.id = m.id AND o.sealed_at IS NULL) AS unsealed
) AS counted
GROUP BY m.message_id;

-- name: leave
-- Sealed later: whom it is for.
UPDATE message SET to_seal = $3 WHERE community_id = $1 AND id = $2 AND sealed_at IS NULL;

-- name: left
-- fills: notifiers.delivery.sealing.seals.Left
-- Those of these messages that were left for later and are not sealed yet, in the order in which they were posted; not what was stopped, nor
-- what could not be sealed and is not to be tried again before $3 (machine time). A clock that was put back holds up none.
SELECT m.id, m.lane = 'correction' AS takes_back, m.to_seal, m.seal_failures AS failures,
       ARRAY(SELECT t.language FROM message_text AS t WHERE t.community_id = $1 AND t.message_id = m.id) AS languages
FROM message AS m
WHERE m.community_id = $1 AND m.id = ANY ($2::bigint[]) AND m.to_seal IS NOT NULL AND m.stopped_at IS NULL
  AND (m.seal_again_at > $3 AND m.seal_again_at <= $3 + interval '10 minutes') IS NOT TRUE
ORDER BY m.id;

-- name: hold_left
-- Until the transaction ends, in the order of ids, those of these messages that are not sealed. One that another sealed while we waited for it is held
-- too, though it is not returned: PostgreSQL keeps its lock. Gateways can speak of it only after its first page, which waits for us; who then
-- waits for each other in a circle is told so by PostgreSQL, and tries again.
SELECT m.id FROM message AS m
WHERE m.community_id = $1 AND m.id = ANY ($2::bigint[]) AND m.to_seal IS NOT NULL ORDER BY m.id FOR NO KEY UPDATE OF m;

-- name: note_failure
-- It could not be sealed, and is tried again at $3 (machine time).
UPDATE message SET seal_failures = seal_failures + 1, seal_again_at = $3
WHERE community_id = $1 AND id = $2 AND to_seal IS NOT NULL;

-- name: give_up_unsealed
-- Those of these messages that are not sealed never will be. $3 story time.
UPDATE message SET stopped_at = $3 WHERE community_id = $1 AND id = ANY ($2::bigint[]) AND to_seal IS NOT NULL AND stopped_at IS NULL;

-- name: left_about
-- Of these subjects, the messages that are not sealed yet.
SELECT id FROM message WHERE community_id = $1 AND to_seal IS NOT NULL AND subject = ANY ($2::bigint[]);
