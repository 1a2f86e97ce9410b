-- name: place_in_full
-- fills: people.directory.places.PlaceInFull
-- A place with everything that is noted of it, and what it takes from the places around it.
SELECT place.id, place.kind, place.parent_id, place.facility_kind, place.code, place.names, place.label, place.rank,
       place.rescue_code, place.occupancy, place.home_use, place.civil_address, place.gate, place.intercom, place.cameras,
       place.version,
       ARRAY(SELECT place_alias.alias FROM place_alias
             WHERE place_alias.community_id = $1 AND place_alias.place_id = $2 ORDER BY place_alias.alias) AS aliases,
       ARRAY(SELECT serves.place_id FROM serves
             WHERE serves.community_id = $1 AND serves.facility_id = $2 ORDER BY serves.place_id) AS serves,
       ARRAY(SELECT DISTINCT serves.facility_id FROM place_within
             JOIN serves ON serves.community_id = $1 AND serves.place_id = place_within.ancestor_id
             WHERE place_within.community_id = $1 AND place_within.place_id = $2 ORDER BY serves.facility_id) AS served_by,
       read_out.civil_address AS address_to_read, read_out.gate AS gate_to_read
FROM place
CROSS JOIN LATERAL (
    SELECT coalesce((array_agg(around.civil_address ORDER BY place_within.depth) FILTER (WHERE around.civil_address IS NOT NULL))[1],
                    min(community.civil_address)) AS civil_address,
           coalesce((array_agg(around.gate ORDER BY place_within.depth) FILTER (WHERE around.gate IS NOT NULL))[1],
                    min(community.gate)) AS gate
    FROM place_within
    JOIN place AS around ON around.community_id = $1 AND around.id = place_within.ancestor_id
    JOIN community ON community.id = $1
    WHERE place_within.community_id = $1 AND place_within.place_id = $2
) AS read_out
WHERE place.community_id = $1 AND place.id = $2

-- name: update_place
-- What is noted of a place, unless somebody changed it meanwhile. Its parent and its code stay: they are what others refer to.
UPDATE place
SET names = $4, label = $5, rank = $6, rescue_code = $7, occupancy = $8, home_use = $9, civil_address = $10, gate = $11,
    intercom = $12, cameras = $13, version = version + 1
WHERE community_id = $1 AND id = $2 AND version = $3

-- name: delete_aliases
-- Before those that are said now.
DELETE FROM place_alias WHERE community_id = $1 AND place_id = $2

-- name: delete_served
-- Before those that it serves now.
DELETE FROM serves WHERE community_id = $1 AND facility_id = $2

-- name: place_version
-- The version that is there now; held, so that it stays until this transaction ends.
SELECT version FROM place WHERE community_id = $1 AND id = $2 FOR NO KEY UPDATE

-- name: delete_served_place
-- Nobody serves it any more.
DELETE FROM serves WHERE community_id = $1 AND place_id = $2

-- name: delete_within
-- Its rows of the closure.
DELETE FROM place_within WHERE community_id = $1 AND place_id = $2

-- name: delete_place
-- A place that nothing stands on: foreign keys hold what lies within it, who lives there, what happened there, whose number is for it.
DELETE FROM place WHERE community_id = $1 AND id = $2

-- name: person_in_full
-- fills: people.directory.persons.PersonInFull
-- Somebody as a whole but for addresses, homes and certificates, which have rows of their own.
SELECT person.id, person.kind, person.name, person.language, person.preferred_means, person.dialect, person.note,
       person.merged_into, person.version,
       ARRAY(SELECT vehicle.plate FROM vehicle
             WHERE vehicle.community_id = $1 AND vehicle.person_id = $2 ORDER BY vehicle.plate) AS plates,
       ARRAY(SELECT post.role FROM post WHERE post.community_id = $1 AND post.person_id = $2 ORDER BY post.role) AS posts
FROM person WHERE person.community_id = $1 AND person.id = $2

-- name: list_people
-- fills: people.directory.persons.ListedPerson
-- A page of people in the order of their names. $2 kind, $3 the last one of the page before, or 0.
SELECT person.id, person.kind, person.name, person.language, person.preferred_means
FROM person
CROSS JOIN (SELECT coalesce((SELECT last.sort_key FROM person AS last WHERE last.community_id = $1 AND last.id = $3), '') AS sort_key) AS page
WHERE person.community_id = $1 AND person.kind = $2 AND person.merged_into IS NULL
  AND person.sort_key >= page.sort_key AND (person.sort_key > page.sort_key OR person.id > $3)
