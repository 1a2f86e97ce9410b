-- name: open_incidents
-- fills: incidents.views.lists.IncidentSummary
-- The desk's list.
SELECT i.id, i.number, i.code, i.kind, i.severity, i.status, i.drill, i.place_id, i.facts, i.parent_id, i.declared_at,
       i.relieved_at, i.closed_at, i.next_news_by, i.merged_into, i.head_no, r.playbook_version_id, r.state,
       (SELECT count(*) FROM report p WHERE p.community_id = i.community_id AND p.incident_id = i.id) AS reports,
       coalesce(m.size, 0) AS told_size, coalesce(m.reached, 0) AS told_reached
FROM incident i
JOIN run r ON r.community_id = i.community_id AND r.incident_id = i.id
LEFT JOIN LATERAL (
    SELECT sum(size)::bigint AS size, sum(confirmed)::bigint AS reached FROM message
    WHERE community_id = i.community_id AND subject = i.id AND kind = 'broadcast') m ON true
WHERE i.community_id = $1 AND i.status IN ('open', 'relieved')
ORDER BY array_position(ARRAY['life_threatening', 'urgent', 'minor'], i.severity), i.declared_at;

-- name: list_incidents
-- fills: incidents.views.lists.IncidentSummary
-- Newest first; $2 is the number after which to go on.
SELECT i.id, i.number, i.code, i.kind, i.severity, i.status, i.drill, i.place_id, i.facts, i.parent_id, i.declared_at,
       i.relieved_at, i.closed_at, i.next_news_by, i.merged_into, i.head_no, r.playbook_version_id, r.state,
       (SELECT count(*) FROM report p WHERE p.community_id = i.community_id AND p.incident_id = i.id) AS reports,
       coalesce(m.size, 0) AS told_size, coalesce(m.reached, 0) AS told_reached
FROM incident i
JOIN run r ON r.community_id = i.community_id AND r.incident_id = i.id
LEFT JOIN LATERAL (
    SELECT sum(size)::bigint AS size, sum(confirmed)::bigint AS reached FROM message
    WHERE community_id = i.community_id AND subject = i.id AND kind = 'broadcast') m ON true
WHERE i.community_id = $1 AND i.number < $2
ORDER BY i.number DESC LIMIT $3;

-- name: one_incident
-- fills: incidents.views.lists.IncidentSummary
-- One incident with its run.
SELECT i.id, i.number, i.code, i.kind, i.severity, i.status, i.drill, i.place_id, i.facts, i.parent_id, i.declared_at,
       i.relieved_at, i.closed_at, i.next_news_by, i.merged_into, i.head_no, r.playbook_version_id, r.state,
       (SELECT count(*) FROM report p WHERE p.community_id = i.community_id AND p.incident_id = i.id) AS reports,
       coalesce(m.size, 0) AS told_size, coalesce(m.reached, 0) AS told_reached
FROM incident i
JOIN run r ON r.community_id = i.community_id AND r.incident_id = i.id
LEFT JOIN LATERAL (
    SELECT sum(size)::bigint AS size, sum(confirmed)::bigint AS reached FROM message
    WHERE community_id = i.community_id AND subject = i.id AND kind = 'broadcast') m ON true
WHERE i.community_id = $1 AND i.id = $2;

-- name: id_of_number
-- What people say is the number.
SELECT id FROM incident WHERE community_id = $1 AND number = $2;

-- name: holders_of
-- Who has this incident: the last word of each, of those that mean "mine".
SELECT p.name
FROM (
    SELECT DISTINCT ON (person_id) person_id, kind FROM answer
    WHERE community_id = $1 AND incident_id = $2 ORDER BY person_id, id DESC) latest
JOIN person p ON p.community_id = $1 AND p.id = latest.person_id
WHERE latest.kind IN ('received', 'on_the_way', 'on_scene')
ORDER BY p.name;

-- name: timeline
-- fills: incidents.views.lists.StoredEventView
-- Events in order, with details that still exist.
SELECT e.no, e.at, e.happened_at, e.kind, e.cause, e.body, d.detail
FROM incident_event e
LEFT JOIN event_detail d ON d.community_id = e.community_id AND d.incident_id = e.incident_id AND d.no = e.no
WHERE e.community_id = $1 AND e.incident_id = $2 AND e.no > $3
ORDER BY e.no LIMIT $4;

-- name: tasks_of_incident
-- fills: incidents.views.lists.TaskView
-- Cries for help at the top, those first that somebody of the home proved to have given; then the one due first. $3: only those that wait.
SELECT t.id, t.incident_id, i.number, t.key, t.role, t.does, t.opened_at, t.due_at, t.done_at, t.done_by, t.result, t.cancelled_at
FROM task t
JOIN incident i ON i.community_id = t.community_id AND i.id = t.incident_id
WHERE t.community_id = $1 AND t.incident_id = $2 AND (NOT $3 OR (t.done_at IS NULL AND t.cancelled_at IS NULL))
ORDER BY t.done_at NULLS FIRST, NOT t.does ? 'help', t.does ? 'unverified', t.due_at NULLS LAST, t.id;

