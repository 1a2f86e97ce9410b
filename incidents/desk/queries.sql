-- name: insert_report
-- One report, with the number of its event.
INSERT INTO report (community_id, incident_id, no, at, source, caller_person_id, home_id, caller_name, caller_phone, words, wish,
                    call_back_due, complaint_owner, answer_due, home_unsure)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: has_report
-- Whether there is such a report.
SELECT EXISTS (SELECT 1 FROM report WHERE community_id = $1 AND incident_id = $2 AND no = $3::bigint);

-- name: unsure_reports
-- fills: incidents.desk.callers.UnsureReport
-- Reports of which nobody has said yet from which home they came.
SELECT no, at, source, caller_name, caller_phone, words FROM report
WHERE community_id = $1 AND incident_id = $2 AND home_unsure ORDER BY no;

-- name: name_home
-- Somebody said from which home it came ($4), or from none that is known.
UPDATE report SET home_id = $4, caller_person_id = $5, caller_name = $6, home_unsure = false
WHERE community_id = $1 AND incident_id = $2 AND no = $3::bigint;

-- name: earlier_calls
-- fills: incidents.desk.callers.EarlierCall
-- The calls of a number ($2) or a home ($3) since $4, or with an open promise; each once, however it was found.
WITH called AS (
    SELECT incident_id, no, at, call_back_due, called_back_at, unreachable_at FROM report
    WHERE community_id = $1 AND caller_phone = $2
    UNION
    SELECT incident_id, no, at, call_back_due, called_back_at, unreachable_at FROM report
    WHERE community_id = $1 AND home_id = $3
)
SELECT c.incident_id, i.number, c.at, c.call_back_due AS due, c.called_back_at, c.unreachable_at
FROM called AS c
JOIN incident AS i ON i.community_id = $1 AND i.id = c.incident_id
WHERE c.at > $4 OR (c.call_back_due IS NOT NULL AND c.called_back_at IS NULL AND c.unreachable_at IS NULL)
ORDER BY c.at DESC, c.incident_id, c.no DESC;

-- name: call_back_of
-- fills: incidents.desk.call_backs.CallBack
-- The call that was promised to this report's caller; no row where none was.
SELECT call_back_due AS due, call_back_tries AS tries, called_back_at, unreachable_at FROM report
WHERE community_id = $1 AND incident_id = $2 AND no = $3::bigint AND call_back_due IS NOT NULL;

-- name: set_call_back
-- How it stands after a try.
UPDATE report SET call_back_due = $4, call_back_tries = $5, called_back_at = $6, unreachable_at = $7
WHERE community_id = $1 AND incident_id = $2 AND no = $3::bigint;

-- name: complaint_of
-- fills: incidents.desk.complaints.Complaint
-- This report as a complaint; no row where it is none.
SELECT complaint_owner AS owner, answer_due AS due, answered_at, outcome FROM report
WHERE community_id = $1 AND incident_id = $2 AND no = $3::bigint AND complaint_owner IS NOT NULL AND answer_due IS NOT NULL;

-- name: set_complaint_owner
-- Who answers for it from now on.
UPDATE report SET complaint_owner = $4 WHERE community_id = $1 AND incident_id = $2 AND no = $3::bigint;

-- name: end_complaint
-- The caller was answered.
UPDATE report SET answered_at = $4, outcome = $5 WHERE community_id = $1 AND incident_id = $2 AND no = $3::bigint;

-- name: homes_reported
-- Forty calls from one home are one home.
SELECT count(DISTINCT home_id) FROM report WHERE community_id = $1 AND incident_id = $2 AND home_id IS NOT NULL;

