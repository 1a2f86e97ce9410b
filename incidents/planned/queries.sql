-- name: insert_work
-- A cut that is known beforehand.
INSERT INTO planned_work (community_id, kind, place_id, starts_at, ends_at, by_supplier, source, written_at, written_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id;

-- name: one_work
-- fills: incidents.planned.notices.Work
-- One planned cut.
SELECT id, kind, place_id, starts_at, ends_at, state, ended_at FROM planned_work WHERE community_id = $1 AND id = $2;

-- name: lock_work
-- fills: incidents.planned.notices.Work
-- The same, held: it is changed and ended once.
SELECT id, kind, place_id, starts_at, ends_at, state, ended_at FROM planned_work WHERE community_id = $1 AND id = $2 FOR UPDATE;

-- name: move_work
-- Other times; $5: since when residents know that they are others.
UPDATE planned_work SET starts_at = $3, ends_at = $4, changed_at = coalesce($5, changed_at) WHERE community_id = $1 AND id = $2;

-- name: end_work
-- Somebody said that it is restored, or that it does not happen.
UPDATE planned_work SET state = $3, ended_at = $4, ended_by = $5 WHERE community_id = $1 AND id = $2;

-- name: link_incident
-- It did not end, and became an incident.
UPDATE planned_work SET incident_id = $3 WHERE community_id = $1 AND id = $2;

-- name: insert_notice
-- What residents are told, and when.
INSERT INTO planned_notice (community_id, planned_id, what, due_at) VALUES ($1, $2, $3, $4);

-- name: drop_notices
-- What has not left does not leave.
UPDATE planned_notice SET dropped_at = $3 WHERE community_id = $1 AND planned_id = $2 AND posted_at IS NULL AND dropped_at IS NULL;

-- name: notices_of_work
-- fills: incidents.planned.notices.Notice
-- What residents are told of it.
SELECT id, planned_id, what, due_at, posted_at, message_id, dropped_at FROM planned_notice
WHERE community_id = $1 AND planned_id = $2 ORDER BY due_at, id;

-- name: messages_of_work
-- By which messages residents were told of it.
SELECT message_id FROM planned_notice WHERE community_id = $1 AND planned_id = $2 AND message_id IS NOT NULL;

-- name: take_due_notice
-- fills: incidents.planned.notices.Notice
-- One that is due, held until it is posted; what another process holds is its business.
SELECT id, planned_id, what, due_at, posted_at, message_id, dropped_at FROM planned_notice
WHERE community_id = $1 AND due_at <= $2 AND posted_at IS NULL AND dropped_at IS NULL
ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: note_posted
-- It left, or nobody had been told, so that nobody was.
UPDATE planned_notice SET posted_at = $3, message_id = $4 WHERE community_id = $1 AND id = $2;

-- name: next_notice_due
-- When to look again.
SELECT due_at FROM planned_notice WHERE community_id = $1 AND posted_at IS NULL AND dropped_at IS NULL ORDER BY due_at LIMIT 1;