-- name: open_tasks
-- fills: incidents.views.lists.TaskView
-- What waits in the whole community, however much was done before; in the same order.
SELECT t.id, t.incident_id, i.number, t.key, t.role, t.does, t.opened_at, t.due_at, t.done_at, t.done_by, t.result, t.cancelled_at
FROM task t
JOIN incident i ON i.community_id = t.community_id AND i.id = t.incident_id
WHERE t.community_id = $1 AND t.done_at IS NULL AND t.cancelled_at IS NULL
ORDER BY NOT t.does ? 'help', t.does ? 'unverified', t.due_at NULLS LAST, t.id;

-- name: every_task
-- fills: incidents.views.lists.TaskView
-- Also what was done or fell away, newest first; $2 is the id after which to go on.
SELECT t.id, t.incident_id, i.number, t.key, t.role, t.does, t.opened_at, t.due_at, t.done_at, t.done_by, t.result, t.cancelled_at
FROM task t
JOIN incident i ON i.community_id = t.community_id AND i.id = t.incident_id
WHERE t.community_id = $1 AND t.id < $2
ORDER BY t.id DESC LIMIT $3;

-- name: reports
-- fills: incidents.views.lists.ReportView
-- Newest first.
SELECT no, at, source, caller_name, caller_phone, home_id, words, wish, call_back_due, call_back_tries, called_back_at,
       unreachable_at, complaint_owner, answer_due, answered_at, outcome
FROM report WHERE community_id = $1 AND incident_id = $2 ORDER BY no DESC;

-- name: open_call_backs
-- fills: incidents.views.promises.OpenCallBack
-- Promised calls that have not ended, the earliest first; an incident's end does not end them.
SELECT r.incident_id, i.number, r.no, r.caller_name, r.caller_phone, r.call_back_due AS due, r.call_back_tries AS tries
FROM report AS r
JOIN incident AS i ON i.community_id = $1 AND i.id = r.incident_id
WHERE r.community_id = $1 AND r.call_back_due IS NOT NULL AND r.called_back_at IS NULL AND r.unreachable_at IS NULL
ORDER BY r.call_back_due, r.incident_id, r.no;

-- name: open_complaints
-- fills: incidents.views.promises.OpenComplaint
-- Complaints without an answer, the earliest due first; an incident's end does not answer them.
SELECT r.incident_id, i.number, r.no, r.at, r.caller_name, r.caller_phone, r.words, r.complaint_owner AS owner, r.answer_due AS due
FROM report AS r
JOIN incident AS i ON i.community_id = $1 AND i.id = r.incident_id
WHERE r.community_id = $1 AND r.answer_due IS NOT NULL AND r.complaint_owner IS NOT NULL AND r.answered_at IS NULL
ORDER BY r.answer_due, r.incident_id, r.no;

-- name: deliveries
-- fills: incidents.views.lists.DeliveryView
-- Keyset by message and number.
SELECT m.id AS message_id, d.no, m.kind, m.effect_key, d.person_id, p.name AS person, c.kind AS medium, d.address, d.state,
       d.attempts, d.reason, d.state_at
FROM message m
JOIN delivery_all d ON d.community_id = m.community_id AND d.message_id = m.id
JOIN person p ON p.community_id = m.community_id AND p.id = d.person_id
JOIN channel c ON c.community_id = m.community_id AND c.id = d.channel_id
WHERE m.community_id = $1 AND m.subject = $2 AND (m.id, d.no) > ($3, $4)
ORDER BY m.id, d.no LIMIT $5;

-- name: confirmations
-- fills: incidents.views.room.ConfirmationView
-- What has been confirmed, and by whom.
SELECT name, by, at FROM confirmation WHERE community_id = $1 AND incident_id = $2 ORDER BY at;

-- name: children
-- fills: incidents.views.room.ChildView
-- Incidents that this one opened.
SELECT id, number, kind, status FROM incident WHERE community_id = $1 AND parent_id = $2 ORDER BY number;

-- name: parent
-- fills: incidents.views.room.ChildView
-- The incident that opened this one.
SELECT p.id, p.number, p.kind, p.status
FROM incident i JOIN incident p ON p.community_id = i.community_id AND p.id = i.parent_id
WHERE i.community_id = $1 AND i.id = $2;

