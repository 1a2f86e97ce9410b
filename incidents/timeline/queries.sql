-- name: append_events
-- All that one transaction adds, in one statement; the primary key refuses a number used twice. What names people ($12 salt, $13 detail, of an
-- event that has some) stands apart, so that it can be erased.
WITH added AS (
    SELECT * FROM unnest($2::bigint[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::bytea[],
                         $10::bytea[], $11::bytea[], $12::bytea[], $13::text[])
        AS a (incident_id, no, at, happened_at, kind, cause, body, detail_hash, prev_hash, hash, salt, detail)
), details AS (
    INSERT INTO event_detail (community_id, incident_id, no, salt, detail)
    SELECT $1, incident_id, no, salt, detail FROM added WHERE detail IS NOT NULL
)
INSERT INTO incident_event
    (community_id, incident_id, no, at, happened_at, kind, cause, body, detail_hash, prev_hash, hash)
SELECT $1, incident_id, no, at, happened_at, kind, cause, body, detail_hash, prev_hash, hash FROM added;

-- name: events_of_incident
-- fills: incidents.timeline.verify.StoredEvent
-- The whole chain in order, with the details that still exist.
SELECT e.no, e.at, e.happened_at, e.kind, e.cause, e.body, e.detail_hash, e.prev_hash, e.hash, d.salt, d.detail
FROM incident_event e
LEFT JOIN event_detail d ON d.community_id = e.community_id AND d.incident_id = e.incident_id AND d.no = e.no
WHERE e.community_id = $1 AND e.incident_id = $2 AND e.no > $3
ORDER BY e.no LIMIT $4;

-- name: heads
-- fills: incidents.timeline.verify.Head
-- Where each incident's chain says that it ends; $2 picks one, null all of the community.
SELECT community_id, id AS incident_id, number, head_no, head_hash
FROM incident WHERE community_id = $1 AND ($2::bigint IS NULL OR id = $2) ORDER BY id;

-- name: heads_changed_since
-- fills: incidents.timeline.verify.Head
-- What the next anchor has to hold.
SELECT community_id, id AS incident_id, number, head_no, head_hash
FROM incident WHERE community_id = $1 AND head_at >= $2 ORDER BY id;
