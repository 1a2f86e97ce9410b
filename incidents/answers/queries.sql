-- name: last_answer
-- fills: incidents.answers.answers.LastAnswer
-- Saying the same again changes nothing.
SELECT kind, at, promised_at FROM answer
WHERE community_id = $1 AND incident_id = $2 AND alert_key = $3 AND person_id = $4
ORDER BY id DESC LIMIT 1;

-- name: holders
-- Names of the others who have said that they have it, and not taken it back.
SELECT p.name
FROM (
    SELECT DISTINCT ON (person_id) person_id, kind
    FROM answer WHERE community_id = $1 AND incident_id = $2 AND alert_key = $3 AND person_id <> $4
    ORDER BY person_id, id DESC) latest
JOIN person p ON p.community_id = $1 AND p.id = latest.person_id
WHERE latest.kind NOT IN ('cannot', 'withdrawn')
ORDER BY p.name;

-- name: insert_answer
-- One answer, with the number of its event.
INSERT INTO answer (community_id, incident_id, alert_key, rung, message_id, person_id, kind, promised_at, at, evidence, means,
                    written_by, event_no)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: messages_to
-- Every message of this ladder that was sent to this person.
SELECT DISTINCT a.message_id
FROM alert a
JOIN audience_member m ON m.community_id = a.community_id AND m.message_id = a.message_id AND m.person_id = $4
WHERE a.community_id = $1 AND a.incident_id = $2 AND a.alert_key = $3;

-- name: alert_of_delivery
-- fills: incidents.answers.answers.AlertFor
-- Which alert a delivery was, and whom it was for (the first, where a number is shared).
SELECT a.incident_id, a.message_id, a.alert_key, a.rung, d.person_id, g.expires_at
FROM alert a
JOIN message g ON g.community_id = a.community_id AND g.id = a.message_id
JOIN delivery_all d ON d.community_id = a.community_id AND d.message_id = a.message_id AND d.no = $3
WHERE a.community_id = $1 AND a.message_id = $2;

-- name: alert_of_person
-- fills: incidents.answers.answers.AlertFor
-- The newest alert of this incident that this person was sent.
SELECT a.incident_id, a.message_id, a.alert_key, a.rung, m.person_id, g.expires_at
FROM alert a
JOIN message g ON g.community_id = a.community_id AND g.id = a.message_id
JOIN audience_member m ON m.community_id = a.community_id AND m.message_id = a.message_id
WHERE a.community_id = $1 AND a.incident_id = $2 AND m.person_id = $3
ORDER BY a.message_id DESC LIMIT 1;

-- name: insert_response
-- History is kept, the last one counts.
INSERT INTO response (community_id, incident_id, message_id, member_no, person_id, home_id, kind, words, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id;

-- name: members_of_delivery
-- fills: incidents.answers.responses.Respondent
-- Who stands behind a resident's link: one address may be several people's.
SELECT g.subject AS incident_id, m.message_id, m.member_no, m.person_id, m.home_id, g.drill, g.expires_at
FROM message g
JOIN audience_member m ON m.community_id = g.community_id AND m.message_id = g.id AND m.delivery_no = $3
WHERE g.community_id = $1 AND g.id = $2 AND g.subject IS NOT NULL AND g.audience = 'residents'
ORDER BY m.member_no;

-- name: untallied
-- fills: incidents.answers.tallies.Untallied
-- What the next tally counts, incident by incident.
SELECT id, incident_id, home_id, person_id, kind FROM response
WHERE community_id = $1 AND tallied_no IS NULL ORDER BY incident_id, id LIMIT $2;

-- name: mark_tallied
-- 0 rows when another process counted them first.
UPDATE response SET tallied_no = $3 WHERE community_id = $1 AND id = ANY ($2::bigint[]) AND tallied_no IS NULL;

-- name: response_totals
-- fills: incidents.answers.tallies.Total
-- Each home counts once, by what it said last.
SELECT latest.kind, count(*) AS homes
FROM (
    SELECT DISTINCT ON (coalesce(home_id, -person_id)) kind
    FROM response WHERE community_id = $1 AND incident_id = $2
    ORDER BY coalesce(home_id, -person_id), id DESC) latest
GROUP BY latest.kind;

-- name: last_responses
-- fills: incidents.answers.responses.Given
-- What the people behind this link said last.
SELECT kind, at, words FROM response
WHERE community_id = $1 AND incident_id = $2 AND person_id = ANY ($3::bigint[])
ORDER BY id DESC LIMIT 1;