-- name: standings
-- fills: incidents.views.standings.StandingRow
-- How many persons at home, and how many homes, stand where: each counts once, by the best place that any message of the incident, or of one
-- that became part of it, brought them to. Homes by their building where $3 asks for that, persons where $4 does. Messages are looked up one
-- by one (OFFSET 0): their members lie together, among millions of others.
WITH member AS MATERIALIZED (
    SELECT m.person_id, m.home_id, min(array_position(
               ARRAY['confirmed', 'handed_over', 'by_proxy', 'no_receipt', 'trying', 'unknown', 'unreachable', 'opted_out', 'held', 'excluded',
                     'vacant'],
               CASE m.reach
                   WHEN 'handed_over' THEN CASE WHEN m.reason IS NULL THEN 'handed_over' WHEN m.reason = 'by_proxy' THEN 'by_proxy'
                                                ELSE 'no_receipt' END
                   WHEN 'excluded' THEN CASE WHEN m.reason IN ('held', 'vacant') THEN m.reason ELSE 'excluded' END
                   ELSE m.reach END)) AS standing
    FROM message AS g
    CROSS JOIN LATERAL (
        SELECT CASE WHEN $4::boolean THEN one.person_id END AS person_id, one.home_id, one.reach, one.reason FROM audience_member AS one
        WHERE one.community_id = $1 AND one.message_id = g.id OFFSET 0
    ) AS m
    WHERE g.community_id = $1 AND g.kind = 'broadcast'
      AND g.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2))
    GROUP BY m.person_id, m.home_id
), home AS (
    SELECT home_id, min(standing) AS standing, min(building_id) AS building_id
    FROM (
        SELECT home_id, standing, NULL::bigint AS building_id FROM member WHERE home_id IS NOT NULL
        UNION ALL
        -- Of many homes the buildings are not looked up one by one: everybody inside of any is grouped with them.
        SELECT w.place_id, NULL, b.id
        FROM place AS b JOIN place_within AS w ON w.community_id = $1 AND w.ancestor_id = b.id
        WHERE b.community_id = $1 AND b.kind = 'building' AND $3::boolean AND EXISTS (SELECT FROM member OFFSET 1999)
    ) AS known
    GROUP BY home_id
), counted AS (
    SELECT 'person' AS what, NULL::bigint AS building_id, standing, count(*)::int AS count FROM member WHERE person_id IS NOT NULL GROUP BY standing
    UNION ALL
    SELECT 'home', coalesce(home.building_id, inside.id), home.standing, count(*)::int
    FROM home
    LEFT JOIN LATERAL (
        SELECT b.id FROM place_within AS w JOIN place AS b ON b.community_id = $1 AND b.id = w.ancestor_id AND b.kind = 'building'
        WHERE w.community_id = $1 AND w.place_id = home.home_id AND $3::boolean AND NOT EXISTS (SELECT FROM member OFFSET 1999)
        OFFSET 0  -- or they are looked up and thrown away
    ) AS inside ON true
    WHERE home.standing IS NOT NULL
    GROUP BY 2, home.standing
)
SELECT counted.what, counted.building_id, b.names AS building,
       (ARRAY['confirmed', 'handed_over', 'by_proxy', 'no_receipt', 'trying', 'unknown', 'unreachable', 'opted_out', 'held', 'excluded',
              'vacant'])[counted.standing] AS standing,
       counted.count
FROM counted
LEFT JOIN LATERAL (
    SELECT p.names, p.rank, p.code FROM place AS p WHERE p.community_id = $1 AND p.id = counted.building_id OFFSET 0
) AS b ON true
ORDER BY b.rank, b.code, counted.standing;

-- name: version_of_standings
-- Something that differs once a message of the incident, or of one that became part of it, has changed: each member that moves has its message's
-- counters moved.
SELECT coalesce(string_agg(concat_ws(':', g.id, g.xmin), ' ' ORDER BY g.id), '')
FROM message AS g
WHERE g.community_id = $1 AND g.kind = 'broadcast'
  AND g.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2));

-- name: met_at_the_door
-- Of the persons at home whom messages of the incident concern and who are confirmed: those whose home was visited and somebody met.
SELECT count(DISTINCT (m.person_id, m.home_id))
FROM message AS g
CROSS JOIN LATERAL (
    SELECT one.person_id, one.home_id FROM audience_member AS one
    WHERE one.community_id = $1 AND one.message_id = g.id AND one.person_id IS NOT NULL AND one.reach = 'confirmed' OFFSET 0
) AS m
WHERE g.community_id = $1 AND g.kind = 'broadcast'
  AND g.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2))
  AND m.home_id = ANY (ARRAY(SELECT v.home_id FROM visit AS v
                             WHERE v.community_id = $1 AND v.incident_id = $2 AND v.result IN ('seen', 'needs_help')));

-- name: homes_not_reached
-- fills: incidents.views.homes.HomeNotReached
-- Homes in which nobody was reached for certain, and why, in walking order: the list for the door. Counted as standings counts.
WITH stands AS (
    -- Places that do not lead to the door stand in their order, each with one number: many rows are grouped, not sorted.
    SELECT m.home_id, m.reason, m.place
    FROM message AS g
    CROSS JOIN LATERAL (
        SELECT one.home_id, one.reason,
               CASE one.reach WHEN 'confirmed' THEN 0 WHEN 'handed_over' THEN CASE WHEN one.reason IS NULL THEN 1 ELSE 2 END
                              WHEN 'trying' THEN 3 WHEN 'unknown' THEN 4 WHEN 'unreachable' THEN 5 ELSE 6 END AS place
        FROM audience_member AS one
        WHERE one.community_id = $1 AND one.message_id = g.id AND one.home_id IS NOT NULL OFFSET 0
    ) AS m
    WHERE g.community_id = $1 AND g.kind = 'broadcast'
      AND g.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2))
), wanted AS (
    SELECT home_id, CASE min(place) WHEN 2 THEN min(reason) FILTER (WHERE place = 2) ELSE min(reason) FILTER (WHERE place = 5) END AS reason
    FROM stands GROUP BY home_id HAVING min(place) IN (2, 5)
)
SELECT wanted.home_id, home.names AS home, wanted.reason
FROM wanted
JOIN place AS home ON home.community_id = $1 AND home.id = wanted.home_id
ORDER BY length(home.code), home.code
LIMIT $3;