-- name: insert_repair
-- One home only: a repair and not an incident.
INSERT INTO repair (community_id, at, kind, place_id, words, caller_name, caller_phone, taken_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id;

-- name: undecided_repairs
-- fills: incidents.desk.repairs_together.UndecidedRepair
-- Of which nobody has said whether they are part of an emergency, with the building of each.
SELECT r.id, r.kind, b.id AS building_id, r.at, r.place_id, p.kind AS place_kind, p.code AS place_code, p.names AS place_names,
       r.words, r.caller_name, r.caller_phone
FROM repair AS r
JOIN LATERAL (SELECT kind, code, names FROM place WHERE community_id = $1 AND id = r.place_id LIMIT 1) AS p ON true
JOIN LATERAL (
    SELECT around.id FROM place_within AS w
    JOIN place AS around ON around.community_id = $1 AND around.id = w.ancestor_id AND around.kind = 'building'
    WHERE w.community_id = $1 AND w.place_id = r.place_id LIMIT 1) AS b ON true
WHERE r.community_id = $1 AND r.decided_at IS NULL AND r.at > $2
ORDER BY r.kind, b.id, r.at, r.id;

-- name: decide_repairs
-- Once, by one person.
UPDATE repair SET decided_at = $3, decided_by = $4 WHERE community_id = $1 AND id = ANY ($2::bigint[]) AND decided_at IS NULL;

-- name: join_repairs
-- They are part of this incident.
UPDATE repair SET incident_id = $3 WHERE community_id = $1 AND id = ANY ($2::bigint[]);

-- name: confirm
-- Who confirmed what, once.
INSERT INTO confirmation (community_id, incident_id, name, by, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (community_id, incident_id, name) DO NOTHING;

-- name: withdraw_confirmation
-- It was not so after all.
DELETE FROM confirmation WHERE community_id = $1 AND incident_id = $2 AND name = $3;

-- name: lock_task
-- fills: incidents.desk.tasks.TaskRow
-- Done once, by one person.
SELECT id, incident_id, key, role, does, done_at, cancelled_at FROM task WHERE community_id = $1 AND id = $2;

-- name: finish_task
-- 0 rows when somebody else was first or it was cancelled.
UPDATE task SET done_at = $3, done_by = $4, result = $5
WHERE community_id = $1 AND id = $2 AND done_at IS NULL AND cancelled_at IS NULL;

-- name: lock_declaring
-- Who declares looks first whether somebody else just did, one after the other, until commit.
SELECT pg_advisory_xact_lock($1);

-- name: open_here
-- fills: incidents.desk.foresee.OpenHere
-- The same kind, open at this place, within it, or at a place around it.
SELECT i.id AS incident_id, i.number, i.place_id, i.declared_at
FROM incident i
WHERE i.community_id = $1 AND i.kind = $2 AND i.status IN ('open', 'relieved') AND NOT i.drill
  AND EXISTS (
      SELECT 1 FROM place_within w
      WHERE w.community_id = i.community_id
        AND ((w.place_id = i.place_id AND w.ancestor_id = $3) OR (w.place_id = $3 AND w.ancestor_id = i.place_id)))
ORDER BY i.declared_at;

-- name: meant_by
-- fills: incidents.desk.telling.Meant
-- Whom sealed messages are for together: the figure that is confirmed. A home of which nobody is known counts, and has no persons.
SELECT count(DISTINCT home_id) AS homes, count(DISTINCT (person_id, home_id)) FILTER (WHERE person_id IS NOT NULL) AS members
FROM audience_member
WHERE community_id = $1 AND message_id = ANY ($2::bigint[]) AND (reason IS NULL OR reason NOT IN ('told_before', 'vacant'));

-- name: homes_that_need_help_first
-- Of these homes, those in which somebody lives today who needs help first. $3 story time.
SELECT DISTINCT r.home_id FROM residence AS r
JOIN need_of_help AS n ON n.community_id = $1 AND n.person_id = r.person_id
JOIN LATERAL (SELECT ($3::timestamptz AT TIME ZONE c.zone)::date AS today FROM community AS c WHERE c.id = $1) AS here ON true
WHERE r.community_id = $1 AND r.home_id = ANY ($2::bigint[]) AND (r.since IS NULL OR r.since <= here.today)
  AND (r.until IS NULL OR r.until > here.today);

-- name: broadcast_events
-- What the playbook has told residents so far, as it stands on the record.
SELECT body FROM incident_event WHERE community_id = $1 AND incident_id = $2 AND kind = 'broadcast' ORDER BY no;

-- name: messages_of_steps
-- The messages of these steps, and what went out in the morning for those that were held.
WITH of_step AS (
    SELECT id FROM message
    WHERE community_id = $1 AND kind = 'broadcast' AND split_part(effect_key, '#', 1) = ANY ($3::text[])
      AND subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2))
)
SELECT id FROM of_step
UNION
SELECT m.id FROM of_step AS held
JOIN message AS was ON was.community_id = $1 AND was.id = held.id
JOIN message AS m ON m.community_id = $1 AND m.subject = was.subject AND m.effect_key = 'morning/' || held.id;

