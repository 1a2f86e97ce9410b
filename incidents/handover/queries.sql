-- name: insert_handover
-- Whoever goes signs what is open.
INSERT INTO handover (community_id, snapshot, notes, device, gone_name, gone_account, gone_how, gone_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id;

-- name: sign_handover
-- Whoever comes signs it, once.
UPDATE handover SET come_name = $3, come_account = $4, come_how = $5, come_at = $6
WHERE community_id = $1 AND id = $2 AND come_at IS NULL;

-- name: one_handover
-- fills: incidents.handover.signing.HandoverRow
-- To be read or printed, also years later.
SELECT id, snapshot, notes, device, gone_name, gone_account, gone_how, gone_at, come_name, come_account, come_how, come_at
FROM handover WHERE community_id = $1 AND id = $2;

-- name: handovers
-- fills: incidents.handover.signing.HandoverRow
-- A page of them, the newest first.
SELECT id, snapshot, notes, device, gone_name, gone_account, gone_how, gone_at, come_name, come_account, come_how, come_at
FROM handover WHERE community_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: handovers_since
-- From when on a handover can be missed: since there is a desk to sign at, or somebody signed one.
SELECT least(
    (SELECT min(d.enrolled_at) FROM desk_device d WHERE d.community_id = $1 AND d.withdrawn_at IS NULL),
    (SELECT h.gone_at FROM handover h WHERE h.community_id = $1 ORDER BY h.id LIMIT 1));

-- name: signed_between
-- Which handovers both signed about a change of shift.
SELECT come_at FROM handover WHERE community_id = $1 AND come_at >= $2 AND come_at <= $3;

-- name: is_noted
-- Told already.
SELECT true FROM handover_missed WHERE community_id = $1 AND changed_at = $2;

-- name: note_missed
-- Nobody is told of it again.
INSERT INTO handover_missed (community_id, changed_at, noted_at, told) VALUES ($1, $2, $3, $4);

-- name: last_missed
-- fills: incidents.handover.shift_changes.Missed
-- Red on the desk until both have signed one after it.
SELECT m.changed_at, m.noted_at, m.told FROM handover_missed m
WHERE m.community_id = $1 AND NOT EXISTS (SELECT FROM handover h WHERE h.community_id = $1 AND h.come_at >= m.noted_at)
ORDER BY m.changed_at DESC LIMIT 1;