-- name: alerted_people
-- fills: incidents.views.room.AlertedPerson
-- Everybody on every ladder, in the order in which they were alerted, with the last word of each. Alerts name few, broadcasts beside them
-- very many: nothing of those is read.
SELECT a.alert_key, a.rung, p.id AS person_id, p.name, g.means, c.kind AS medium, y.kind AS gateway_kind, d.state AS delivery_state, m.reach,
       m.reason, a.posted_at AS alerted_at, w.kind AS answer, w.at AS answered_at, w.promised_at, w.evidence, w.means AS said_by_means,
       w.written_by
FROM alert a
JOIN message g ON g.community_id = a.community_id AND g.id = a.message_id
CROSS JOIN LATERAL (
    SELECT one.member_no, one.delivery_no, one.person_id, one.reach, one.reason FROM audience_member AS one
    WHERE one.community_id = $1 AND one.message_id = a.message_id OFFSET 0) AS m
CROSS JOIN LATERAL (SELECT who.id, who.name FROM person AS who WHERE who.community_id = $1 AND who.id = m.person_id OFFSET 0) AS p
LEFT JOIN LATERAL (
    SELECT one.state, one.channel_id FROM delivery_all AS one
    WHERE one.community_id = $1 AND one.message_id = a.message_id AND one.no = m.delivery_no OFFSET 0) AS d ON true
LEFT JOIN channel c ON c.community_id = a.community_id AND c.id = d.channel_id
LEFT JOIN gateway y ON y.id = c.gateway_id
LEFT JOIN LATERAL (
    SELECT kind, at, promised_at, evidence, means, written_by FROM answer
    WHERE community_id = a.community_id AND incident_id = a.incident_id AND alert_key = a.alert_key AND person_id = m.person_id
    ORDER BY id DESC LIMIT 1) w ON true
WHERE a.community_id = $1 AND a.incident_id = $2
ORDER BY a.alert_key, a.rung, a.message_id, m.member_no;

-- name: answer_page
-- fills: incidents.views.answer_page.AnswerRow
-- What the page behind an alert's link shows.
SELECT a.incident_id, a.alert_key, a.rung, d.person_id, p.name, p.language, t.text, g.expires_at, a.posted_at
FROM alert a
JOIN message g ON g.community_id = a.community_id AND g.id = a.message_id
JOIN delivery_all d ON d.community_id = a.community_id AND d.message_id = a.message_id AND d.no = $3
JOIN person p ON p.community_id = a.community_id AND p.id = d.person_id
LEFT JOIN message_text t ON t.community_id = a.community_id AND t.message_id = a.message_id AND t.language = d.language
WHERE a.community_id = $1 AND a.message_id = $2;

-- name: public_news
-- fills: incidents.views.resident_page.News
-- What these persons ($4) were to be told about this incident, and not what was meant for others (a correction, for one); newest first, in
-- their language.
SELECT g.id AS message_id, g.posted_at, t.text
FROM message g
JOIN message_text t ON t.community_id = g.community_id AND t.message_id = g.id AND t.language = $3
WHERE g.community_id = $1 AND g.kind = 'broadcast' AND g.stopped_at IS NULL
  AND g.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2))
  AND EXISTS (SELECT FROM audience_member AS m WHERE m.community_id = $1 AND m.person_id = ANY ($4::bigint[]) AND m.message_id = g.id)
ORDER BY g.id DESC LIMIT 20;

-- name: open_news
-- fills: incidents.views.resident_page.News
-- What the homes at a place ($4) were told about this incident: only what went to more than one home, for the rest is between a home
-- and the desk, and no correction, which is for those whom it does not concern. Newest first.
SELECT g.id AS message_id, g.posted_at, t.text
FROM message AS g
JOIN message_text AS t ON t.community_id = g.community_id AND t.message_id = g.id AND t.language = $3
WHERE g.community_id = $1 AND g.kind = 'broadcast' AND g.stopped_at IS NULL AND (g.lane <> 'correction' OR g.all_clear)
  AND g.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2))
  AND EXISTS (
      SELECT FROM audience_member AS one
      JOIN place_within AS w ON w.community_id = $1 AND w.ancestor_id = $4 AND w.place_id = one.home_id
      JOIN audience_member AS other ON other.community_id = $1 AND other.message_id = g.id AND other.home_id <> one.home_id
      WHERE one.community_id = $1 AND one.message_id = g.id)
