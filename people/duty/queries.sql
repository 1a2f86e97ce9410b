-- name: shifts_between
-- fills: people.duty.shifts.Shift
-- The roster of a span of time. $2 from, $3 until before, $4 a department's key or null for all.
SELECT shift.id, department.key AS department, department.names AS department_names, shift.tier, shift.person_id, person.name,
       shift.starts_at, shift.ends_at, shift.starts_local, shift.ends_local, shift.version
FROM department
JOIN shift ON shift.community_id = $1 AND shift.department_id = department.id AND shift.starts_at < $3 AND shift.ends_at > $2
CROSS JOIN LATERAL (SELECT person.name FROM person WHERE person.community_id = $1 AND person.id = shift.person_id LIMIT 1) AS person
WHERE department.community_id = $1 AND ($4::text IS NULL OR department.key = $4)
ORDER BY department.id, array_position('{duty,backup,lead}'::text[], shift.tier), shift.starts_at, shift.id
LIMIT 5000

-- name: shifts_by_id
-- fills: people.duty.shifts.Shift
-- Some shifts, held until the transaction ends.
SELECT shift.id, department.key AS department, department.names AS department_names, shift.tier, shift.person_id, person.name,
       shift.starts_at, shift.ends_at, shift.starts_local, shift.ends_local, shift.version
FROM shift
JOIN department ON department.community_id = $1 AND department.id = shift.department_id
JOIN person ON person.community_id = $1 AND person.id = shift.person_id
WHERE shift.community_id = $1 AND shift.id = ANY ($2::bigint[])
ORDER BY shift.id
FOR UPDATE OF shift

-- name: delete_shifts
-- These are not worked, or make room for what takes their place.
DELETE FROM shift WHERE community_id = $1 AND id = ANY ($2::bigint[])

-- name: put_shifts
-- What takes their place; a shift keeps its id. In one statement with nothing of theirs left, because a person stands once at a time.
INSERT INTO shift (community_id, id, department_id, tier, person_id, starts_at, ends_at, starts_local, ends_local, version)
OVERRIDING SYSTEM VALUE
SELECT $1::bigint, line.id, department.id, line.tier, line.person_id, line.starts_at, line.ends_at, line.starts_local, line.ends_local,
       line.version
FROM jsonb_to_recordset($2::jsonb) AS line (
    id bigint, department text, tier text, person_id bigint, starts_at timestamptz, ends_at timestamptz, starts_local timestamp,
    ends_local timestamp, version int)
JOIN department ON department.community_id = $1 AND department.key = line.department

-- name: new_shift
-- A shift by the clock on the wall.
INSERT INTO shift (community_id, department_id, tier, person_id, starts_at, ends_at, starts_local, ends_local)
SELECT $1::bigint, department.id, $3, $4, $5, $6, $7, $8 FROM department WHERE department.community_id = $1 AND department.key = $2
RETURNING id

-- name: note_change
-- Who took over what from whom.
INSERT INTO shift_change (community_id, department_id, tier, at, by, from_person_id, to_person_id, starts_at, ends_at, reason)
SELECT $1::bigint, department.id, $3, $4, $5, $6, $7, $8, $9, $10 FROM department WHERE department.community_id = $1 AND department.key = $2

-- name: changes_between
-- fills: people.duty.shifts.Change
-- Who took over from whom in a span of time, the newest first.
SELECT shift_change.at, shift_change.by, department.key AS department, shift_change.tier, shift_change.from_person_id,
       shift_change.to_person_id, shift_change.starts_at, shift_change.ends_at, shift_change.reason
FROM department
JOIN shift_change ON shift_change.community_id = $1 AND shift_change.department_id = department.id
    AND shift_change.starts_at < $3 AND shift_change.ends_at > $2
WHERE department.community_id = $1
ORDER BY shift_change.id DESC LIMIT 500

-- name: coming_shifts
-- fills: people.duty.wall.Coming
-- What every coming shift says on the wall, and the instants that it meant when it was given. $2 story time.
SELECT id, starts_local, ends_local, starts_at, ends_at FROM shift WHERE community_id = $1 AND ends_at > $2 ORDER BY id FOR UPDATE

