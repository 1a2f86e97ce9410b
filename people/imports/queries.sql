-- name: wide_places
-- fills: people.imports.store.PlaceRow
-- The community itself, its buildings and units, with every other word for them: there are few, and every row of a file needs them.
SELECT place.id, place.code, place.kind, place.names, place.occupancy,
       ARRAY(SELECT place_alias.key FROM place_alias
             WHERE place_alias.community_id = $1 AND place_alias.place_id = place.id) AS aliases
FROM place
WHERE place.community_id = $1 AND place.kind = ANY ('{community,building,unit}'::text[])
ORDER BY place.code

-- name: places_of_codes
-- fills: people.imports.store.PlaceRow
-- What the codes of some rows are taken by.
SELECT id, code, kind, names, occupancy, '{}'::text[] AS aliases FROM place WHERE community_id = $1 AND code = ANY ($2::text[])

-- name: homes_by_end
-- fills: people.imports.store.HomeByEnd
-- Homes of a building in whichever unit, for rows that name no unit.
SELECT said.building, said.ending, place.code
FROM unnest($2::text[], $3::text[]) AS said (building, ending)
JOIN place building ON building.community_id = $1 AND building.code = said.building
JOIN place_within within ON within.community_id = $1 AND within.ancestor_id = building.id
JOIN place ON place.community_id = $1 AND place.id = within.place_id AND place.kind = 'home'
WHERE right(place.code, length(said.ending) + 1) = '-' || said.ending

-- name: residents_at
-- Whoever lives or lived in these homes.
SELECT DISTINCT residence.person_id
FROM place
JOIN residence ON residence.community_id = $1 AND residence.home_id = place.id
WHERE place.community_id = $1 AND place.code = ANY ($2::text[])

-- name: owners_of_addresses
-- Whose these addresses are; one by one, so that each is looked up and the table is not read for all of them.
SELECT DISTINCT owner.person_id
FROM unnest($2::text[]) AS said (address)
CROSS JOIN LATERAL (
    SELECT person_id FROM contact_point WHERE community_id = $1 AND address = said.address OFFSET 0
) owner

-- name: persons_known
-- fills: people.imports.store.PersonRow
-- These people. Which of them are residents is not asked here: without figures a planner would read all residents for it.
-- What belongs to them comes by statements of its own for the same reason.
SELECT id, kind, name, language, merged_into IS NOT NULL AS merged FROM person WHERE community_id = $1 AND id = ANY ($2::bigint[]) ORDER BY id

-- name: stays_of
-- fills: people.imports.store.StayRow
-- Where these people live or lived.
SELECT residence.person_id, home.code, residence.role, residence.since, residence.until
FROM residence
JOIN place home ON home.community_id = $1 AND home.id = residence.home_id
WHERE residence.community_id = $1 AND residence.person_id = ANY ($2::bigint[])

-- name: addresses_of
-- fills: people.imports.store.AddressRow
-- How these people are reached.
SELECT person_id, address, quality FROM contact_point WHERE community_id = $1 AND person_id = ANY ($2::bigint[])

-- name: plates_of
-- fills: people.imports.store.PlateRow
-- What these people drive.
SELECT person_id, plate FROM vehicle WHERE community_id = $1 AND person_id = ANY ($2::bigint[])

-- name: count_residences
-- Stays that hold at a date of the community: what a tenth is counted of.
SELECT count(*)
FROM residence
JOIN person ON person.community_id = $1 AND person.id = residence.person_id AND person.merged_into IS NULL
WHERE residence.community_id = $1 AND coalesce(residence.until > $2, true)

-- name: set_occupancies
-- How homes are used, where a list says so.
UPDATE place SET occupancy = said.occupancy, version = place.version + 1
FROM unnest($2::bigint[], $3::text[]) AS said (id, occupancy)
WHERE place.community_id = $1 AND place.id = said.id

-- name: ids_of_codes
-- fills: people.bulk.AddedPlace
-- The places with these codes.
SELECT id, code FROM place WHERE community_id = $1 AND code = ANY ($2::text[])

-- name: insert_stays
-- Who lives where, as a list says it.
INSERT INTO residence (community_id, person_id, home_id, role, since, until)
SELECT $1, said.person_id, said.home_id, said.role, said.since, said.until
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::date[], $6::date[]) AS said (person_id, home_id, role, since, until)
ON CONFLICT DO NOTHING