ORDER BY g.id DESC LIMIT 20;

-- name: public_incidents
-- fills: incidents.views.public_status.PublicRow
-- What everybody may know of what goes on, the gravest first.
SELECT i.severity, i.status, i.place_id, i.declared_at, i.closed_at, r.playbook_version_id, r.state
FROM incident AS i
JOIN run AS r ON r.community_id = i.community_id AND r.incident_id = i.id
WHERE i.community_id = $1 AND i.status IN ('open', 'relieved') AND NOT i.drill
ORDER BY array_position(ARRAY['life_threatening', 'urgent', 'minor'], i.severity), i.declared_at;

-- name: public_ended
-- fills: incidents.views.public_status.PublicRow
-- What ended since $2 and was no false alarm, the newest first, at most $3.
SELECT i.severity, i.status, i.place_id, i.declared_at, i.closed_at, r.playbook_version_id, r.state
FROM incident AS i
JOIN run AS r ON r.community_id = i.community_id AND r.incident_id = i.id
WHERE i.community_id = $1 AND i.closed_at > $2 AND i.status = 'closed' AND NOT i.drill
ORDER BY i.closed_at DESC LIMIT $3;

-- name: shared_by_hand
-- fills: incidents.views.shared.SharedRow
-- What the desk passed on by hand, the newest first.
SELECT e.at, e.body, d.detail
FROM incident_event AS e
LEFT JOIN event_detail AS d ON d.community_id = $1 AND d.incident_id = e.incident_id AND d.no = e.no
WHERE e.community_id = $1 AND e.incident_id = $2 AND e.kind = 'shared_by_hand'
ORDER BY e.no DESC LIMIT 50;

-- name: backlog
-- fills: incidents.views.backlog.Backlog
-- What runs, and what would leave at once were sending allowed again; $2 story time, for what has expired never leaves.
SELECT (SELECT count(*) FROM incident WHERE community_id = $1 AND status IN ('open', 'relieved')) AS open_incidents,
    (SELECT count(*) FROM delivery AS d
     JOIN message AS m ON m.community_id = $1 AND m.id = d.message_id
     WHERE d.community_id = $1 AND d.state = 'queued' AND m.expires_at > $2)
    + (SELECT coalesce(sum(r.deliveries), 0)::bigint FROM delivery_range AS r
       JOIN message AS m ON m.community_id = $1 AND m.id = r.message_id
       WHERE r.community_id = $1 AND r.lease_until IS NULL AND m.expires_at > $2) AS waiting;

-- name: messages_of
-- fills: incidents.views.messages.MessageView
-- A page of an incident's messages, in the order in which they were posted.
SELECT m.id, m.subject, m.kind, m.audience, m.drill, m.posted_at, m.expires_at, m.stopped_at, m.paused_at, m.paused_why, m.sealed_at IS NOT NULL AS counted,
       m.to_seal IS NOT NULL AND m.seal_again_at IS NOT NULL AS unsealable,
       coalesce(m.size, 0) AS size, m.confirmed,
       m.handed_over, m.trying, m.unknown, m.unreachable, m.opted_out, m.excluded,
       (SELECT coalesce(jsonb_object_agg(t.language, t.text), '{}') FROM message_text AS t
        WHERE t.community_id = $1 AND t.message_id = m.id) AS texts
FROM message AS m
WHERE m.community_id = $1 AND m.subject = $2 AND m.id > $3
ORDER BY m.id LIMIT $4;

-- name: one_message
-- fills: incidents.views.messages.MessageView
-- One message, with where those stand whom it concerns.
SELECT m.id, m.subject, m.kind, m.audience, m.drill, m.posted_at, m.expires_at, m.stopped_at, m.paused_at, m.paused_why, m.sealed_at IS NOT NULL AS counted,
       m.to_seal IS NOT NULL AND m.seal_again_at IS NOT NULL AS unsealable,
       coalesce(m.size, 0) AS size, m.confirmed,
       m.handed_over, m.trying, m.unknown, m.unreachable, m.opted_out, m.excluded,
       (SELECT coalesce(jsonb_object_agg(t.language, t.text), '{}') FROM message_text AS t
        WHERE t.community_id = $1 AND t.message_id = m.id) AS texts
FROM message AS m
WHERE m.community_id = $1 AND m.id = $2;

-- name: messages_of_steps
-- Every message by which these steps alerted somebody.
SELECT message_id FROM alert WHERE community_id = $1 AND incident_id = $2 AND split_part(alert_key, '#', 1) = ANY ($3::text[]);

