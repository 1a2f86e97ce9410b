-- name: insert_terms
-- Many terms at once, each once, in the order of the index, which is twice as fast as in any other. They come as four texts: an import
-- brings millions, and arrays cost the client more for each of their elements than all else that is done with it.
INSERT INTO search_term (community_id, inside, term, subject, subject_id, field)
SELECT $1, given.inside, given.term, $2, given.subject_id, given.field
FROM unnest(
    string_to_array($3, ' ')::bigint[], string_to_array($4, ' ')::boolean[], string_to_array($5, E'\n'), string_to_array($6, ' ')
) AS given (subject_id, inside, term, field)
ORDER BY given.inside, given.term COLLATE "C"

-- name: delete_terms
-- What these were found by until now.
DELETE FROM search_term WHERE community_id = $1 AND subject = $2 AND subject_id = ANY ($3::bigint[])

-- name: hold_people
-- Whoever takes terms away and gives new ones holds the subject, so that two writers of one person come one after the other.
SELECT id FROM person WHERE community_id = $1 AND id = ANY ($2::bigint[]) ORDER BY id FOR NO KEY UPDATE

-- name: hold_places
-- The same for places.
SELECT id FROM place WHERE community_id = $1 AND id = ANY ($2::bigint[]) ORDER BY id FOR NO KEY UPDATE

-- name: words_of_people
-- fills: people.search.terms.PersonWords
-- What people are found by; who was merged into somebody else is not found any more.
SELECT person.id, person.name,
       ARRAY(SELECT point.address FROM contact_point AS point
             WHERE point.community_id = $1 AND point.person_id = person.id AND point.kind IN ('mobile', 'landline')) AS phones,
       ARRAY(SELECT point.address FROM contact_point AS point
             WHERE point.community_id = $1 AND point.person_id = person.id AND point.kind = 'email') AS emails,
       ARRAY(SELECT vehicle.plate FROM vehicle WHERE vehicle.community_id = $1 AND vehicle.person_id = person.id) AS plates
FROM person
WHERE person.community_id = $1 AND person.id = ANY ($2::bigint[]) AND person.merged_into IS NULL

-- name: words_of_places
-- fills: people.search.terms.PlaceWords
-- What places are found by.
SELECT place.id, place.kind, place.code, place.names,
       ARRAY(SELECT place_alias.alias FROM place_alias
             WHERE place_alias.community_id = $1 AND place_alias.place_id = place.id) AS aliases,
       place.rescue_code, place.intercom, place.cameras
FROM place WHERE place.community_id = $1 AND place.id = ANY ($2::bigint[])

-- name: by_terms
-- fills: people.search.ranking.Candidate
-- The first of each range of terms, in its order: those that are all of what was typed come first by themselves. $2… per range: from,
-- until before, within words, fields.
SELECT found.subject, found.subject_id, found.field, found.term = look.starts AS exact, look.inside, found.number::int AS order
FROM unnest($2::text[], $3::text[], $4::boolean[], $5::text[]) AS look (starts, past, inside, fields)
CROSS JOIN LATERAL (
    SELECT first_few.*, row_number() OVER () AS number
    FROM (
        SELECT search_term.subject, search_term.subject_id, search_term.field, search_term.term FROM search_term
        WHERE search_term.community_id = $1 AND search_term.inside = look.inside
          AND search_term.term >= look.starts COLLATE "C" AND search_term.term < look.past COLLATE "C"
          AND search_term.field = ANY (string_to_array(look.fields, ','))
        ORDER BY search_term.term LIMIT $6
    ) AS first_few
) AS found

-- name: by_number_between
-- fills: people.search.ranking.Candidate
-- A piece of a number that begins between two of the ends that are kept: found by its rest, and held against the whole number.
SELECT 'person' AS subject, ended.subject_id, 'phone' AS field, false AS exact, true AS inside,
       row_number() OVER (ORDER BY ended.term)::int AS order
FROM unnest($2::text[], $3::text[], $4::text[]) AS look (starts, past, digits)
CROSS JOIN LATERAL (
    SELECT search_term.subject_id, search_term.term FROM search_term
    WHERE search_term.community_id = $1 AND search_term.inside
      AND search_term.term >= look.starts COLLATE "C" AND search_term.term < look.past COLLATE "C"
      AND search_term.subject = 'person' AND search_term.field = 'phone'
    ORDER BY search_term.term LIMIT 2000
) AS ended
WHERE (
    SELECT bool_or(position(look.digits || substr(ended.term, length(look.digits)) IN contact_point.address) > 0) FROM contact_point
    WHERE contact_point.community_id = $1 AND contact_point.person_id = ended.subject_id)
ORDER BY ended.term
LIMIT $5

-- name: by_terms_within
-- fills: people.search.ranking.Candidate
-- People called so who live within these places. $2, $3 ranges of terms, $4 places.
SELECT 'person' AS subject, lives.subject_id, min(lives.field) AS field, bool_or(lives.exact) AS exact, false AS inside,
       row_number() OVER (ORDER BY min(lives.term), lives.subject_id)::int AS order