-- name: update_stays
-- What a list says anew of stays that are known.
UPDATE residence SET role = said.role, since = said.since, until = said.until
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::date[], $6::date[]) AS said (person_id, home_id, role, since, until)
WHERE residence.community_id = $1 AND residence.person_id = said.person_id AND residence.home_id = said.home_id

-- name: make_room
-- New numbers go first: those that are known move behind them.
UPDATE contact_point SET rank = least(contact_point.rank + said.count, 30000)::smallint, version = contact_point.version + 1
FROM unnest($2::bigint[], $3::int[]) AS said (person_id, count)
WHERE contact_point.community_id = $1 AND contact_point.person_id = said.person_id

-- name: insert_more_addresses
-- Addresses that somebody known has beside those that are known.
INSERT INTO contact_point (community_id, person_id, kind, address, rank, consent, quality, proxy_name, proxy_relation, consent_source)
SELECT $1, line.person_id, line.kind, line.address, line.rank, line.consent, line.quality, line.proxy_name, line.proxy_relation,
       line.consent_source
FROM jsonb_to_recordset($2::jsonb) AS line (
    person_id bigint, kind text, address text, rank smallint, consent text[], quality text, proxy_name text, proxy_relation text,
    consent_source text)
ON CONFLICT DO NOTHING

-- name: update_persons
-- A name for somebody who had none, a language that a list says, a note where there was none.
UPDATE person
SET name = said.name, sort_key = said.sort_key, language = said.language,
    note = coalesce(nullif(person.note, ''), said.note), version = person.version + 1
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) AS said (id, name, sort_key, language, note)
WHERE person.community_id = $1 AND person.id = said.id

-- name: end_others
-- Stays that hold and stand in no row of a list that is whole.
UPDATE residence SET until = $2
FROM person
WHERE residence.community_id = $1 AND coalesce(residence.until > $2, true) AND coalesce(residence.since < $2, true)
  AND person.community_id = $1 AND person.id = residence.person_id AND person.merged_into IS NULL
  AND NOT EXISTS (
      SELECT FROM unnest($3::bigint[], $4::bigint[]) AS said (person_id, home_id)
      WHERE said.person_id = residence.person_id AND said.home_id = residence.home_id)

-- name: count_others
-- How many stays `end_others` would end.
SELECT count(*)
FROM residence
JOIN person ON person.community_id = $1 AND person.id = residence.person_id AND person.merged_into IS NULL
WHERE residence.community_id = $1 AND coalesce(residence.until > $2, true) AND coalesce(residence.since < $2, true)
  AND NOT EXISTS (
      SELECT FROM unnest($3::bigint[], $4::bigint[]) AS said (person_id, home_id)
      WHERE said.person_id = residence.person_id AND said.home_id = residence.home_id)

-- name: hold_imports
-- One file at a time a community: what one adds, the next one must see.
SELECT pg_try_advisory_xact_lock(1953653865, ($1::bigint % 2147483647)::int)

-- name: forget_plans
-- A plan made while the tables were all but empty reads them whole for ever; an import fills them within one transaction.
DISCARD PLANS

-- name: may_pause
-- Between two statements of an import a whole page of the file is read and judged: that takes its time on a busy machine.
SET LOCAL idle_in_transaction_session_timeout = '60s'

-- name: insert_run
-- A file that is being read.
INSERT INTO import_run (community_id, file_name, file_sha256, file, by, options, dry, state, started_at, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'reading', $8, $9)
RETURNING id

-- name: note_understood
-- What the file was taken for.
UPDATE import_run SET kind = $3, understood = $4 WHERE community_id = $1 AND id = $2

-- name: note_progress
-- How far it is.
UPDATE import_run SET rows_read = $3, seen_at = $4 WHERE community_id = $1 AND id = $2 AND state = 'reading'

-- name: finish_run
-- What came of it: with the rows themselves, or without them where the file was refused or failed.
UPDATE import_run
SET state = $3, refusal = $4, refusal_values = $5, counts = $6, rows_read = $7, finished_at = $8, applied_at = $9, examples = $10
WHERE community_id = $1 AND id = $2 AND state = 'reading'

-- name: insert_rows
-- The verdicts of some rows.
INSERT INTO import_row (community_id, run_id, sheet, line, verdict, reasons, hints)
SELECT $1, $2, said.sheet, said.line, said.verdict, said.reasons, said.hints
FROM jsonb_to_recordset($3::jsonb) AS said (sheet smallint, line int, verdict text, reasons jsonb, hints jsonb)

