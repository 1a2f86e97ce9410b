-- name: lock_incident
-- fills: incidents.conductor.case.IncidentRow
-- Always first: whoever changes an incident holds this row, so that its events have one order.
SELECT id, number, code, kind, severity, status, drill, place_id, facts, parent_id, parent_step, head_no, head_hash, head_at,
       declared_at, relieved_at, closed_at, next_news_by
FROM incident WHERE community_id = $1 AND id = $2 FOR UPDATE;

-- name: lock_free_incidents
-- fills: incidents.conductor.case.IncidentRow
-- Several at once, but for those that somebody else holds: who waits for one while holding another could wait for ever.
SELECT id, number, code, kind, severity, status, drill, place_id, facts, parent_id, parent_step, head_no, head_hash, head_at,
       declared_at, relieved_at, closed_at, next_news_by
FROM incident WHERE community_id = $1 AND id = ANY ($2::bigint[]) ORDER BY id FOR UPDATE SKIP LOCKED;

-- name: read_runs
-- fills: incidents.conductor.case.RunRow
-- The states that the next events are folded into, when they are to be woken, and the hash of their playbooks; with the community's and the
-- place's row as they stand, by which a process knows that it has read them. Read under the incidents' locks, in a statement of its own: the one
-- that waited for a lock saw what was before.
SELECT r.incident_id, r.playbook_version_id, v.sha256, r.state, t.due_at AS wake_at, c.xmin::text || c.ctid::text AS community_row, p.place_row
FROM unnest($2::bigint[]) AS asked (incident_id)
-- LIMIT keeps look-ups by key: joined, it was planned to read all incidents, and for each of these all timers of the community.
CROSS JOIN LATERAL (
    SELECT q.incident_id, q.playbook_version_id, q.state FROM run AS q
    WHERE q.community_id = $1 AND q.incident_id = asked.incident_id LIMIT 1) AS r
CROSS JOIN LATERAL (
    SELECT q.sha256 FROM playbook_version AS q WHERE q.community_id = $1 AND q.id = r.playbook_version_id LIMIT 1) AS v
CROSS JOIN LATERAL (SELECT q.place_id FROM incident AS q WHERE q.community_id = $1 AND q.id = r.incident_id LIMIT 1) AS i
CROSS JOIN LATERAL (
    SELECT q.xmin::text || q.ctid::text AS place_row FROM place AS q WHERE q.community_id = $1 AND q.id = i.place_id LIMIT 1) AS p
JOIN community AS c ON c.id = $1
LEFT JOIN LATERAL (
    SELECT q.due_at FROM timer AS q WHERE q.community_id = $1 AND q.incident_id = r.incident_id AND q.key = 'run' LIMIT 1) AS t ON true;

-- name: insert_incident
-- A new incident, before its first event; its number is the next of the community.
INSERT INTO incident (community_id, number, code, kind, severity, status, drill, place_id, facts, parent_id, parent_step,
                      head_no, head_hash, head_at, declared_at)
VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, 0, $11, $12, $12)
RETURNING id;

-- name: lock_numbers
-- Numbers are handed out one at a time within a community, until commit.
SELECT pg_advisory_xact_lock($1);

-- name: next_number
-- The next number of the community, under lock_numbers.
SELECT coalesce(max(number), 0) + 1 FROM incident WHERE community_id = $1;

-- name: codes_in_use
-- Short codes are unique among the open incidents of a company.
SELECT code FROM incident_code WHERE company_id = $1;

-- name: take_code
-- Nothing comes back when somebody else took the code in this instant.
INSERT INTO incident_code (company_id, code, community_id, incident_id) VALUES ($1, $2, $3, 0)
ON CONFLICT (company_id, code) DO NOTHING RETURNING code;

-- name: name_code
-- The code was taken before the incident had an id.
UPDATE incident_code SET incident_id = $3 WHERE company_id = $1 AND code = $2;

-- name: give_back_code
-- The incident is over: its code may stand for another.
DELETE FROM incident_code WHERE company_id = $1 AND code = $2;

