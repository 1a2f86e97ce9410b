-- name: said_so_far
-- fills: incidents.answers.answers.Said
-- What everybody last said to these alerts, by name; whoever answers now ($3 alert, $4 person, pair by pair) is among them, having said nothing
-- or something. What follows in the transaction is planned to find rows by their keys: such a plan is kept, and one that was made while a
-- table was nearly empty would read all of it for each answer when a hundred thousand have been told.
WITH plan AS MATERIALIZED (
    SELECT set_config('enable_seqscan', 'off', true) AS made
), latest AS (
    SELECT DISTINCT ON (alert_key, person_id) alert_key, person_id, kind, at, promised_at
    FROM answer WHERE community_id = $1 AND incident_id = $2 AND alert_key = ANY ($3::text[])
    ORDER BY alert_key, person_id, id DESC
), who AS (
    SELECT alert_key, person_id FROM latest
    UNION SELECT asked.alert_key, asked.person_id FROM unnest($3::text[], $4::bigint[]) AS asked (alert_key, person_id)
)
SELECT who.alert_key, p.id AS person_id, p.name, latest.kind, latest.at, latest.promised_at
FROM who
JOIN person AS p ON p.community_id = $1 AND p.id = who.person_id
LEFT JOIN latest ON latest.alert_key = who.alert_key AND latest.person_id = who.person_id
WHERE (SELECT made FROM plan) IS NOT NULL
ORDER BY p.name;

-- name: insert_answers
-- fills: incidents.answers.answers.Named
-- Answers to one incident, each with the number of its event; and every message of these ladders that was sent to these persons and does not
-- count them as knowing yet, pair by pair.
WITH given AS (
    SELECT * FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::text[],
                         $11::text[], $12::text[], $13::int[])
        AS g (alert_key, rung, message_id, person_id, kind, promised_at, at, evidence, means, written_by, event_no)
), written AS (
    INSERT INTO answer (community_id, incident_id, alert_key, rung, message_id, person_id, kind, promised_at, at, evidence, means,
                        written_by, event_no)
    SELECT $1, $2, given.* FROM given
)
SELECT DISTINCT a.message_id, given.person_id
FROM given
JOIN alert AS a ON a.community_id = $1 AND a.incident_id = $2 AND a.alert_key = given.alert_key
CROSS JOIN LATERAL (
    SELECT FROM audience_member AS m
    WHERE m.community_id = $1 AND m.person_id = given.person_id AND m.message_id = a.message_id AND m.reach <> 'confirmed' OFFSET 0
) AS unknowing;

-- name: lock_alerted
-- fills: incidents.answers.answers.AlertedIncident
-- The incident that a message alerted somebody to, locked as `lock_incident` does; with what each of these settled deliveries ($3) asked, and
-- whom (the first, where a number is shared). Settled ones, as nearly all are when somebody answers: of the table of those that are under way the
-- planner often knows nothing but that it was empty once, and reads it from end to end while thousands are.
SELECT i.id, i.number, i.code, i.kind, i.severity, i.status, i.drill, i.place_id, i.facts, i.parent_id, i.parent_step, i.head_no,
       i.head_hash, i.head_at, i.declared_at, i.relieved_at, i.closed_at, i.next_news_by,
       a.message_id, d.no AS delivery_no, a.alert_key, a.rung, d.person_id, g.expires_at
FROM alert AS a
JOIN message AS g ON g.community_id = $1 AND g.id = a.message_id
JOIN delivery_settled AS d ON d.community_id = $1 AND d.message_id = a.message_id AND d.no = ANY ($3::bigint[])
JOIN incident AS i ON i.community_id = $1 AND i.id = a.incident_id
WHERE a.community_id = $1 AND a.message_id = $2 FOR UPDATE OF i;