ORDER BY person.sort_key, person.id
LIMIT $4

-- name: contact_points_of
-- fills: people.directory.contact_points.ContactPoint
-- Somebody's addresses, in the order in which they are tried.
SELECT id, person_id, kind, address, rank, consent, consent_source, quality, quality_reason, quality_at, failures, proxy_name,
       proxy_relation, version
FROM contact_point WHERE community_id = $1 AND person_id = $2
ORDER BY rank, id

-- name: contact_point
-- fills: people.directory.contact_points.ContactPoint
-- One address; held until the transaction ends.
SELECT id, person_id, kind, address, rank, consent, consent_source, quality, quality_reason, quality_at, failures, proxy_name,
       proxy_relation, version
FROM contact_point WHERE community_id = $1 AND id = $2
FOR NO KEY UPDATE

-- name: update_contact_point
-- What is noted of an address. A new address is a new row, so that what was learnt of the old one is not said of it.
UPDATE contact_point
SET rank = $3, consent = $4, consent_source = $5, proxy_name = $6, proxy_relation = $7, version = version + 1
WHERE community_id = $1 AND id = $2

-- name: delete_contact_point
-- An address that is no longer somebody's.
DELETE FROM contact_point WHERE community_id = $1 AND id = $2

-- name: residences_of
-- fills: people.directory.persons.Residence
-- Where somebody lives or lived.
SELECT residence.home_id, home.code, home.names, residence.role, residence.since, residence.until
FROM residence
JOIN place AS home ON home.community_id = $1 AND home.id = residence.home_id
WHERE residence.community_id = $1 AND residence.person_id = $2
ORDER BY residence.until DESC NULLS FIRST, home.code

-- name: members_of_home
-- fills: people.directory.persons.Member
-- Who lives or lived in a home.
SELECT person.id AS person_id, person.name, person.language, person.preferred_means, residence.role, residence.since, residence.until,
       EXISTS (SELECT FROM need_of_help WHERE need_of_help.community_id = $1 AND need_of_help.person_id = person.id) AS needs_help
FROM residence
JOIN person ON person.community_id = $1 AND person.id = residence.person_id AND person.merged_into IS NULL
WHERE residence.community_id = $1 AND residence.home_id = $2
ORDER BY residence.until DESC NULLS FIRST, array_position('{owner,tenant,family}'::text[], residence.role), person.sort_key, person.id

-- name: update_person
-- What is noted of somebody.
UPDATE person
SET name = $3, language = $4, preferred_means = $5, dialect = $6, note = $7, sort_key = $8, version = version + 1
WHERE community_id = $1 AND id = $2

-- name: touch_person
-- Something that belongs to them changed.
UPDATE person SET version = version + 1 WHERE community_id = $1 AND id = $2

-- name: person_version
-- The version that is there now; held until the transaction ends. Who was merged into somebody else is not changed any more.
SELECT version FROM person WHERE community_id = $1 AND id = $2 AND merged_into IS NULL FOR NO KEY UPDATE

-- name: delete_vehicles
-- Before those that are theirs now.
DELETE FROM vehicle WHERE community_id = $1 AND person_id = $2

-- name: end_residence
-- Somebody moves out: from this date of the community on they live there no more; whoever came that day, from the next.
UPDATE residence SET until = greatest($4::date, since + 1)
WHERE community_id = $1 AND person_id = $2 AND home_id = $3

-- name: merge_contact_points
-- The addresses of the same person under another entry; what both have stays the one's. But a member of staff who lives there too is told as
-- a resident what they agreed to as one.
INSERT INTO contact_point (community_id, person_id, kind, address, rank, consent, quality, proxy_name, proxy_relation, consent_source,
                           quality_reason, quality_at, failures)
SELECT community_id, $3::bigint, kind, address, rank + 10, consent, quality, proxy_name, proxy_relation, consent_source,
       quality_reason, quality_at, failures
FROM contact_point WHERE community_id = $1 AND person_id = $2
ON CONFLICT (community_id, person_id, kind, address) DO UPDATE
SET consent = array_remove(array_remove(contact_point.consent, 'emergency'), 'notice') || array_remove(excluded.consent, 'alert'),
    version = contact_point.version + 1
WHERE $4::boolean

