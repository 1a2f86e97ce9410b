-- name: points_of_addresses
-- fills: people.contact.quality.Point
-- Every contact point of these addresses, held, in one order for all.
SELECT contact_point.id, contact_point.address, contact_point.quality, contact_point.failures, person.kind
FROM contact_point
JOIN person ON person.community_id = $1 AND person.id = contact_point.person_id
WHERE contact_point.community_id = $1 AND contact_point.address = ANY ($2::text[])
ORDER BY contact_point.id
FOR NO KEY UPDATE OF contact_point

-- name: insert_signal
-- Once from each source.
INSERT INTO contact_signal (community_id, contact_point_id, source, at, what, code, becomes)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING

-- name: set_quality
-- What an address is now, and why. $6 story time.
UPDATE contact_point
SET quality = $3, quality_reason = $4, failures = $5, quality_at = $6, version = version + 1
WHERE community_id = $1 AND id = $2

-- name: prove_addresses
-- They were reached. What is wrong or opted out stays so. $3 story time.
UPDATE contact_point
SET quality = 'good', quality_reason = 'reached', failures = 0, quality_at = $3, version = version + 1
WHERE community_id = $1 AND address = ANY ($2::text[]) AND (quality IN ('unproven', 'failing') OR quality = 'good' AND failures > 0)

-- name: debts
-- fills: people.contact.debt.Debt
-- Homes that are lived in and cannot be told: nobody is known there, or nobody of them has an address that works for an emergency. Home by
-- home in the order of the closure's index, until the page is full (LATERAL … LIMIT holds a planner without figures to that). $2 the
-- place within, $3 story time, $4 the last home of the page before, $5 whether also those put off, $7
-- whether also those that mail or chat reaches and no telephone.
SELECT owed.home_id, owed.code, owed.names, building.id AS building_id, building.names AS building_names, known.people, known.addresses,
       CASE WHEN known.reachable THEN 'no_phone'
            WHEN known.people = 0 THEN 'nobody_known'
            WHEN known.addresses = 0 THEN 'no_address'
            WHEN known.all_wrong THEN 'all_wrong'
            WHEN known.failing THEN 'failing'
            WHEN known.opted_out THEN 'opted_out'
            ELSE 'no_consent' END AS why,
       known.needs_help, owed.last_at, owed.last_result, owed.last_note, owed.again_on
FROM (
    SELECT home.id AS home_id, home.code, home.names, calendar.today,
           last.at AS last_at, last.result AS last_result, last.note AS last_note, last.again_on
    FROM (SELECT ($3::timestamptz AT TIME ZONE community.zone)::date AS today FROM community WHERE community.id = $1) AS calendar
    CROSS JOIN place_within AS within
    CROSS JOIN LATERAL (
        SELECT place.id, place.code, place.names FROM place
        WHERE place.community_id = $1 AND place.id = within.place_id AND place.kind = 'home' AND NOT place.vacant
        LIMIT 1
    ) AS home
    LEFT JOIN LATERAL (
        SELECT work.at, work.result, work.note, work.again_on FROM contact_debt_work AS work
        WHERE work.community_id = $1 AND work.home_id = home.id
        ORDER BY work.id DESC LIMIT 1
    ) AS last ON true
    WHERE within.community_id = $1 AND within.ancestor_id = $2 AND within.place_id > $4
      AND ($5::boolean OR coalesce(last.again_on <= calendar.today, true))
      AND (SELECT true FROM residence
           CROSS JOIN LATERAL (
               SELECT true FROM contact_point
               WHERE contact_point.community_id = $1 AND contact_point.person_id = residence.person_id
                 AND contact_point.quality IN ('good', 'unproven') AND 'emergency' = ANY (contact_point.consent)
                 AND (NOT $7::boolean OR contact_point.kind IN ('mobile', 'landline'))
               LIMIT 1
           ) AS way
           WHERE residence.community_id = $1 AND residence.home_id = home.id
             AND coalesce(residence.since <= calendar.today, true) AND coalesce(residence.until > calendar.today, true)
           LIMIT 1) IS NULL
    ORDER BY within.place_id
    LIMIT $6
) AS owed
LEFT JOIN LATERAL (
    SELECT place.id, place.names FROM place_within AS around
    JOIN place ON place.community_id = $1 AND place.id = around.ancestor_id AND place.kind = 'building'
    WHERE around.community_id = $1 AND around.place_id = owed.home_id
    LIMIT 1
) AS building ON true
CROSS JOIN LATERAL (
    SELECT count(DISTINCT residence.person_id)::int AS people, count(way.quality)::int AS addresses,
           coalesce(bool_and(way.quality = 'wrong'), false) AS all_wrong, coalesce(bool_or(way.quality = 'failing'), false) AS failing,
           coalesce(bool_or(way.quality = 'opted_out'), false) AS opted_out,
           coalesce(bool_or(way.quality IN ('good', 'unproven') AND 'emergency' = ANY (way.consent)), false) AS reachable,
           coalesce(bool_or(need.person_id IS NOT NULL), false) AS needs_help
    FROM residence
    LEFT JOIN contact_point AS way ON way.community_id = $1 AND way.person_id = residence.person_id
    LEFT JOIN need_of_help AS need ON need.community_id = $1 AND need.person_id = residence.person_id
    WHERE residence.community_id = $1 AND residence.home_id = owed.home_id
      AND coalesce(residence.since <= owed.today, true) AND coalesce(residence.until > owed.today, true)
) AS known
ORDER BY owed.home_id