-- name: told_at_home
-- fills: incidents.desk.relocating.AtHome
-- Whom these messages told, at which home; not who was told last that it does not concern them.
WITH latest AS (
    SELECT DISTINCT ON (m.person_id, m.home_id) m.person_id, m.home_id, starts_with(g.effect_key, 'moved#') AS away
    FROM message AS g
    JOIN audience_member AS m ON m.community_id = $1 AND m.message_id = g.id AND m.reach IN ('confirmed', 'handed_over', 'trying', 'unknown')
    WHERE g.community_id = $1 AND g.id = ANY ($2::bigint[])
    ORDER BY m.person_id, m.home_id, g.id DESC
)
SELECT person_id, home_id FROM latest WHERE NOT away;

-- name: messages_of_home
-- Of these messages ($2), those that count somebody who lives in this home, or the home itself, among whom they concern.
SELECT m.message_id FROM residence AS r
JOIN audience_member AS m ON m.community_id = $1 AND m.person_id = r.person_id AND m.home_id = r.home_id
WHERE r.community_id = $1 AND r.home_id = $3 AND m.message_id = ANY ($2::bigint[])
UNION
SELECT m.message_id FROM audience_member AS m
WHERE m.community_id = $1 AND m.person_id IS NULL AND m.message_id = ANY ($2::bigint[]) AND m.home_id = $3
ORDER BY message_id;

-- name: insert_visit
-- One knock on a door, with the number of its event.
INSERT INTO visit (community_id, incident_id, no, home_id, result, visited_at, visited_by) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: reports_to_move
-- fills: incidents.desk.merging.MovedReport
-- The reports of an incident that becomes part of another, in their order.
SELECT no, at, source, wish, home_id, call_back_due FROM report WHERE community_id = $1 AND incident_id = $2 ORDER BY no;

-- name: move_reports
-- Each report under its number ($5) in the other incident's timeline.
UPDATE report AS r SET incident_id = $3, no = m.becomes
FROM unnest($4::int[], $5::int[]) AS m (was, becomes)
WHERE r.community_id = $1 AND r.incident_id = $2 AND r.no = m.was;

-- name: move_children
-- What this one opened and is not over; the other one waits for it now.
WITH moved AS (
    UPDATE incident AS i SET parent_id = $3 WHERE i.community_id = $1 AND i.parent_id = $2 RETURNING i.id, i.status
)
SELECT id FROM moved WHERE status IN ('open', 'relieved') ORDER BY id;

-- name: set_parent
-- Whoever waited for the merged incident waits for the other one.
UPDATE incident SET parent_id = $3, parent_step = $4 WHERE community_id = $1 AND id = $2;

-- name: move_help
-- Calls for help outlive the incident they came by.
INSERT INTO task (community_id, incident_id, key, role, person_id, does, opened_at, due_at)
SELECT $1, $3, t.key || '/of-' || $2::bigint, t.role, t.person_id, t.does, t.opened_at, t.due_at FROM task AS t
WHERE t.community_id = $1 AND t.incident_id = $2 AND t.done_at IS NULL AND t.cancelled_at IS NULL AND starts_with(t.key, 'help#');

-- name: last_answers
-- fills: incidents.desk.merging.HeldAnswer
-- The last word of each on each ladder, of those that mean "mine".
SELECT alert_key, person_id, kind, evidence, means, written_by
FROM (
    SELECT DISTINCT ON (alert_key, person_id) alert_key, person_id, kind, evidence, means, written_by, id
    FROM answer WHERE community_id = $1 AND incident_id = $2 ORDER BY alert_key, person_id, id DESC) latest
WHERE kind IN ('received', 'on_the_way', 'on_scene')
ORDER BY id;

