-- name: insert_company
-- The one who owns accounts, gateways and communities.
INSERT INTO company (name, created_at) VALUES ($1, $2) RETURNING id

-- name: insert_community
-- A managed site; its places come after.
INSERT INTO community (company_id, names, zone, languages, default_language, civil_address, gate, desk_phone,
                       night_from, night_until, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id

-- name: change_community
-- What is null stays as it is.
UPDATE community
SET names = coalesce($2, names), civil_address = coalesce($3, civil_address), gate = coalesce($4, gate),
    desk_phone = coalesce($5, desk_phone), night_from = coalesce($6, night_from), night_until = coalesce($7, night_until),
    repairs_together_minutes = coalesce($8, repairs_together_minutes), status_open = coalesce($9, status_open),
    status_key = coalesce($10, status_key),
    second_person_above_homes = coalesce($11, second_person_above_homes)
WHERE id = $1;

-- name: community
-- fills: people.communities.Community
-- One site with its words, zone and night.
SELECT id, company_id, names, zone, languages, default_language, civil_address, gate, desk_phone, night_from, night_until, may_send,
       repairs_together_minutes, status_key, status_open, second_person_above_homes
FROM community WHERE id = $1

-- name: community_of_status
-- Whose public status has this address, unless it is switched off.
SELECT id FROM community WHERE status_key = $1 AND status_open;

-- name: communities_of_company
-- fills: people.communities.Community
-- The sites a company looks after.
SELECT id, company_id, names, zone, languages, default_language, civil_address, gate, desk_phone, night_from, night_until, may_send,
       repairs_together_minutes, status_key, status_open, second_person_above_homes
FROM community WHERE company_id = $1 ORDER BY id

-- name: all_community_ids
-- Where the service has work of its own to do, such as anchoring.
SELECT id FROM community ORDER BY id

-- name: insert_place
-- The place and its row of the closure for everything around it, itself included, in one statement.
WITH added AS (
    INSERT INTO place (community_id, kind, parent_id, parent_kind, facility_kind, code, names, label, rank, rescue_code,
                       occupancy, home_use, civil_address, gate, intercom, cameras)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    RETURNING community_id, id, parent_id
), enclosed AS (
    INSERT INTO place_within (community_id, ancestor_id, place_id, depth)
    SELECT community_id, id, id, 0 FROM added
    UNION ALL
    SELECT within.community_id, within.ancestor_id, added.id, (within.depth + 1)::smallint
    FROM added
    JOIN place_within within ON within.community_id = $1 AND within.place_id = added.parent_id
)
SELECT id FROM added

-- name: insert_aliases
-- What places are called too.
INSERT INTO place_alias (community_id, place_id, alias, key)
SELECT $1::bigint, said.place_id, said.alias, said.key
FROM unnest($2::bigint[], $3::text[], $4::text[]) AS said (place_id, alias, key)
ON CONFLICT DO NOTHING

-- name: insert_served
-- Whom a facility serves: what is within these places is served with them.
INSERT INTO serves (community_id, facility_id, place_id)
SELECT $1::bigint, $2::bigint, place_id FROM unnest($3::bigint[]) AS place_id
ON CONFLICT DO NOTHING

-- name: place
-- fills: people.places.Place
-- One place by its id.
SELECT id, kind, parent_id, facility_kind, code, names, label, rank, rescue_code, vacant
FROM place WHERE community_id = $1 AND id = $2

-- name: places_by_id
-- fills: people.places.Place
-- Several places by their ids.
SELECT id, kind, parent_id, facility_kind, code, names, label, rank, rescue_code, vacant
FROM place WHERE community_id = $1 AND id = ANY ($2::bigint[])

-- name: place_by_code
-- fills: people.places.Place
-- One place by its whole code.
SELECT id, kind, parent_id, facility_kind, code, names, label, rank, rescue_code, vacant
FROM place WHERE community_id = $1 AND code = $2

-- name: places_by_code
-- fills: people.places.Place
-- Whole codes and rescue codes, in the order in which they were thought of; a rescue code can mean nothing else.
SELECT id, kind, parent_id, facility_kind, code, names, label, rank, rescue_code, vacant
FROM place
WHERE community_id = $1 AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR facility_kind = $3)
  AND (code = ANY ($5::text[]) OR rescue_code = $6)