-- name: run
-- fills: people.imports.runs.Run
-- One file with how it stands.
SELECT id, kind, file_name, by, dry, state, refusal, refusal_values, understood, counts, rows_read, started_at, finished_at, applied_at,
       options, examples, file IS NOT NULL AS kept, state = 'reading' AND seen_at < $3::timestamptz - interval '60 seconds' AS lost
FROM import_run WHERE community_id = $1 AND id = $2

-- name: recent_runs
-- fills: people.imports.runs.RunLine
-- The last files, the newest first.
SELECT id, kind, file_name, by, dry, state, counts, started_at, applied_at,
       state = 'reading' AND seen_at < $2::timestamptz - interval '60 seconds' AS lost
FROM import_run WHERE community_id = $1
ORDER BY id DESC
LIMIT $3

-- name: run_rows
-- fills: people.imports.runs.RunRow
-- Rows of a file with something to say about them, in its order.
SELECT sheet, line, verdict, reasons, hints
FROM import_row
WHERE community_id = $1 AND run_id = $2 AND (sheet, line) > ($3::smallint, $4::int)
  AND (verdict = 'refused' OR (hints <> '[]' AND NOT $5::boolean))
ORDER BY sheet, line
LIMIT $6

-- name: run_kept
-- fills: people.imports.runs.Kept
-- The file itself, and what was asked of it.
SELECT file_name, file, by, dry, options, understood FROM import_run WHERE community_id = $1 AND id = $2

-- name: forget_files
-- A list holds more than was taken from it (identity cards): once there was time to fetch its errors, only what became of its rows is kept.
UPDATE import_run SET file = NULL WHERE community_id = $1 AND file IS NOT NULL AND started_at < $2 AND state <> 'reading'

-- name: forget_runs
-- Files and rows hold residents' data: after a month only a directory needs them.
DELETE FROM import_run WHERE community_id = $1 AND started_at < $2 AND state <> 'reading'

-- name: staff
-- fills: people.imports.staff.StaffPerson
-- Everybody on the staff, with what a list may add to.
SELECT person.id, person.name, person.language, person.note,
       ARRAY(SELECT contact_point.address FROM contact_point
             WHERE contact_point.community_id = $1 AND contact_point.person_id = person.id) AS addresses,
       ARRAY(SELECT post.role FROM post WHERE post.community_id = $1 AND post.person_id = person.id) AS posts,
       (SELECT coalesce(jsonb_object_agg(certificate.kind, certificate.expires_on), '{}') FROM certificate
        WHERE certificate.community_id = $1 AND certificate.person_id = person.id) AS certificates
FROM person
WHERE person.community_id = $1 AND person.kind = 'staff' AND person.merged_into IS NULL
ORDER BY person.id

-- name: upsert_certificate
-- A certificate and through which day it is valid.
INSERT INTO certificate (community_id, person_id, kind, expires_on) VALUES ($1, $2, $3, $4)
ON CONFLICT (community_id, person_id, kind) DO UPDATE SET expires_on = EXCLUDED.expires_on

-- name: shifts_between
-- fills: people.imports.rosters.KnownShift
-- Who is on duty in a span of time.
SELECT department.key AS department, shift.tier, shift.person_id, shift.starts_local, shift.ends_local
FROM shift
JOIN department ON department.community_id = $1 AND department.id = shift.department_id
WHERE shift.community_id = $1 AND shift.starts_local < $3 AND shift.ends_local > $2

-- name: facilities
-- fills: people.imports.facilities.KnownFacility
-- Every facility, with what it is called and what it serves.
SELECT place.code, place.facility_kind, place.rescue_code,
       ARRAY(SELECT place_alias.key FROM place_alias
             WHERE place_alias.community_id = $1 AND place_alias.place_id = place.id) AS aliases,
       ARRAY(SELECT served.code FROM serves JOIN place served ON served.community_id = $1 AND served.id = serves.place_id
             WHERE serves.community_id = $1 AND serves.facility_id = place.id) AS serves
FROM place WHERE place.community_id = $1 AND place.kind = 'facility'

-- name: set_rescue_codes
-- Rescue codes that a list says.
UPDATE place SET rescue_code = said.rescue_code, version = place.version + 1
FROM unnest($2::text[], $3::text[]) AS said (code, rescue_code)
WHERE place.community_id = $1 AND place.code = said.code