FROM (
    SELECT called.subject_id, called.field, called.term, called.term = look.starts AS exact
    FROM unnest($2::text[], $3::text[]) AS look (starts, past)
    CROSS JOIN unnest('{false,true}'::boolean[]) AS where_in (inside)
    CROSS JOIN LATERAL (
        SELECT search_term.subject_id, search_term.field, search_term.term FROM search_term
        WHERE search_term.community_id = $1 AND search_term.inside = where_in.inside
          AND search_term.term >= look.starts COLLATE "C" AND search_term.term < look.past COLLATE "C"
          AND search_term.subject = 'person' AND search_term.field IN ('name', 'pinyin')
        ORDER BY search_term.term LIMIT 3000
    ) AS called
    WHERE (
        SELECT true FROM residence
        JOIN place_within ON place_within.community_id = $1 AND place_within.place_id = residence.home_id
            AND place_within.ancestor_id = ANY ($4::bigint[])
        WHERE residence.community_id = $1 AND residence.person_id = called.subject_id
        LIMIT 1)
) AS lives
GROUP BY lives.subject_id
ORDER BY min(lives.term), lives.subject_id
LIMIT $5

-- name: household
-- Who lives in these homes at this date of the community. $3 story time.
SELECT person.id
FROM residence
JOIN community ON community.id = $1
JOIN person ON person.community_id = $1 AND person.id = residence.person_id AND person.merged_into IS NULL
WHERE residence.community_id = $1 AND residence.home_id = ANY ($2::bigint[])
  AND coalesce(residence.since <= ($3::timestamptz AT TIME ZONE community.zone)::date, true)
  AND coalesce(residence.until > ($3::timestamptz AT TIME ZONE community.zone)::date, true)
ORDER BY array_position('{owner,tenant,family}'::text[], residence.role), person.sort_key, person.id
LIMIT $4

-- name: people_found
-- fills: people.search.box.FoundPerson
-- What is shown of people: where they live at this date, in which teams they work, the number that fits or is tried first. $3 story time.
SELECT person.id, person.kind, person.name, person.language, person.preferred_means,
       coalesce(lives.homes, '[]') AS homes, coalesce(works.teams, '[]') AS teams,
       EXISTS (SELECT FROM residence WHERE residence.community_id = $1 AND residence.person_id = person.id) AS lived_here,
       phone.address, phone.quality,
       ARRAY(SELECT vehicle.plate FROM vehicle WHERE vehicle.community_id = $1 AND vehicle.person_id = person.id ORDER BY vehicle.plate)
           AS plates
FROM person
JOIN community ON community.id = $1
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('id', home.id::text, 'code', home.code, 'names', home.names, 'role', residence.role)
                     ORDER BY home.code) AS homes
    FROM residence
    JOIN place AS home ON home.community_id = $1 AND home.id = residence.home_id
    WHERE residence.community_id = $1 AND residence.person_id = person.id
      AND coalesce(residence.since <= ($3::timestamptz AT TIME ZONE community.zone)::date, true)
      AND coalesce(residence.until > ($3::timestamptz AT TIME ZONE community.zone)::date, true)
) AS lives ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(DISTINCT department.names) AS teams
    FROM shift
    JOIN department ON department.community_id = $1 AND department.id = shift.department_id
    WHERE shift.community_id = $1 AND shift.person_id = person.id AND shift.ends_at > $3::timestamptz
) AS works ON person.kind = 'staff'
LEFT JOIN LATERAL (
    SELECT contact_point.address, contact_point.quality
    FROM contact_point
    WHERE contact_point.community_id = $1 AND contact_point.person_id = person.id AND contact_point.kind IN ('mobile', 'landline')
    ORDER BY $4::text <> '' AND position($4 IN contact_point.address) > 0 DESC, contact_point.quality = 'wrong', contact_point.rank,
             contact_point.id
    LIMIT 1
) AS phone ON true
WHERE person.community_id = $1 AND person.id = ANY ($2::bigint[])

-- name: departments_found
-- fills: people.search.box.FoundName
-- Teams by id.
SELECT id, names, NULL::text AS number FROM department WHERE community_id = $1 AND id = ANY ($2::bigint[])

-- name: outside_numbers_found
-- fills: people.search.box.FoundName
-- Numbers outside the company, by id.
SELECT id, names, number FROM outside_number WHERE community_id = $1 AND id = ANY ($2::bigint[])

-- name: people_after
-- A page of people who are still themselves.
SELECT id FROM person WHERE community_id = $1 AND id > $2 AND merged_into IS NULL ORDER BY id LIMIT $3

-- name: places_after
-- A page of places.
SELECT id FROM place WHERE community_id = $1 AND id > $2 ORDER BY id LIMIT $3

-- name: names_of_people
-- fills: people.search.rebuild.Person
-- What their order is made of.
SELECT id, name FROM person WHERE community_id = $1 AND id = ANY ($2::bigint[])

-- name: set_sort_keys
-- The order of names.
UPDATE person SET sort_key = made.sort_key
FROM unnest($2::bigint[], $3::text[]) AS made (id, sort_key)
WHERE person.community_id = $1 AND person.id = made.id AND person.sort_key IS DISTINCT FROM made.sort_key

-- name: names_of_departments
-- fills: people.search.rebuild.Named
-- Every team.
SELECT id, names, '' AS number FROM department WHERE community_id = $1 ORDER BY id FOR NO KEY UPDATE

-- name: names_of_outside_numbers
-- fills: people.search.rebuild.Named
-- Every number outside the company.
SELECT id, names, number FROM outside_number WHERE community_id = $1 ORDER BY id FOR NO KEY UPDATE