-- name: save_cases
-- All that can change of each incident's row, with the new end of its chain, the run's state after the last event folded, and where that moved
-- ($17 of $2), when the run is to be woken: at $18, or not at all.
WITH saved AS (
    SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[], $7::int[], $8::bytea[], $9::timestamptz[],
                         $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::bigint[], $14::jsonb[])
        AS s (id, severity, status, place_id, facts, head_no, head_hash, head_at, relieved_at, closed_at, next_news_by, version_id, state)
), changed AS (
    UPDATE incident AS i
    SET severity = s.severity, status = s.status, place_id = s.place_id, facts = s.facts, head_no = s.head_no, head_hash = s.head_hash,
        head_at = s.head_at, relieved_at = s.relieved_at, closed_at = s.closed_at, next_news_by = s.next_news_by
    FROM saved AS s
    WHERE i.community_id = $1 AND i.id = s.id
), woken AS (
    SELECT * FROM unnest($17::bigint[], $18::timestamptz[]) AS w (incident_id, due_at)
), never AS (
    DELETE FROM timer WHERE community_id = $1 AND key = 'run' AND incident_id = ANY (ARRAY(SELECT incident_id FROM woken WHERE due_at IS NULL))
), timed AS (
    INSERT INTO timer (community_id, incident_id, key, due_at)
    SELECT $1, incident_id, 'run', due_at FROM woken WHERE due_at IS NOT NULL
    ON CONFLICT (community_id, incident_id, key) DO UPDATE SET due_at = excluded.due_at
)
INSERT INTO run (community_id, incident_id, playbook_version_id, state, folded_no, state_version, engine_version)
SELECT $1, s.id, s.version_id, s.state, s.head_no, $15, $16 FROM saved AS s
ON CONFLICT (community_id, incident_id)
DO UPDATE SET state = excluded.state, folded_no = excluded.folded_no, state_version = excluded.state_version,
              engine_version = excluded.engine_version;

-- name: set_timers
-- One row a key of an incident: set again, it moves.
INSERT INTO timer (community_id, incident_id, key, due_at)
SELECT $1, t.incident_id, $3, t.due_at FROM unnest($2::bigint[], $4::timestamptz[]) AS t (incident_id, due_at)
ON CONFLICT (community_id, incident_id, key) DO UPDATE SET due_at = excluded.due_at;

-- name: drop_timer
-- Nothing is waited for any more.
DELETE FROM timer WHERE community_id = $1 AND incident_id = ANY ($2::bigint[]) AND key = $3;

-- name: drop_timers
-- The incident is over.
DELETE FROM timer WHERE community_id = $1 AND incident_id = $2 AND key <> ALL ($3::text[])
  AND key NOT LIKE 'morning:%' AND key NOT LIKE 'request:%';

-- name: due_incidents
-- Incidents with a timer due, the longest overdue first; each is then taken in a transaction of its own.
SELECT incident_id FROM timer WHERE community_id = $1 AND due_at <= $2
GROUP BY incident_id ORDER BY min(due_at), incident_id LIMIT $3;

-- name: fire_timers
-- fills: incidents.conductor.timers.Fired
-- Firing is deleting, in the transaction that folds: no timer fires twice.
DELETE FROM timer WHERE community_id = $1 AND incident_id = ANY ($2::bigint[]) AND due_at <= $3 RETURNING incident_id, key, due_at;

-- name: next_timer_due
-- When to look again.
SELECT min(due_at) FROM timer WHERE community_id = $1;

-- name: insert_alerts
-- Which rung of which ladder each message stands for; watched unless it reaches nobody from the start.
INSERT INTO alert (community_id, message_id, incident_id, alert_key, rung, posted_at, watched)
SELECT $1, a.message_id, a.incident_id, a.alert_key, a.rung, $6, a.watched
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::int[], $7::boolean[]) AS a (message_id, incident_id, alert_key, rung, watched)
ON CONFLICT (community_id, message_id) DO NOTHING;