-- name: departments_in_full
-- fills: people.duty.departments.DepartmentInFull
-- Every team with the tiers that are to be filled, and when. $2 a key or null for all.
SELECT department.id, department.key, department.names, department.tiers, department.version,
       coalesce((SELECT jsonb_agg(jsonb_build_object('tier', cover_hours.tier, 'weekday', cover_hours.weekday, 'opens', cover_hours.opens,
                                                     'closes', cover_hours.closes)
                                  ORDER BY cover_hours.tier, cover_hours.weekday, cover_hours.opens)
                 FROM cover_hours
                 WHERE cover_hours.community_id = $1 AND cover_hours.department_id = department.id), '[]') AS hours
FROM department WHERE department.community_id = $1 AND ($2::text IS NULL OR department.key = $2)
ORDER BY department.id

-- name: department_version
-- The version that is there now; held until the transaction ends.
SELECT version FROM department WHERE community_id = $1 AND key = $2 FOR NO KEY UPDATE

-- name: update_department
-- Names and tiers of a team; its key is the playbooks' word for it.
UPDATE department SET names = $3, tiers = $4, version = version + 1 WHERE community_id = $1 AND key = $2

-- name: delete_hours
-- Before those that hold now.
DELETE FROM cover_hours WHERE community_id = $1 AND department_id = $2

-- name: insert_hours
-- When a team's tiers are to be filled.
INSERT INTO cover_hours (community_id, department_id, tier, weekday, opens, closes)
SELECT $1::bigint, $2::bigint, hours.tier, hours.weekday, hours.opens, hours.closes
FROM unnest($3::text[], $4::smallint[], $5::time[], $6::time[]) AS hours (tier, weekday, opens, closes)
ON CONFLICT DO NOTHING

-- name: held_between
-- fills: people.duty.readiness.Held
-- Who stands when, whether an alert could reach them, and whether a telephone of theirs could ring. $2 from, $3 until before.
SELECT department.key AS department, shift.tier, shift.person_id, person.name, shift.starts_at, shift.ends_at, way.reachable, way.rings
FROM department
JOIN shift ON shift.community_id = $1 AND shift.department_id = department.id AND shift.starts_at < $3 AND shift.ends_at > $2
CROSS JOIN LATERAL (SELECT person.name FROM person WHERE person.community_id = $1 AND person.id = shift.person_id LIMIT 1) AS person
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS reachable, coalesce(bool_or(contact_point.kind IN ('mobile', 'landline')), false) AS rings
    FROM contact_point
    WHERE contact_point.community_id = $1 AND contact_point.person_id = shift.person_id
      AND contact_point.quality IN ('good', 'unproven', 'failing') AND 'alert' = ANY (contact_point.consent)
) AS way
WHERE department.community_id = $1
ORDER BY department.id, shift.tier, shift.starts_at

-- name: certificates
-- fills: people.duty.certificates.Certificate
-- What staff are certified for, the soonest to expire first. $2 a person or null for all, $3 those that expire before this date or null.
SELECT certificate.id, certificate.person_id, person.name, certificate.kind, certificate.number, certificate.expires_on
FROM certificate
JOIN person ON person.community_id = $1 AND person.id = certificate.person_id
WHERE certificate.community_id = $1 AND ($2::bigint IS NULL OR certificate.person_id = $2)
  AND ($3::date IS NULL OR certificate.expires_on < $3)
ORDER BY certificate.expires_on, person.sort_key, certificate.id

-- name: put_certificate
-- One of a kind and person; a renewal is the same row.
INSERT INTO certificate (community_id, person_id, kind, number, expires_on) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (community_id, person_id, kind) DO UPDATE SET number = EXCLUDED.number, expires_on = EXCLUDED.expires_on
RETURNING id

-- name: delete_certificate
-- It was withdrawn, or never there.
DELETE FROM certificate WHERE community_id = $1 AND id = $2

-- name: certified
-- Who of these holds a certificate that is valid on this date of the community.
SELECT person_id FROM certificate
WHERE community_id = $1 AND person_id = ANY ($2::bigint[]) AND kind = $3 AND expires_on >= $4 ORDER BY person_id