-- name: doors
-- fills: incidents.views.doors.Door
-- The doors that are left, from what homes_not_reached counts: with their way there, whom to ask for, and how often somebody knocked in
-- vain. $3 today, $4 at most.
WITH stands AS (
    -- Places that do not lead to the door stand in their order, each with one number: many rows are grouped, not sorted.
    SELECT m.home_id, m.reason, m.place
    FROM message AS g
    CROSS JOIN LATERAL (
        SELECT one.home_id, one.reason,
               CASE one.reach WHEN 'confirmed' THEN 0 WHEN 'handed_over' THEN CASE WHEN one.reason IS NULL THEN 1 ELSE 2 END
                              WHEN 'trying' THEN 3 WHEN 'unknown' THEN 4 WHEN 'unreachable' THEN 5 ELSE 6 END AS place
        FROM audience_member AS one
        WHERE one.community_id = $1 AND one.message_id = g.id AND one.home_id IS NOT NULL OFFSET 0
    ) AS m
    WHERE g.community_id = $1 AND g.kind = 'broadcast'
      AND g.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2))
), wanted AS (
    SELECT home_id, CASE min(place) WHEN 2 THEN min(reason) FILTER (WHERE place = 2) ELSE min(reason) FILTER (WHERE place = 5) END AS reason
    FROM stands GROUP BY home_id HAVING min(place) IN (2, 5)
)
SELECT home.id AS home_id, home.code, home.label, home.names AS home, way.path, inside.id AS inside_id, inside.names AS inside, way.floor,
       who.called, coalesce(who.first, false) AS first, wanted.reason, coalesce(knocked.knocks, 0) AS knocks, knocked.last_result,
       knocked.last_at
FROM wanted
JOIN place AS home ON home.community_id = $1 AND home.id = wanted.home_id
CROSS JOIN LATERAL (
    SELECT array_agg(a.rank ORDER BY w.depth DESC) FILTER (WHERE a.kind <> 'community') AS path,
           max(a.label) FILTER (WHERE a.kind = 'floor') AS floor,
           (array_agg(a.id ORDER BY w.depth) FILTER (WHERE a.kind IN ('unit', 'building', 'community')))[1] AS inside_id
    FROM place_within AS w JOIN place AS a ON a.community_id = $1 AND a.id = w.ancestor_id
    WHERE w.community_id = $1 AND w.place_id = home.id
) AS way
JOIN place AS inside ON inside.community_id = $1 AND inside.id = way.inside_id
LEFT JOIN LATERAL (
    SELECT (array_agg(p.name ORDER BY r.role, p.id))[1] AS called, bool_or(n.person_id IS NOT NULL) AS first
    FROM residence AS r
    JOIN person AS p ON p.community_id = $1 AND p.id = r.person_id
    LEFT JOIN need_of_help AS n ON n.community_id = $1 AND n.person_id = r.person_id
    WHERE r.community_id = $1 AND r.home_id = home.id AND (r.until IS NULL OR r.until > $3)
) AS who ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE v.result IN ('no_answer', 'note_left')) AS knocks,
           (array_agg(v.result ORDER BY v.visited_at DESC, v.no DESC))[1] AS last_result, max(v.visited_at) AS last_at
    FROM visit AS v WHERE v.community_id = $1 AND v.incident_id = $2 AND v.home_id = home.id
) AS knocked ON true
ORDER BY way.path, home.code
LIMIT $4;

-- name: homes_of_buildings
-- fills: incidents.views.elevation.HomeRow
-- Every home of these buildings that messages of the incident, or of one that became part of it, concern, with all that is known of it.
-- $3 the buildings, $4 today.
WITH these AS (
    SELECT $2::bigint AS id UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2
), inside_of AS MATERIALIZED (
    SELECT w.ancestor_id AS building_id, w.place_id FROM place_within AS w WHERE w.community_id = $1 AND w.ancestor_id = ANY ($3::bigint[])
), members AS (
    SELECT b.building_id, m.home_id, m.reach, m.reason,
           array_position(ARRAY['confirmed', 'handed_over', 'trying', 'unknown', 'unreachable', 'opted_out', 'excluded'], m.reach) AS rank
    FROM message AS g
    CROSS JOIN LATERAL (
        SELECT one.home_id, one.reach, one.reason FROM audience_member AS one
        WHERE one.community_id = $1 AND one.message_id = g.id AND one.home_id IS NOT NULL OFFSET 0
    ) AS m
    JOIN inside_of AS b ON b.place_id = m.home_id
    WHERE g.community_id = $1 AND g.kind = 'broadcast' AND g.subject = ANY (ARRAY(SELECT id FROM these))
), best AS (
    SELECT DISTINCT ON (home_id) building_id, home_id, reach, reason FROM members ORDER BY home_id, rank, reason NULLS FIRST
), helped AS (
    SELECT DISTINCT h.home_id::bigint AS home_id
    FROM task AS t CROSS JOIN LATERAL jsonb_array_elements_text(t.does -> 'homes') AS h (home_id)
    WHERE t.community_id = $1 AND t.incident_id = ANY (ARRAY(SELECT id FROM these)) AND t.done_at IS NULL AND t.cancelled_at IS NULL
      AND t.does ? 'help'
), said AS (
    SELECT home_id, (array_agg(kind ORDER BY array_position(ARRAY['needs_help', 'others_inside', 'all_safe'], kind)))[1] AS kind
    FROM (SELECT DISTINCT ON (r.home_id, r.person_id) r.home_id, r.kind FROM response AS r
          WHERE r.community_id = $1 AND r.incident_id = ANY (ARRAY(SELECT id FROM these)) AND r.home_id IS NOT NULL
          ORDER BY r.home_id, r.person_id, r.id DESC) AS latest
    GROUP BY home_id
), claimed AS (
    SELECT DISTINCT ON (s.home_id) s.home_id, s.kind FROM self_report AS s
    WHERE s.community_id = $1 AND s.incident_id = ANY (ARRAY(SELECT id FROM these)) AND s.home_id IS NOT NULL ORDER BY s.home_id, s.id DESC
), knocked AS (
    SELECT DISTINCT ON (v.home_id) v.home_id, v.result FROM visit AS v
    WHERE v.community_id = $1 AND v.incident_id = ANY (ARRAY(SELECT id FROM these)) ORDER BY v.home_id, v.visited_at DESC, v.no DESC
), called AS (
    SELECT DISTINCT r.home_id FROM report AS r
    WHERE r.community_id = $1 AND r.incident_id = ANY (ARRAY(SELECT id FROM these)) AND r.home_id IS NOT NULL
)
SELECT best.building_id, home.id AS home_id, home.code, home.label, way.path, inside.id AS inside_id, inside.names AS inside, way.floor, best.reach,
       best.reason, helped.home_id IS NOT NULL AS help_open, said.kind AS responded, knocked.result AS knock,
       called.home_id IS NOT NULL AS reported,
       EXISTS (SELECT FROM residence AS r JOIN need_of_help AS n ON n.community_id = $1 AND n.person_id = r.person_id
               WHERE r.community_id = $1 AND r.home_id = home.id AND (r.until IS NULL OR r.until > $4)) AS first,
       claimed.kind AS says