ORDER BY rescue_code IS NOT DISTINCT FROM $6::text AND $6 IS NOT NULL DESC, array_position($5::text[], code)
LIMIT $4

-- name: places_named
-- fills: people.search.prefixes.NamedPlace
-- What a text begins with, of all its beginnings.
SELECT DISTINCT said.key, place.code
FROM unnest($2::text[]) AS said (key)
CROSS JOIN LATERAL (
    SELECT search_term.subject_id FROM search_term
    WHERE search_term.community_id = $1 AND NOT search_term.inside AND search_term.term = said.key COLLATE "C"
      AND search_term.subject = 'place' AND search_term.field IN ('alias', 'name')
    LIMIT 5
) AS called
CROSS JOIN LATERAL (SELECT place.* FROM place WHERE place.community_id = $1 AND place.id = called.subject_id LIMIT 1) AS place
ORDER BY said.key, place.code

-- name: places_by_end
-- fills: people.places.Place
-- What ends so (1502, L1), anywhere or within a place. Each step is held to its order (LATERAL … LIMIT): a planner without figures, as after
-- an import, would begin with all places.
SELECT place.id, place.kind, place.parent_id, place.facility_kind, place.code, place.names, place.label, place.rank,
       place.rescue_code, place.vacant
FROM unnest($5::text[], $6::text[]) AS said (around, ending)
CROSS JOIN LATERAL (
    SELECT search_term.subject_id FROM search_term
    WHERE search_term.community_id = $1 AND search_term.inside AND search_term.term = said.ending COLLATE "C"
      AND search_term.subject = 'place' AND search_term.field = 'code'
    LIMIT 2000
) AS ended
CROSS JOIN LATERAL (SELECT place.* FROM place WHERE place.community_id = $1 AND place.id = ended.subject_id LIMIT 1) AS place
WHERE (said.around IS NULL OR place.code ^@ (said.around || '-'))
  AND ($2::text IS NULL OR place.kind = $2) AND ($3::text IS NULL OR place.facility_kind = $3)
ORDER BY length(place.code), place.code
LIMIT $4

-- name: places_inside
-- fills: people.places.Place
-- What lies within the places of these codes: nearest first, facilities before homes.
SELECT place.id, place.kind, place.parent_id, place.facility_kind, place.code, place.names, place.label, place.rank,
       place.rescue_code, place.vacant
FROM place around
JOIN place_within within ON within.community_id = $1 AND within.ancestor_id = around.id AND within.depth > 0
JOIN place ON place.community_id = $1 AND place.id = within.place_id
WHERE around.community_id = $1 AND around.code = ANY ($5::text[])
  AND ($2::text IS NULL OR place.kind = $2) AND ($3::text IS NULL OR place.facility_kind = $3)
ORDER BY array_position($5::text[], around.code), within.depth, place.kind <> 'facility', length(place.code), place.rank, place.code
LIMIT $4

-- name: places_by_beginning
-- fills: people.places.Place
-- What is being typed: codes, rescue codes and extensions of intercoms that begin so.
SELECT place.id, place.kind, place.parent_id, place.facility_kind, place.code, place.names, place.label, place.rank,
       place.rescue_code, place.vacant
FROM unnest($5::text[], $6::text[]) AS said (beginning, past)
CROSS JOIN LATERAL (
    SELECT search_term.subject_id FROM search_term
    WHERE search_term.community_id = $1 AND NOT search_term.inside
      AND search_term.term >= said.beginning COLLATE "C" AND search_term.term < said.past COLLATE "C"
      AND search_term.subject = 'place' AND search_term.field IN ('code', 'rescue_code', 'intercom')
    ORDER BY search_term.term LIMIT 2000
) AS begun
CROSS JOIN LATERAL (SELECT place.* FROM place WHERE place.community_id = $1 AND place.id = begun.subject_id LIMIT 1) AS place
WHERE ($2::text IS NULL OR place.kind = $2) AND ($3::text IS NULL OR place.facility_kind = $3)
ORDER BY length(place.code), place.rank, place.code
LIMIT $4