-- name: alerts_of_deliveries
-- fills: incidents.answers.answers.AlertFor
-- Which alerts these deliveries of a message ($3) were, and whom each was for (the first, where a number is shared).
SELECT a.incident_id, a.message_id, d.no AS delivery_no, a.alert_key, a.rung, d.person_id, g.expires_at
FROM alert AS a
JOIN message AS g ON g.community_id = $1 AND g.id = a.message_id
JOIN delivery_all AS d ON d.community_id = $1 AND d.message_id = a.message_id AND d.no = ANY ($3::bigint[])
WHERE a.community_id = $1 AND a.message_id = $2;

-- name: alert_of_person
-- fills: incidents.answers.answers.AlertFor
-- The newest alert of this incident that this person was sent.
SELECT a.incident_id, a.message_id, NULL::bigint AS delivery_no, a.alert_key, a.rung, m.person_id, g.expires_at
FROM alert a
JOIN message g ON g.community_id = a.community_id AND g.id = a.message_id
JOIN audience_member m ON m.community_id = a.community_id AND m.message_id = a.message_id
WHERE a.community_id = $1 AND a.incident_id = $2 AND m.person_id = $3
ORDER BY a.message_id DESC LIMIT 1;

-- name: insert_responses
-- History is kept, the last one counts. $9 story time.
INSERT INTO response (community_id, incident_id, message_id, member_no, person_id, home_id, kind, words, at)
SELECT $1, $2, said.message_id, said.member_no, said.person_id, said.home_id, said.kind, said.words, $9
FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[])
     WITH ORDINALITY AS said (message_id, member_no, person_id, home_id, kind, words, place)
ORDER BY said.place;

-- name: members_of_deliveries
-- fills: incidents.answers.responses.Respondent
-- Who stands behind these links ($3) of a message to residents: one address may be several people's. Of an incident that became part of
-- another: the other.
SELECT m.delivery_no, coalesce(other.id, i.id) AS incident_id, coalesce(other.number, i.number) AS incident_number,
       coalesce(other.status, i.status) AS incident_status,
       CASE WHEN other.id IS NULL THEN i.closed_at ELSE other.closed_at END AS incident_closed_at,
       m.message_id, m.member_no, m.person_id, m.home_id, g.drill, g.expires_at
FROM message AS g
JOIN incident AS i ON i.community_id = $1 AND i.id = g.subject
LEFT JOIN incident AS other ON other.community_id = $1 AND other.id = i.merged_into
CROSS JOIN unnest($3::bigint[]) AS asked (no)
CROSS JOIN LATERAL (
    SELECT a.delivery_no, a.message_id, a.member_no, a.person_id, a.home_id FROM audience_member AS a
    WHERE a.community_id = $1 AND a.message_id = $2 AND a.delivery_no = asked.no OFFSET 0
) AS m
WHERE g.community_id = $1 AND g.id = $2 AND g.audience = 'residents'
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

-- name: open_calls_for_help
-- Of these cries (each as its task says it), by their place from 1, those for which somebody is called already. A cry that is proven is
-- answered by no task for one that is not.
SELECT cry.place
FROM unnest($3::jsonb[]) WITH ORDINALITY AS cry (does, place)
WHERE EXISTS (
    SELECT FROM task AS t
    WHERE t.community_id = $1 AND t.incident_id = $2 AND t.key ^@ 'help#' AND t.done_at IS NULL AND t.cancelled_at IS NULL
      AND t.does ->> 'help' = cry.does ->> 'help' AND t.does -> 'homes' = cry.does -> 'homes'
      AND t.does ->> 'said_home' IS NOT DISTINCT FROM cry.does ->> 'said_home'
      AND (cry.does ? 'unverified' OR NOT t.does ? 'unverified'));

-- name: insert_help_tasks
-- A task at the desk for each cry, under the number of its event. $5 story time.
INSERT INTO task (community_id, incident_id, key, role, does, opened_at)
SELECT $1, $2, cry.key, 'front_desk', cry.does, $5 FROM unnest($3::text[], $4::jsonb[]) AS cry (key, does);

-- name: open_cries_without_a_home
-- How many tasks wait for cries whose home nobody understood.
SELECT count(*) FROM task
WHERE community_id = $1 AND incident_id = $2 AND key ^@ 'help#' AND done_at IS NULL AND cancelled_at IS NULL AND does ? 'said_home';