-- name: alerted_persons
-- Everybody whom this ladder has alerted so far.
SELECT DISTINCT m.person_id
FROM alert a
JOIN audience_member m ON m.community_id = a.community_id AND m.message_id = a.message_id AND m.reach <> 'excluded'
WHERE a.community_id = $1 AND a.incident_id = $2 AND a.alert_key = $3;

-- name: all_alerted_persons
-- Everybody whom any ladder of this incident has alerted.
SELECT DISTINCT m.person_id
FROM alert a
JOIN audience_member m ON m.community_id = a.community_id AND m.message_id = a.message_id AND m.reach <> 'excluded'
WHERE a.community_id = $1 AND a.incident_id = $2;

-- name: left_of_rung
-- How many of a rung were alerted, can be reached, and have not declined.
SELECT count(DISTINCT m.person_id)
FROM alert a
JOIN audience_member m ON m.community_id = a.community_id AND m.message_id = a.message_id
    AND m.reach NOT IN ('excluded', 'unreachable')
WHERE a.community_id = $1 AND a.incident_id = $2 AND a.alert_key = $3 AND a.rung = $4 AND m.person_id <> $5
  AND NOT EXISTS (
      SELECT 1 FROM answer w
      WHERE w.community_id = a.community_id AND w.incident_id = a.incident_id AND w.alert_key = a.alert_key
        AND w.person_id = m.person_id AND w.kind = 'cannot');

-- name: watched_alerts
-- fills: incidents.conductor.outcomes.WatchedAlert
-- Alerts whose ways have all failed, but for those of some incidents.
SELECT a.incident_id, a.message_id, a.alert_key, a.rung
FROM alert a
JOIN message m ON m.community_id = a.community_id AND m.id = a.message_id
WHERE a.community_id = $1 AND a.watched AND m.size > 0 AND m.unreachable = m.size AND a.incident_id <> ALL ($2::bigint[])
ORDER BY a.message_id LIMIT $3;

-- name: unwatch
-- The outcomes are on the timeline, or no longer matter; those that no other process noted first.
UPDATE alert SET watched = false WHERE community_id = $1 AND message_id = ANY ($2::bigint[]) AND watched RETURNING message_id;

-- name: insert_tasks
-- The same effect twice is one task. $6: story time at which they are opened.
INSERT INTO task (community_id, incident_id, key, role, does, opened_at, due_at)
SELECT $1, t.incident_id, t.key, t.role, t.does, $6, t.due_at
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::jsonb[], $7::timestamptz[]) AS t (incident_id, key, role, does, due_at)
ON CONFLICT (community_id, incident_id, key) DO NOTHING;

-- name: cancel_task
-- A task and, for a task per place, all of its parts.
UPDATE task SET cancelled_at = $4
WHERE community_id = $1 AND incident_id = $2 AND (key = $3 OR starts_with(key, $3 || '/')) AND done_at IS NULL
  AND cancelled_at IS NULL;

-- name: cancel_tasks
-- The incident is over: nothing of it is left to do.
UPDATE task SET cancelled_at = $3
WHERE community_id = $1 AND incident_id = $2 AND done_at IS NULL AND cancelled_at IS NULL;

-- name: told_by_steps
-- fills: incidents.conductor.audiences.ToldByStep
-- Of each incident ($2) the messages that told residents, of the step beside it ($3) or of "all", corrections and updates among them, and
-- those of incidents that became part of it.
SELECT asked.incident_id, asked.step, told.id
FROM unnest($2::bigint[], $3::text[]) AS asked (incident_id, step)
CROSS JOIN LATERAL (
    SELECT m.id, m.effect_key FROM message AS m
    WHERE m.community_id = $1 AND m.kind = 'broadcast'
      AND m.subject = ANY (ARRAY(SELECT asked.incident_id UNION ALL
                                 SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = asked.incident_id))
    OFFSET 0) AS told
WHERE asked.step = 'all' OR split_part(told.effect_key, '#', 1) = asked.step
ORDER BY told.id;