-- name: places_by_name
-- fills: people.places.Place
-- What is called so, or in whose name it stands, in any language, by pinyin, by the name of a camera; only when nothing else was meant.
SELECT place.id, place.kind, place.parent_id, place.facility_kind, place.code, place.names, place.label, place.rank,
       place.rescue_code, place.vacant
FROM (
    SELECT called.subject_id, bool_or(called.term = $5 AND NOT where_in.inside) AS whole
    FROM unnest('{false,true}'::boolean[]) AS where_in (inside)
    CROSS JOIN LATERAL (
        SELECT search_term.subject_id, search_term.term FROM search_term
        WHERE search_term.community_id = $1 AND search_term.inside = where_in.inside
          AND search_term.term >= $5::text AND search_term.term < $6::text AND search_term.subject = 'place'
        ORDER BY search_term.term LIMIT 500
    ) AS called
    GROUP BY called.subject_id
) AS found
CROSS JOIN LATERAL (SELECT place.* FROM place WHERE place.community_id = $1 AND place.id = found.subject_id LIMIT 1) AS place
WHERE ($2::text IS NULL OR place.kind = $2) AND ($3::text IS NULL OR place.facility_kind = $3)
ORDER BY found.whole DESC, place.kind <> 'facility', length(place.code), place.rank, place.code
LIMIT $4

-- name: ancestors
-- fills: people.places.Place
-- What is around a place, nearest first.
SELECT place.id, place.kind, place.parent_id, place.facility_kind, place.code, place.names, place.label, place.rank,
       place.rescue_code, place.vacant
FROM place_within within
JOIN place ON place.community_id = $1 AND place.id = within.ancestor_id
WHERE within.community_id = $1 AND within.place_id = $2 AND within.depth > 0
ORDER BY within.depth

-- name: ancestor_of_kind
-- fills: people.places.Place
-- The nearest of a kind around a place, itself included.
SELECT place.id, place.kind, place.parent_id, place.facility_kind, place.code, place.names, place.label, place.rank,
       place.rescue_code, place.vacant
FROM place_within within
JOIN place ON place.community_id = $1 AND place.id = within.ancestor_id
WHERE within.community_id = $1 AND within.place_id = $2 AND place.kind = $3
ORDER BY within.depth
LIMIT 1

-- name: nearest_of_kinds
-- fills: people.places.Nearest
-- The same for several places ($2) and kinds ($3), pair by pair, by their ids.
SELECT asked.place_id, asked.kind, near.id
FROM unnest($2::bigint[], $3::text[]) AS asked (place_id, kind)
CROSS JOIN LATERAL (
    SELECT place.id FROM place_within within
    JOIN place ON place.community_id = $1 AND place.id = within.ancestor_id
    WHERE within.community_id = $1 AND within.place_id = asked.place_id AND place.kind = asked.kind
    ORDER BY within.depth LIMIT 1) AS near

-- name: facilities_within
-- fills: people.places.Place
-- Every elevator (pump room, …) of a place.
SELECT place.id, place.kind, place.parent_id, place.facility_kind, place.code, place.names, place.label, place.rank,
       place.rescue_code, place.vacant
FROM place_within within
JOIN place ON place.community_id = $1 AND place.id = within.place_id
WHERE within.community_id = $1 AND within.ancestor_id = $2 AND place.facility_kind = $3
ORDER BY length(place.code), place.code

-- name: children
-- fills: people.places.Place
-- One step down the tree.
SELECT id, kind, parent_id, facility_kind, code, names, label, rank, rescue_code, vacant
FROM place WHERE community_id = $1 AND parent_id = $2
ORDER BY kind <> 'facility', rank, code