-- name: insert_self_report
-- What somebody says of a home without proof; history is kept, the last one is shown.
INSERT INTO self_report (community_id, incident_id, home_id, kind, said_home, words, at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: untallied_self_reports
-- fills: incidents.answers.tallies.Untallied
-- What the next tally of answers without proof counts, incident by incident.
SELECT id, incident_id, home_id, NULL::bigint AS person_id, kind FROM self_report
WHERE community_id = $1 AND tallied_no IS NULL ORDER BY incident_id, id LIMIT $2;

-- name: mark_self_reports_tallied
-- 0 rows when another process counted them first.
UPDATE self_report SET tallied_no = $3 WHERE community_id = $1 AND id = ANY ($2::bigint[]) AND tallied_no IS NULL;

-- name: self_report_totals
-- fills: incidents.answers.tallies.Total
-- Each home counts once, by what was said of it last; homes that were not understood are one.
SELECT latest.kind, count(*) AS homes
FROM (SELECT DISTINCT ON (home_id) kind FROM self_report WHERE community_id = $1 AND incident_id = $2 ORDER BY home_id, id DESC) latest
GROUP BY latest.kind;

-- name: home_is_at_the_place
-- Whether a home ($3) lies within the place of an incident ($2), or is served by it.
SELECT EXISTS (SELECT FROM place_within AS w WHERE w.community_id = $1 AND w.ancestor_id = $2 AND w.place_id = $3)
    OR EXISTS (SELECT FROM serves AS s
               JOIN place_within AS w ON w.community_id = $1 AND w.ancestor_id = s.place_id AND w.place_id = $3
               WHERE s.community_id = $1 AND s.facility_id = $2);

-- name: people_of_home
-- Whom one may ring up about a home ($3 today).
SELECT r.person_id FROM residence AS r
WHERE r.community_id = $1 AND r.home_id = $2 AND (r.until IS NULL OR r.until > $3) ORDER BY r.role, r.person_id;

-- name: people_by_end_of_number
-- Who lives in a home ($4 today) under a number of their own that ends in $3; one that belongs to somebody else by now proves nothing.
SELECT DISTINCT r.person_id FROM residence AS r
JOIN contact_point AS c ON c.community_id = $1 AND c.person_id = r.person_id
WHERE r.community_id = $1 AND r.home_id = $2 AND (r.until IS NULL OR r.until > $4)
  AND c.kind IN ('mobile', 'landline') AND c.proxy_name IS NULL AND c.quality <> 'wrong' AND right(c.address, 4) = $3
ORDER BY r.person_id;

-- name: take_guess
-- Counts one more ($3 now) within the hour that began after $4, else a new hour's first; the row is held until the transaction ends.
INSERT INTO proof_guess (community_id, bucket, since, guesses) VALUES ($1, $2, $3, 1)
ON CONFLICT (community_id, bucket) DO UPDATE
SET guesses = CASE WHEN proof_guess.since <= $4 THEN 1 ELSE proof_guess.guesses + 1 END,
    since = CASE WHEN proof_guess.since <= $4 THEN $3 ELSE proof_guess.since END
RETURNING guesses;

-- name: give_guess_back
-- It was right, so it was no guess.
UPDATE proof_guess SET guesses = guesses - 1 WHERE community_id = $1 AND bucket = $2;

-- name: guesses_lately
-- How many there were since $3.
SELECT coalesce((SELECT guesses FROM proof_guess WHERE community_id = $1 AND bucket = $2 AND since > $3), 0);

-- name: forget_guesses
-- What is older than the hour; rows that somebody else counts in at this moment are left.
DELETE FROM proof_guess
WHERE community_id = $1 AND bucket = ANY (ARRAY(
    SELECT bucket FROM proof_guess WHERE community_id = $1 AND since <= $2 LIMIT 1000 FOR UPDATE SKIP LOCKED));
