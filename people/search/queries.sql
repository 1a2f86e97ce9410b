-- name: insert_terms
-- Many terms at once, each once, in the order of the index, which is twice as fast as in any other.
INSERT INTO search_term (community_id, inside, term, subject, subject_id, field)
SELECT $1, given.inside, given.term, $2, given.subject_id, given.field
FROM unnest($3::bigint[], $4::boolean[], $5::text[], $6::text[]) AS given (subject_id, inside, term, field)
ORDER BY given.inside, given.term COLLATE "C"

-- name: delete_terms
-- What these were found by until now.
DELETE FROM search_term WHERE community_id = $1 AND subject = $2 AND subject_id = ANY ($3::bigint[])

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