FROM best
JOIN place AS home ON home.community_id = $1 AND home.id = best.home_id
CROSS JOIN LATERAL (
    SELECT array_agg(a.rank ORDER BY w.depth DESC) FILTER (WHERE a.kind <> 'community') AS path,
           max(a.label) FILTER (WHERE a.kind = 'floor') AS floor,
           (array_agg(a.id ORDER BY w.depth) FILTER (WHERE a.kind IN ('unit', 'building', 'community')))[1] AS inside_id
    FROM place_within AS w JOIN place AS a ON a.community_id = $1 AND a.id = w.ancestor_id
    WHERE w.community_id = $1 AND w.place_id = home.id
) AS way
JOIN place AS inside ON inside.community_id = $1 AND inside.id = way.inside_id
LEFT JOIN helped ON helped.home_id = home.id
LEFT JOIN said ON said.home_id = home.id
LEFT JOIN claimed ON claimed.home_id = home.id
LEFT JOIN knocked ON knocked.home_id = home.id
LEFT JOIN called ON called.home_id = home.id
ORDER BY way.path, home.code;

-- name: planned_work
-- fills: incidents.views.planned.PlannedWork
-- Planned cuts that nobody has ended, nor the incidents that they became; and those that somebody ended since $2.
SELECT w.id, w.kind, w.place_id, p.names AS place, w.starts_at, w.ends_at, w.by_supplier, w.source, w.state, w.changed_at, w.ended_at,
       i.number AS incident_number
FROM planned_work AS w
LEFT JOIN incident AS i ON i.community_id = $1 AND i.id = w.incident_id
JOIN LATERAL (SELECT names FROM place WHERE community_id = $1 AND id = w.place_id LIMIT 1) AS p ON true
WHERE w.community_id = $1 AND (w.state = 'planned' AND (i.status IS NULL OR i.status IN ('open', 'relieved')) OR w.ended_at > $2)
ORDER BY w.starts_at, w.id;

-- name: board_of_messages
-- fills: incidents.views.message_board.BoardRow
-- What residents were told about an incident and about those that became part of it, the newest first, with the homes that each concerns.
SELECT m.id, m.effect_key, m.lane = 'correction' AND NOT m.all_clear AS is_correction, m.posted_at, m.expires_at, m.stopped_at, m.paused_at, m.paused_why,
       m.leaves_at, m.sealed_at IS NOT NULL AS counted,
       m.to_seal IS NOT NULL AND m.seal_again_at IS NOT NULL AS unsealable,
       coalesce(m.size, 0) AS size, m.confirmed,
       m.handed_over, m.trying, m.unknown, m.unreachable, m.opted_out, m.excluded, at.homes, at.told_homes, at.held_homes, at.morning_at,
       (SELECT coalesce(jsonb_object_agg(t.language, t.text), '{}') FROM message_text AS t
        WHERE t.community_id = $1 AND t.message_id = m.id) AS texts