-- name: take_over_answer
-- What was said to the merged incident stands for the other one as well.
INSERT INTO answer (community_id, incident_id, alert_key, rung, person_id, kind, promised_at, at, evidence, means, written_by, event_no)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: messages_about
-- All messages about these incidents, and about those that became part of them.
SELECT id FROM message
WHERE community_id = $1
  AND subject = ANY (ARRAY(SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND (i.id = ANY ($2::bigint[]) OR i.merged_into = ANY ($2::bigint[]))));

-- name: open_alerts
-- Alerts of this incident that may still have something queued.
SELECT id FROM message WHERE community_id = $1 AND subject = $2 AND kind = 'alert' AND stopped_at IS NULL ORDER BY id;

-- name: set_merged
-- It became part of the other one, with whatever had become part of it.
UPDATE incident SET merged_into = $3 WHERE community_id = $1 AND (id = $2 OR merged_into = $2);

-- name: insert_request
-- Somebody asks for a second person's approval.
INSERT INTO broadcast_request (community_id, incident_id, telling, homes, asked_at, asked_by, asked_account, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id;

-- name: decide_request
-- Once: 0 rows when somebody was faster.
UPDATE broadcast_request SET state = $3, decided_at = $4, decided_by = $5, why = $6
WHERE community_id = $1 AND id = $2 AND state = 'waiting';

-- name: note_message_of_request
-- What was sent for it.
UPDATE broadcast_request SET message_id = $3 WHERE community_id = $1 AND id = $2 AND state = 'approved';

-- name: one_request
-- fills: incidents.desk.second_person.BroadcastRequest
-- One request, with its incident's number.
SELECT r.id, r.incident_id, i.number, r.telling, r.homes, r.asked_at, r.asked_by, r.asked_account, r.expires_at, r.state, r.decided_at,
       r.decided_by, r.why, r.message_id
FROM broadcast_request AS r JOIN incident AS i ON i.community_id = $1 AND i.id = r.incident_id
WHERE r.community_id = $1 AND r.id = $2;

-- name: waiting_requests
-- fills: incidents.desk.second_person.BroadcastRequest
-- What waits for a second person.
SELECT r.id, r.incident_id, i.number, r.telling, r.homes, r.asked_at, r.asked_by, r.asked_account, r.expires_at, r.state, r.decided_at,
       r.decided_by, r.why, r.message_id
FROM broadcast_request AS r JOIN incident AS i ON i.community_id = $1 AND i.id = r.incident_id AND i.status IN ('open', 'relieved')
WHERE r.community_id = $1 AND r.state = 'waiting'
ORDER BY r.expires_at, r.id;

-- name: requests_of_incident
-- fills: incidents.desk.second_person.BroadcastRequest
-- What was asked about this incident.
SELECT r.id, r.incident_id, i.number, r.telling, r.homes, r.asked_at, r.asked_by, r.asked_account, r.expires_at, r.state, r.decided_at,
       r.decided_by, r.why, r.message_id
FROM broadcast_request AS r JOIN incident AS i ON i.community_id = $1 AND i.id = r.incident_id
WHERE r.community_id = $1 AND r.incident_id = $2
ORDER BY r.id DESC;

-- name: unsigned
-- fills: incidents.desk.signing.Unsigned
-- Red on the desk until somebody says that it was them.
SELECT s.incident_id, i.number, s.device, s.due_at, s.lapsed_at
FROM declaration_signature s JOIN incident i ON i.community_id = s.community_id AND i.id = s.incident_id
WHERE s.community_id = $1 AND s.signed_at IS NULL AND i.status IN ('open', 'relieved') ORDER BY s.incident_id;

-- name: unsigned_of
-- fills: incidents.desk.signing.Unsigned
-- What the page of one incident asks for.
SELECT s.incident_id, i.number, s.device, s.due_at, s.lapsed_at
FROM declaration_signature s JOIN incident i ON i.community_id = s.community_id AND i.id = s.incident_id
WHERE s.community_id = $1 AND s.incident_id = $2 AND s.signed_at IS NULL;

-- name: sign
-- Once; the first to sign it has.
UPDATE declaration_signature SET signed_at = $3, signed_by = $4
WHERE community_id = $1 AND incident_id = $2 AND signed_at IS NULL RETURNING device_id;

-- name: save_draft
-- What was typed so far; nothing comes back where it is what was known, or the draft was decided.
INSERT INTO draft AS d (community_id, key, picked_up_at, changed_at, typed, taken_by) VALUES ($1, $2, $3, $4, $5::jsonb, $6)
ON CONFLICT (community_id, key) DO UPDATE SET typed = d.typed || EXCLUDED.typed, changed_at = EXCLUDED.changed_at, taken_by = EXCLUDED.taken_by
WHERE d.ended_at IS NULL AND d.typed <> d.typed || EXCLUDED.typed
RETURNING id;

-- name: take_over_draft
-- Somebody goes on with it.
UPDATE draft SET changed_at = $3, taken_by = $4, call_back_due = NULL WHERE community_id = $1 AND id = $2 AND ended_at IS NULL;

-- name: open_drafts
-- fills: incidents.desk.drafts.Draft
-- Of which nobody has decided yet what they become.
SELECT id, key, picked_up_at, changed_at, typed, taken_by, call_back_due, call_back_tries FROM draft
WHERE community_id = $1 AND ended_at IS NULL ORDER BY picked_up_at, id;

-- name: draft
-- fills: incidents.desk.drafts.Draft
-- One that is not decided yet.
SELECT id, key, picked_up_at, changed_at, typed, taken_by, call_back_due, call_back_tries FROM draft
WHERE community_id = $1 AND id = $2 AND ended_at IS NULL;

-- name: draft_of
-- fills: incidents.desk.drafts.Draft
-- The one that this page types.
SELECT id, key, picked_up_at, changed_at, typed, taken_by, call_back_due, call_back_tries FROM draft
WHERE community_id = $1 AND key = $2 AND ended_at IS NULL;

-- name: is_decided
-- Whether this page's call has become something.
SELECT EXISTS (SELECT 1 FROM draft WHERE community_id = $1 AND key = $2 AND ended_at IS NOT NULL);

-- name: lock_draft
-- Decided once, by one person.
SELECT id FROM draft WHERE community_id = $1 AND id = $2 FOR UPDATE;

-- name: discarded_drafts
-- fills: incidents.desk.drafts.DiscardedDraft
-- What was discarded since $2.
SELECT id, picked_up_at, ended_at, ended_by, reason FROM draft
WHERE community_id = $1 AND ending = 'discarded' AND ended_at > $2 AND ended_by IS NOT NULL ORDER BY ended_at DESC, id DESC;

-- name: end_draft
-- It became something; what was decided before stays.
INSERT INTO draft AS d (community_id, key, picked_up_at, changed_at, typed, taken_by, ended_at, ended_by, ending, incident_id)
VALUES ($1, $2, $3, $4, '{}', $5, $4, $5, $6, $7)
ON CONFLICT (community_id, key) DO UPDATE
SET ended_at = EXCLUDED.ended_at, ended_by = EXCLUDED.ended_by, ending = EXCLUDED.ending, incident_id = EXCLUDED.incident_id
WHERE d.ended_at IS NULL;

-- name: discard_draft
-- It becomes nothing.
UPDATE draft SET ended_at = $3, ended_by = $4, ending = 'discarded', reason = $5 WHERE community_id = $1 AND id = $2 AND ended_at IS NULL;

-- name: ring_back_draft
-- When it is rung (again).
UPDATE draft SET call_back_due = $3, call_back_tries = $4::int WHERE community_id = $1 AND id = $2 AND ended_at IS NULL;

-- name: follow_up_of
-- fills: incidents.desk.follow_ups.FollowUp
-- How a follow-up call stands.
SELECT due_at AS due, tries, spoken_at, satisfied, unreachable_at FROM follow_up
WHERE community_id = $1 AND incident_id = $2 AND report_no = $3 AND round = $4
FOR UPDATE;

-- name: set_follow_up
-- How it went; what has ended is never opened again.
UPDATE follow_up SET due_at = $5, tries = $6, spoken_at = $7, satisfied = $8, unreachable_at = $9
WHERE community_id = $1 AND incident_id = $2 AND report_no = $3 AND round = $4 AND spoken_at IS NULL AND unreachable_at IS NULL;
