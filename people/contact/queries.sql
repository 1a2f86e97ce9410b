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
-- Homes that are lived in and cannot be told: nobody is known there, or nobody of them has an address that works for an emergency. $2 the
-- place within, $3 story time, $4 the last home of the page before, $5 whether also those put off.
SELECT home.id AS home_id, home.code, home.names, building.id AS building_id, building.names AS building_names,
       count(DISTINCT lives.person_id)::int AS people,
       count(way.quality)::int AS addresses,
       CASE WHEN count(lives.person_id) = 0 THEN 'nobody_known'
            WHEN count(way.quality) = 0 THEN 'no_address'
            WHEN bool_and(way.quality = 'wrong') THEN 'all_wrong'
            WHEN bool_or(way.quality = 'failing') THEN 'failing'
            WHEN bool_or(way.quality = 'opted_out') THEN 'opted_out'
            ELSE 'no_consent' END AS why,
       coalesce(bool_or(lives.needs_help), false) AS needs_help,
       last.at AS last_at, last.result AS last_result, last.note AS last_note, last.again_on
FROM place_within AS within
JOIN place AS home ON home.community_id = $1 AND home.id = within.place_id AND home.kind = 'home' AND NOT home.vacant
    AND home.id > $4
LEFT JOIN LATERAL (
    SELECT place.id, place.names FROM place_within AS around
    JOIN place ON place.community_id = $1 AND place.id = around.ancestor_id AND place.kind = 'building'
    WHERE around.community_id = $1 AND around.place_id = home.id
    LIMIT 1
) AS building ON true
JOIN community ON community.id = $1
LEFT JOIN LATERAL (
    SELECT residence.person_id,
           EXISTS (SELECT FROM need_of_help
                   WHERE need_of_help.community_id = $1 AND need_of_help.person_id = residence.person_id) AS needs_help
    FROM residence
    WHERE residence.community_id = $1 AND residence.home_id = home.id
      AND coalesce(residence.since <= ($3::timestamptz AT TIME ZONE community.zone)::date, true)
      AND coalesce(residence.until > ($3::timestamptz AT TIME ZONE community.zone)::date, true)
) AS lives ON true
LEFT JOIN contact_point AS way ON way.community_id = $1 AND way.person_id = lives.person_id
LEFT JOIN LATERAL (
    SELECT work.at, work.result, work.note, work.again_on FROM contact_debt_work AS work
    WHERE work.community_id = $1 AND work.home_id = home.id
    ORDER BY work.id DESC LIMIT 1
) AS last ON true
WHERE within.community_id = $1 AND within.ancestor_id = $2
  AND ($5::boolean OR coalesce(last.again_on <= ($3::timestamptz AT TIME ZONE community.zone)::date, true))
GROUP BY home.id, home.code, home.names, building.id, building.names, last.at, last.result, last.note, last.again_on
HAVING NOT coalesce(bool_or(way.quality IN ('good', 'unproven') AND 'emergency' = ANY (way.consent)), false)
ORDER BY home.id
LIMIT $6

-- name: debts_by_building
-- fills: people.contact.debt.BuildingDebt
-- How many homes of each building are lived in, and how many of them cannot be told. $2 story time.
WITH home AS (
    SELECT place.id, around.ancestor_id AS building_id
    FROM place AS building
    JOIN place_within AS around ON around.community_id = $1 AND around.ancestor_id = building.id
    JOIN place ON place.community_id = $1 AND place.id = around.place_id AND place.kind = 'home' AND NOT place.vacant
    WHERE building.community_id = $1 AND building.kind = 'building'
), reached AS (
    SELECT DISTINCT residence.home_id
    FROM residence
    JOIN community ON community.id = $1
    JOIN contact_point ON contact_point.community_id = $1 AND contact_point.person_id = residence.person_id
        AND contact_point.quality IN ('good', 'unproven') AND 'emergency' = ANY (contact_point.consent)
    WHERE residence.community_id = $1
      AND coalesce(residence.since <= ($2::timestamptz AT TIME ZONE community.zone)::date, true)
      AND coalesce(residence.until > ($2::timestamptz AT TIME ZONE community.zone)::date, true)
)
SELECT building.id AS building_id, building.code, building.names, count(home.id)::int AS homes,
       (count(home.id) - count(reached.home_id))::int AS owed
FROM place AS building
JOIN home ON home.building_id = building.id
LEFT JOIN reached ON reached.home_id = home.id
WHERE building.community_id = $1 AND building.kind = 'building'
GROUP BY building.id, building.code, building.names, building.rank
ORDER BY building.rank, building.code

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