FROM message AS m
CROSS JOIN LATERAL (
    SELECT count(DISTINCT a.home_id) FILTER (WHERE a.reason IS NULL OR a.reason NOT IN ('told_before', 'vacant')) AS homes,
           count(DISTINCT a.home_id) FILTER (WHERE a.reach IN ('confirmed', 'handed_over', 'unknown')) AS told_homes,
           count(DISTINCT a.home_id) FILTER (WHERE a.reason = 'held') AS held_homes,
           (SELECT t.due_at FROM timer AS t
            WHERE t.community_id = $1 AND t.incident_id = m.subject AND t.key = 'morning:' || m.id) AS morning_at
    FROM audience_member AS a WHERE a.community_id = $1 AND a.message_id = m.id) AS at
WHERE m.community_id = $1 AND m.kind = 'broadcast'
  AND m.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2))
ORDER BY m.id DESC LIMIT $3;

-- name: newest_message
-- The last message there is about these incidents; what comes behind it was announced since.
SELECT coalesce(max(id), 0) FROM message WHERE community_id = $1 AND subject = ANY ($2::bigint[]);

-- name: announced_since
-- fills: incidents.views.message_board.Announced
-- What was announced about these incidents behind message $3, with whom it is for.
SELECT m.id, m.audience, m.lane = 'correction' AND NOT m.all_clear AS is_correction, m.kind, at.homes, at.persons, at.held_homes, m.sealed_at IS NULL AS unsealable,
       (SELECT coalesce(jsonb_object_agg(t.language, t.text), '{}') FROM message_text AS t
        WHERE t.community_id = $1 AND t.message_id = m.id) AS texts
FROM message AS m
CROSS JOIN LATERAL (
    SELECT count(DISTINCT a.home_id) FILTER (WHERE a.reason IS NULL OR a.reason NOT IN ('told_before', 'vacant', 'held')) AS homes,
           count(DISTINCT a.person_id) FILTER (WHERE a.reach <> 'excluded') AS persons,
           count(DISTINCT a.home_id) FILTER (WHERE a.reason = 'held') AS held_homes
    FROM audience_member AS a WHERE a.community_id = $1 AND a.message_id = m.id) AS at
WHERE m.community_id = $1 AND m.subject = ANY ($2::bigint[]) AND m.id > $3
ORDER BY m.id;

-- name: deliveries_waiting
-- How many deliveries of these incidents' messages to residents have not left.
SELECT coalesce(sum(left_of.waiting), 0)::bigint FROM message AS m
CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM delivery AS d WHERE d.community_id = $1 AND d.message_id = m.id AND d.lease_until IS NULL)
         + (SELECT coalesce(sum(r.deliveries), 0)::bigint FROM delivery_range AS r
            WHERE r.community_id = $1 AND r.message_id = m.id AND r.lease_until IS NULL) AS waiting) AS left_of
WHERE m.community_id = $1 AND m.subject = ANY ($2::bigint[]) AND m.id <= $3 AND m.kind = 'broadcast';

-- name: open_follow_ups
-- fills: incidents.views.promises.OpenFollowUp
-- Follow-up calls that are due until $2, the earliest first.
SELECT f.incident_id, i.number, f.report_no AS no, f.round, r.caller_name, r.caller_phone, f.due_at AS due, f.tries
FROM follow_up AS f
JOIN incident AS i ON i.community_id = $1 AND i.id = f.incident_id
JOIN report AS r ON r.community_id = $1 AND r.incident_id = f.incident_id AND r.no = f.report_no
WHERE f.community_id = $1 AND f.spoken_at IS NULL AND f.unreachable_at IS NULL AND f.due_at <= $2
ORDER BY f.due_at, f.incident_id, f.report_no;

-- name: sending_now
-- fills: incidents.views.sending_now.Sending
-- Messages to residents of which members wait, and whether somebody has to resume them. $3 story time.
SELECT id, trying, paused_at IS NOT NULL AS paused, paused_why IS NOT DISTINCT FROM 'quarantined' AS quarantined FROM message
WHERE community_id = $1 AND subject = $2 AND kind = 'broadcast' AND trying > 0 AND stopped_at IS NULL AND expires_at > $3;

-- name: unsealed
-- fills: incidents.views.unsealed.Unsealed
-- Of the messages to residents about an incident, and about those that became part of it: whether one is still to be counted, and how many
-- could not be.
SELECT count(*) FILTER (WHERE m.seal_again_at IS NULL) > 0 AS counting, count(*) FILTER (WHERE m.seal_again_at IS NOT NULL) AS unsealable
FROM message AS m
WHERE m.community_id = $1 AND m.kind = 'broadcast' AND m.to_seal IS NOT NULL AND m.stopped_at IS NULL
  AND m.subject = ANY (ARRAY(SELECT $2::bigint UNION ALL SELECT i.id FROM incident AS i WHERE i.community_id = $1 AND i.merged_into = $2));

-- name: count_apart_of_incident
-- Deliveries about an incident that were set apart because they stopped their sender, and on which nobody has decided.
SELECT count(*) FROM quarantine AS q
JOIN message AS m ON m.community_id = $1 AND m.id = q.message_id AND m.subject = $2
WHERE q.community_id = $1 AND q.quarantined_at IS NOT NULL AND q.ended_at IS NULL AND q.no > 0;