-- name: insert_person
-- Somebody who lives or works there.
INSERT INTO person (community_id, kind, name, language, preferred_means, dialect, note, sort_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id

-- name: insert_contact_point
-- An address of a person; the same again is the same row with what is known now.
INSERT INTO contact_point (community_id, person_id, kind, address, rank, consent, quality, proxy_name, proxy_relation, consent_source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (community_id, person_id, kind, address)
DO UPDATE SET rank = EXCLUDED.rank, consent = EXCLUDED.consent, quality = EXCLUDED.quality, proxy_name = EXCLUDED.proxy_name,
              proxy_relation = EXCLUDED.proxy_relation, consent_source = EXCLUDED.consent_source, version = contact_point.version + 1
RETURNING id

-- name: insert_residence
-- One row per person and home.
INSERT INTO residence (community_id, person_id, home_id, role, since, until)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (community_id, person_id, home_id)
DO UPDATE SET role = EXCLUDED.role, since = EXCLUDED.since, until = EXCLUDED.until

-- name: insert_need_of_help
-- Who is told and confirmed first.
INSERT INTO need_of_help (community_id, person_id, powered_device, reason, confirmer_role) VALUES ($1, $2, $3, $4, $5)

-- name: persons
-- fills: people.persons.Person
-- People by id; who was merged stays readable under the old id.
SELECT id, kind, name, language FROM person WHERE community_id = $1 AND id = ANY ($2::bigint[])

-- name: person_by_phone
-- fills: people.persons.PersonAtHome
-- Who rings from this number, with each home they live in at this date of the community.
SELECT person.id AS person_id, person.kind, person.name, person.language,
       home.id AS home_id, home.code AS home_code, home.names AS home_names
FROM contact_point
JOIN community ON community.id = $1
JOIN person ON person.community_id = $1 AND person.id = contact_point.person_id AND person.merged_into IS NULL
LEFT JOIN residence ON residence.community_id = $1 AND residence.person_id = person.id
    AND coalesce(residence.since <= ($3::timestamptz AT TIME ZONE community.zone)::date, true)
    AND coalesce(residence.until > ($3::timestamptz AT TIME ZONE community.zone)::date, true)
LEFT JOIN place home ON home.community_id = $1 AND home.id = residence.home_id
WHERE contact_point.community_id = $1 AND contact_point.address = $2 AND contact_point.quality <> 'wrong'
GROUP BY person.id, person.kind, person.name, person.language, home.id, home.code, home.names
ORDER BY person.kind DESC, person.id, home.code

-- name: known_addresses
-- fills: people.persons.KnownAddress
-- Whose handset and mailbox each is.
SELECT contact_point.address, person.kind, person.name, coalesce(home.names, team.names) AS where
FROM contact_point
JOIN person ON person.community_id = $1 AND person.id = contact_point.person_id AND person.merged_into IS NULL
LEFT JOIN residence ON residence.community_id = $1 AND residence.person_id = person.id
LEFT JOIN place home ON home.community_id = $1 AND home.id = residence.home_id
LEFT JOIN LATERAL (
    SELECT department.names
    FROM shift
    JOIN department ON department.community_id = $1 AND department.id = shift.department_id
    WHERE shift.community_id = $1 AND shift.person_id = person.id
    LIMIT 1
) team ON person.kind = 'staff'
WHERE contact_point.community_id = $1
ORDER BY person.kind DESC, contact_point.address, person.id

-- name: insert_department
-- A team, by the playbooks' word for it.
INSERT INTO department (community_id, key, names) VALUES ($1, $2, $3) RETURNING id

-- name: department_id
-- The team with this key.
SELECT id FROM department WHERE community_id = $1 AND key = $2

-- name: departments
-- fills: people.rosters.Department
-- Every team of the community.
SELECT id, key, names FROM department WHERE community_id = $1 ORDER BY id

-- name: insert_shift
-- Somebody on duty from an instant to another.
INSERT INTO shift (community_id, department_id, tier, person_id, starts_at, ends_at, starts_local, ends_local)
SELECT $1::bigint, $2, $3, $4, $5::timestamptz, $6::timestamptz,
       $5::timestamptz AT TIME ZONE community.zone, $6::timestamptz AT TIME ZONE community.zone
FROM community WHERE community.id = $1

-- name: insert_post
-- Who holds a post.
INSERT INTO post (community_id, role, person_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: on_call
-- fills: people.rosters.OnCall
-- Who is on duty at an instant in one tier of a department.
SELECT person.id AS person_id, person.name, person.language, department.key AS department_key, shift.tier, NULL::text AS role,
       shift.starts_at AS since, shift.ends_at AS until
FROM department
JOIN shift ON shift.community_id = $1 AND shift.department_id = department.id
JOIN person ON person.community_id = $1 AND person.id = shift.person_id
WHERE department.community_id = $1 AND department.key = $2 AND shift.tier = $3 AND shift.starts_at <= $4 AND shift.ends_at > $4
ORDER BY shift.starts_at, person.id

-- name: holders
-- fills: people.rosters.OnCall
-- Who holds a post.
SELECT person.id AS person_id, person.name, person.language, NULL::text AS department_key, NULL::text AS tier, post.role,
       NULL::timestamptz AS since, NULL::timestamptz AS until
FROM post
JOIN person ON person.community_id = $1 AND person.id = post.person_id
WHERE post.community_id = $1 AND post.role = $2
ORDER BY person.id

-- name: duty_now
-- fills: people.rosters.OnCall
-- Everybody on duty at an instant; looked up one by one, because there are few of them and many people.
SELECT person.id AS person_id, person.name, person.language, department.key AS department_key, shift.tier, NULL::text AS role,
       shift.starts_at AS since, shift.ends_at AS until
FROM department
JOIN shift ON shift.community_id = $1 AND shift.department_id = department.id
CROSS JOIN LATERAL (SELECT id, name, language FROM person WHERE community_id = $1 AND id = shift.person_id OFFSET 0) person
WHERE department.community_id = $1 AND shift.starts_at <= $2 AND shift.ends_at > $2
ORDER BY department.id, array_position('{duty,backup,lead}'::text[], shift.tier), shift.starts_at, person.id

-- name: insert_outside_number
-- Somebody outside the company, for one place or for all.
INSERT INTO outside_number (community_id, what, place_id, names, number, last_checked, note) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id

-- name: outside_number_for
-- fills: people.outside.OutsideNumber
-- The number that is registered nearest to a place.
SELECT outside_number.id, outside_number.what, outside_number.place_id, outside_number.names, outside_number.number,
       outside_number.last_checked, outside_number.note, outside_number.version
FROM outside_number
LEFT JOIN place_within within ON within.community_id = $1 AND within.ancestor_id = outside_number.place_id AND within.place_id = $3
WHERE outside_number.community_id = $1 AND outside_number.what = $2
  AND (outside_number.place_id IS NULL OR within.place_id IS NOT NULL)
ORDER BY within.depth NULLS LAST, outside_number.last_checked DESC, outside_number.id DESC
LIMIT 1

-- name: outside_numbers
-- fills: people.outside.OutsideNumber
-- All of them, by what they are for.
SELECT id, what, place_id, names, number, last_checked, note, version FROM outside_number WHERE community_id = $1
ORDER BY what, place_id NULLS FIRST, id

-- name: outside_number
-- fills: people.outside.OutsideNumber
-- One number outside the company; held until the transaction ends.
SELECT id, what, place_id, names, number, last_checked, note, version FROM outside_number WHERE community_id = $1 AND id = $2 FOR NO KEY UPDATE

-- name: update_outside_number
-- What is noted of a number.
UPDATE outside_number
SET what = $3, place_id = $4, names = $5, number = $6, last_checked = $7, note = $8, version = version + 1
WHERE community_id = $1 AND id = $2

-- name: check_outside_number
-- Somebody rang it today (a date of the community).
UPDATE outside_number SET last_checked = $3, version = version + 1 WHERE community_id = $1 AND id = $2

-- name: delete_outside_number
-- It is not called any more.
DELETE FROM outside_number WHERE community_id = $1 AND id = $2

-- name: count_residents
-- fills: people.audiences.ResidentCount
-- Homes lived in, people who live there at this date of the community, and those nobody could reach.
WITH scope AS (
    SELECT $2::bigint AS id
    UNION
    SELECT place_id FROM serves WHERE community_id = $1 AND facility_id = $2
), home AS (
    SELECT DISTINCT place.id
    FROM scope
    JOIN place_within within ON within.community_id = $1 AND within.ancestor_id = scope.id
    JOIN place ON place.community_id = $1 AND place.id = within.place_id AND place.kind = 'home' AND NOT place.vacant
), resident AS (
    SELECT DISTINCT person.id
    FROM home
    JOIN community ON community.id = $1
    JOIN residence ON residence.community_id = $1 AND residence.home_id = home.id
        AND coalesce(residence.since <= ($3::timestamptz AT TIME ZONE community.zone)::date, true)
        AND coalesce(residence.until > ($3::timestamptz AT TIME ZONE community.zone)::date, true)
    JOIN person ON person.community_id = $1 AND person.id = residence.person_id AND person.merged_into IS NULL
)
SELECT (SELECT count(*) FROM home) AS homes,
       (SELECT count(*) FROM resident) AS persons,
       (SELECT count(*) FROM resident WHERE NOT EXISTS (
           SELECT FROM contact_point
           WHERE contact_point.community_id = $1 AND contact_point.person_id = resident.id
             AND contact_point.quality = ANY ('{unproven,good,failing}') AND 'emergency' = ANY (contact_point.consent))) AS without_way

-- name: is_community
-- Whether this place is the whole community.
SELECT kind = 'community' FROM place WHERE community_id = $1 AND id = $2

-- name: count_all_residents
-- fills: people.audiences.ResidentCount
-- The same of the whole community. Tables are read from end to end: home by home takes twice as long. $2 story time.
WITH calendar AS (
    SELECT ($2::timestamptz AT TIME ZONE community.zone)::date AS today FROM community WHERE community.id = $1
)
SELECT (SELECT count(*) FROM place WHERE place.community_id = $1 AND place.kind = 'home' AND NOT place.vacant) AS homes,
       count(*) AS persons,
       count(*) FILTER (WHERE person.id NOT IN (
           SELECT contact_point.person_id FROM contact_point
           WHERE contact_point.community_id = $1 AND contact_point.quality = ANY ('{unproven,good,failing}')
             AND 'emergency' = ANY (contact_point.consent))) AS without_way
FROM person
WHERE person.community_id = $1 AND person.merged_into IS NULL AND person.id IN (
    SELECT residence.person_id FROM residence
    JOIN place ON place.community_id = $1 AND place.id = residence.home_id AND place.kind = 'home' AND NOT place.vacant
    WHERE residence.community_id = $1
      AND (residence.since IS NULL OR residence.since <= (SELECT today FROM calendar))
      AND (residence.until IS NULL OR residence.until > (SELECT today FROM calendar)))

-- name: insert_places
-- fills: people.bulk.AddedPlace
-- One level of the tree at once, with its rows of the closure; the answer is those that found their parent.
WITH given AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS line (
        kind text, parent_code text, code text, names jsonb, label text, rank int, facility_kind text, rescue_code text,
        occupancy text, home_use text, civil_address text, gate text, intercom text, cameras text[])
), added AS (
    INSERT INTO place (community_id, kind, parent_id, parent_kind, facility_kind, code, names, label, rank, rescue_code,
                       occupancy, home_use, civil_address, gate, intercom, cameras)
    SELECT $1, given.kind, parent.id, parent.kind, given.facility_kind, given.code, given.names, given.label, given.rank,
           given.rescue_code, given.occupancy, given.home_use, given.civil_address, given.gate, given.intercom, given.cameras
    FROM given
    LEFT JOIN place parent ON parent.community_id = $1 AND parent.code = given.parent_code
    WHERE parent.id IS NOT NULL OR given.parent_code IS NULL
    RETURNING community_id, id, parent_id, code
), enclosed AS (
    INSERT INTO place_within (community_id, ancestor_id, place_id, depth)
    SELECT community_id, id, id, 0 FROM added
    UNION ALL
    SELECT within.community_id, within.ancestor_id, added.id, (within.depth + 1)::smallint
    FROM added
    JOIN place_within within ON within.community_id = $1 AND within.place_id = added.parent_id
)
SELECT id, code FROM added

-- name: insert_people
-- Ids are given in the order of the lines.
WITH added AS (
    INSERT INTO person (community_id, kind, name, language, preferred_means, dialect, note, sort_key)
    SELECT $1, kind, name, language, preferred_means, dialect, note, sort_key
    FROM jsonb_to_recordset($2::jsonb)
        AS line (ord int, kind text, name text, language text, preferred_means text, dialect text, note text, sort_key text)
    ORDER BY ord
    RETURNING id
)
SELECT id FROM added ORDER BY id

-- name: discard_plans
-- What this connection has planned is planned anew when it is run next, for tables as large as they are then.
DISCARD PLANS

-- name: insert_addresses
-- Every address of many people; the same twice is one.
INSERT INTO contact_point (community_id, person_id, kind, address, rank, consent, quality, proxy_name, proxy_relation, consent_source)
SELECT $1, line.person_id, one.kind, one.address, one.rank, one.consent, one.quality, one.proxy_name, one.proxy_relation,
       one.consent_source
FROM jsonb_to_recordset($2::jsonb) AS line (person_id bigint, addresses jsonb)
CROSS JOIN jsonb_to_recordset(line.addresses) AS one (
    kind text, address text, rank smallint, consent text[], quality text, proxy_name text, proxy_relation text, consent_source text)
ON CONFLICT DO NOTHING

-- name: insert_vehicles
-- Whose cars these are; the same twice is one.
INSERT INTO vehicle (community_id, plate, person_id)
SELECT $1::bigint, said.plate, said.person_id FROM unnest($2::bigint[], $3::text[]) AS said (person_id, plate)
ON CONFLICT DO NOTHING

-- name: insert_residences
-- The homes of many people, by code.
INSERT INTO residence (community_id, person_id, home_id, role)
SELECT $1, line.person_id, home.id, line.role
FROM jsonb_to_recordset($2::jsonb) AS line (person_id bigint, homes jsonb, role text)
CROSS JOIN jsonb_array_elements_text(line.homes) AS said (home_code)
JOIN place home ON home.community_id = $1 AND home.code = said.home_code AND home.kind = 'home'
ON CONFLICT DO NOTHING

-- name: insert_shifts
-- A whole roster at once.
INSERT INTO shift (community_id, department_id, tier, person_id, starts_at, ends_at, starts_local, ends_local)
SELECT $1, department.id, line.tier, line.person_id, line.starts_at, line.ends_at,
       coalesce(line.starts_local, line.starts_at AT TIME ZONE community.zone),
       coalesce(line.ends_local, line.ends_at AT TIME ZONE community.zone)
FROM jsonb_to_recordset($2::jsonb) AS line (
    department text, tier text, person_id bigint, starts_at timestamptz, ends_at timestamptz, starts_local timestamp, ends_local timestamp)
JOIN community ON community.id = $1
JOIN department ON department.community_id = $1 AND department.key = line.department

-- name: insert_served_by_codes
-- Whom a facility serves, by codes.
INSERT INTO serves (community_id, facility_id, place_id)
SELECT $1, facility.id, served.id
FROM place facility
JOIN place served ON served.community_id = $1 AND served.code = ANY ($3::text[])
WHERE facility.community_id = $1 AND facility.code = $2
ON CONFLICT DO NOTHING