-- name: corrected_away
-- fills: incidents.conductor.audiences.OfIncident
-- Of these incidents, persons whose newest word from it was that it does not concern their home.
SELECT asked.incident_id, away.person_id AS id
FROM unnest($2::bigint[]) AS asked (incident_id)
CROSS JOIN LATERAL (
    WITH spoken AS (
        SELECT g.id, starts_with(g.effect_key, 'moved#') AS away FROM message AS g
        WHERE g.community_id = $1 AND g.kind = 'broadcast'
          AND g.subject = ANY (ARRAY(SELECT asked.incident_id UNION ALL
                                     SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = asked.incident_id))
    ), latest AS (
        SELECT DISTINCT ON (m.person_id) m.person_id, s.away
        FROM spoken AS s
        JOIN audience_member AS m ON m.community_id = $1 AND m.message_id = s.id
            AND m.reach IN ('confirmed', 'handed_over', 'trying', 'unknown')
        WHERE EXISTS (SELECT FROM spoken AS any_ WHERE any_.away)
        ORDER BY m.person_id, s.id DESC
    )
    SELECT person_id FROM latest WHERE latest.away) AS away;

-- name: reporting_homes
-- fills: incidents.conductor.audiences.OfIncident
-- Homes that have phoned in about these incidents.
SELECT DISTINCT incident_id, home_id AS id FROM report
WHERE community_id = $1 AND incident_id = ANY ($2::bigint[]) AND home_id IS NOT NULL;

-- name: open_at
-- An open incident of this kind at this very place.
SELECT id FROM incident
WHERE community_id = $1 AND kind = $2 AND place_id = $3 AND drill = $4 AND status IN ('open', 'relieved')
ORDER BY id LIMIT 1;

-- name: unsent_messages
-- Everything of this incident that may still have something queued.
SELECT id FROM message WHERE community_id = $1 AND subject = $2 AND stopped_at IS NULL AND kind <> 'notice';

-- name: messages_not_sealed
-- What residents were to be told about these incidents ($2) and could not be yet, because it could not be worked out whom it is for.
SELECT id FROM message
WHERE community_id = $1 AND subject = ANY ($2::bigint[]) AND kind = 'broadcast' AND to_seal IS NOT NULL AND seal_failures > 0 AND stopped_at IS NULL;

-- name: texts_of_message
-- fills: incidents.conductor.broadcasts.HeldText
-- A held message's words, to be sent as they stand.
SELECT language, key, variables, text, subject FROM message_text WHERE community_id = $1 AND message_id = $2;

-- name: lapse_request
-- Nobody decided in time: nothing is sent. 0 rows when somebody did.
UPDATE broadcast_request SET state = 'expired', decided_at = $3 WHERE community_id = $1 AND id = $2 AND state = 'waiting';

-- name: expect_signature
-- Declared without a name.
INSERT INTO declaration_signature (community_id, incident_id, device_id, device, due_at) VALUES ($1, $2, $3, $4, $5);

-- name: lapse_signature
-- fills: incidents.conductor.signatures.Lapsed
-- Nobody signed in time; no row where somebody did.
UPDATE declaration_signature SET lapsed_at = $3
WHERE community_id = $1 AND incident_id = $2 AND signed_at IS NULL AND lapsed_at IS NULL RETURNING device_id, device;

-- name: plan_follow_ups
-- One call for each caller of this incident that can be called, and for each of the instants of $3.
INSERT INTO follow_up (community_id, incident_id, report_no, round, due_at)
SELECT $1, $2, caller.no, wanted.round::smallint, wanted.due_at
FROM (
    SELECT DISTINCT ON (coalesce(r.caller_person_id::text, r.caller_phone)) r.no
    FROM report AS r
    WHERE r.community_id = $1 AND r.incident_id = $2 AND r.caller_phone <> ''
    ORDER BY coalesce(r.caller_person_id::text, r.caller_phone), r.no
) AS caller
CROSS JOIN unnest($3::timestamptz[]) WITH ORDINALITY AS wanted (due_at, round)
ON CONFLICT DO NOTHING;