-- name: merge_residences
-- The homes of the same person under another entry.
INSERT INTO residence (community_id, person_id, home_id, role, since, until)
SELECT community_id, $3::bigint, home_id, role, since, until FROM residence WHERE community_id = $1 AND person_id = $2
ON CONFLICT DO NOTHING

-- name: merge_vehicles
-- The vehicles of the same person under another entry.
INSERT INTO vehicle (community_id, plate, person_id)
SELECT community_id, plate, $3::bigint FROM vehicle WHERE community_id = $1 AND person_id = $2
ON CONFLICT DO NOTHING

-- name: delete_contact_points_of
-- What was carried over.
DELETE FROM contact_point WHERE community_id = $1 AND person_id = $2

-- name: delete_residences_of
-- What was carried over.
DELETE FROM residence WHERE community_id = $1 AND person_id = $2

-- name: mark_merged
-- The old entry stays readable, and leads to the one that counts.
UPDATE person SET merged_into = $3, version = version + 1 WHERE community_id = $1 AND id = $2

-- name: need
-- fills: people.directory.needs.Need
-- Who is told and confirmed first; the reason is not the service's to read.
SELECT person_id, powered_device, confirmer_role, version FROM need_of_help WHERE community_id = $1 AND person_id = $2

-- name: update_need
-- What is noted of a need.
UPDATE need_of_help SET powered_device = $3, confirmer_role = $4, version = version + 1 WHERE community_id = $1 AND person_id = $2

-- name: update_reason
-- Another reason; the one before is not read.
UPDATE need_of_help SET reason = $3 WHERE community_id = $1 AND person_id = $2

-- name: delete_need
-- They need it no more.
DELETE FROM need_of_help WHERE community_id = $1 AND person_id = $2

-- name: look_at_reason
-- Why somebody needs help; the function notes who looked.
SELECT look_at_reason($1, $2, $3, $4, $5, $6, $7)

-- name: note_look
-- Who looked at somebody's full address.
INSERT INTO access_log (community_id, at, actor_kind, actor_name, account_id, what, person_id, contact_point_id, why)
VALUES ($1, $2, $3, $4, $5, 'address', $6, $7, $8)

-- name: look_at_numbers
-- fills: people.directory.access.NumberLookedAt
-- The number under which each of these people ($2) is called first; that it was looked at is noted in the same statement.
WITH first AS (
    SELECT DISTINCT ON (person_id) person_id, id, address
    FROM contact_point
    WHERE community_id = $1 AND person_id = ANY ($2::bigint[]) AND kind IN ('mobile', 'landline')
      AND quality IN ('unproven', 'good', 'failing')
    ORDER BY person_id, rank, kind DESC, id
), noted AS (
    INSERT INTO access_log (community_id, at, actor_kind, actor_name, account_id, what, person_id, contact_point_id, why)
    SELECT $1, $3, $4, $5, $6, 'address', person_id, id, $7 FROM first
)
SELECT person_id, address AS number FROM first;

-- name: looks
-- fills: people.directory.access.Look
-- Who looked at what is noted of somebody, the newest first. $2 null: of everybody.
SELECT id, at, actor_kind, actor_name, what, person_id, contact_point_id, why
FROM access_log
WHERE community_id = $1 AND ($2::bigint IS NULL OR person_id = $2) AND id < $3
ORDER BY id DESC LIMIT $4

-- name: insert_vehicles
-- Whose cars these are; the same twice is one.
INSERT INTO vehicle (community_id, plate, person_id)
SELECT $1::bigint, said.plate, said.person_id FROM unnest($2::bigint[], $3::text[]) AS said (person_id, plate)
ON CONFLICT DO NOTHING

-- name: insert_contact_point
-- An address that the person does not have yet.
INSERT INTO contact_point (community_id, person_id, kind, address, rank, consent, quality, proxy_name, proxy_relation, consent_source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING id

-- name: posts
-- fills: people.directory.posts.Post
-- Who holds which post.
SELECT post.role, post.person_id, person.name
FROM post
CROSS JOIN LATERAL (SELECT person.name FROM person WHERE person.community_id = $1 AND person.id = post.person_id LIMIT 1) AS person
WHERE post.community_id = $1
ORDER BY post.role, post.person_id

-- name: delete_post
-- They hold it no more.
DELETE FROM post WHERE community_id = $1 AND role = $2 AND person_id = $3
