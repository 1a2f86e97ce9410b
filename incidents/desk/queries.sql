-- name: insert_report
-- One report, with the number of its event.
INSERT INTO report (community_id, incident_id, no, at, source, caller_person_id, home_id, caller_name, caller_phone, words, wish,
                    call_back_due)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: call_was_made
-- A promised call back was made; a second time touches nothing.
UPDATE report SET called_back_at = $4
WHERE community_id = $1 AND incident_id = $2 AND no = $3 AND call_back_due IS NOT NULL AND called_back_at IS NULL;

-- name: homes_reported
-- Forty calls from one home are one home.
SELECT count(DISTINCT home_id) FROM report WHERE community_id = $1 AND incident_id = $2 AND home_id IS NOT NULL;

-- name: insert_repair
-- One home only: a repair and not an incident.
INSERT INTO repair (community_id, at, kind, place_id, words, caller_name, caller_phone, taken_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id;

-- name: repairs_in_building
-- How many homes of this building handed on such a repair lately.
SELECT count(DISTINCT r.place_id)
FROM repair r
JOIN place_within w ON w.community_id = r.community_id AND w.place_id = r.place_id AND w.ancestor_id = $3
WHERE r.community_id = $1 AND r.kind = $2 AND r.at > $4;

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