-- name: debts_by_building
-- fills: people.contact.debt.BuildingDebt
-- How many homes of each building are lived in, and how many of them cannot be told; villas stand with the community. Every home is wanted,
-- so that tables are read from end to end. $2 story time.
WITH calendar AS (
    SELECT ($2::timestamptz AT TIME ZONE community.zone)::date AS today FROM community WHERE community.id = $1
), way AS MATERIALIZED (
    SELECT person_id, bool_or(kind IN ('mobile', 'landline')) AS rings FROM contact_point
    WHERE community_id = $1 AND quality IN ('good', 'unproven') AND 'emergency' = ANY (consent)
    GROUP BY person_id
), lived AS MATERIALIZED (
    SELECT residence.home_id, bool_or(way.rings) AS rings
    FROM residence
    JOIN way ON way.person_id = residence.person_id
    WHERE residence.community_id = $1
      AND (residence.since IS NULL OR residence.since <= (SELECT today FROM calendar))
      AND (residence.until IS NULL OR residence.until > (SELECT today FROM calendar))
    GROUP BY residence.home_id
)
SELECT building.id AS building_id, building.code, building.names, count(*)::int AS homes,
       count(*) FILTER (WHERE lived.home_id IS NULL)::int AS owed,
       count(*) FILTER (WHERE NOT lived.rings)::int AS no_phone
FROM place AS building
JOIN place_within AS within ON within.community_id = $1 AND within.ancestor_id = building.id
JOIN place AS home ON home.community_id = $1 AND home.id = within.place_id AND home.kind = 'home' AND NOT home.vacant
     AND (building.kind = 'building' OR home.parent_kind = 'community')
LEFT JOIN lived ON lived.home_id = home.id
WHERE building.community_id = $1 AND building.kind IN ('building', 'community')
GROUP BY building.id, building.code, building.names, building.rank
ORDER BY building.rank, length(building.code), building.code

-- name: note_work
-- What the desk did about a home. $3 story time.
INSERT INTO contact_debt_work (community_id, home_id, at, by, result, note, again_on) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: work_on_home
-- fills: people.contact.debt.Work
-- What was done about a home, the newest first.
SELECT at, by, result, note, again_on FROM contact_debt_work WHERE community_id = $1 AND home_id = $2 ORDER BY id DESC LIMIT 50

-- name: set_occupancy
-- The desk learnt that nobody lives there.
UPDATE place SET occupancy = 'vacant', version = version + 1 WHERE community_id = $1 AND id = $2 AND kind = 'home'

-- name: people_of_homes
-- fills: people.contact.debt.Dweller
-- Who lives in these homes, and their addresses in the order in which they are tried. $3 a date of the community.
SELECT residence.home_id, person.id AS person_id, person.name, person.language AS speaks, person.dialect, person.preferred_means,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', point.id, 'kind', point.kind, 'address', point.address, 'quality', point.quality,
                                                     'proxy_name', point.proxy_name, 'proxy_relation', point.proxy_relation)
                                  ORDER BY point.rank, point.id), '[]')
        FROM contact_point AS point WHERE point.community_id = $1 AND point.person_id = person.id) AS points
FROM residence
JOIN person ON person.community_id = $1 AND person.id = residence.person_id AND person.merged_into IS NULL
WHERE residence.community_id = $1 AND residence.home_id = ANY ($2::bigint[])
  AND coalesce(residence.since <= $3::date, true) AND coalesce(residence.until > $3::date, true)
ORDER BY residence.home_id, array_position('{owner,tenant,family}'::text[], residence.role), person.id
