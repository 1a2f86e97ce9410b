-- name: clocks
-- Both times, read once at the start of each transaction.
SELECT story_now() AS story, clock_timestamp() AS machine;

-- name: role_sees_everything
-- A superuser, a role with BYPASSRLS and the owner of the tables would all see every community.
SELECT rolsuper OR rolbypassrls OR EXISTS (
    SELECT 1 FROM pg_class WHERE relname = 'incident' AND relowner = pg_roles.oid
)
FROM pg_roles WHERE rolname = current_user;

-- name: timeline
-- The timeline on which this host writes; null on a standby.
SELECT CASE WHEN NOT pg_is_in_recovery() THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END;

-- name: sort_in_little_memory
-- For this transaction: what is larger than this is written to a temporary file.
SELECT set_config('work_mem', '64kB', true);

-- name: try_room
-- Half a megabyte in a temporary file, on the disk of the data; an error where that is full.
SELECT count(*) FROM generate_series(1, 25000);

-- name: migrations_table_exists
-- A database that was never migrated has no list of migrations either.
SELECT to_regclass('schema_migration') IS NOT NULL;

-- name: applied_migrations
-- Which files have been applied, with the hash of what they then held.
SELECT name, sha256 FROM schema_migration ORDER BY name;

-- name: applied_names
-- Whether the schema is the one this program was written for.
SELECT name FROM schema_migration;

-- name: record_migration
-- One row per applied file, in the transaction that applied it.
INSERT INTO schema_migration (name, sha256, applied_at) VALUES ($1, $2, clock_timestamp());

-- name: lower_work
-- Lowered only; a null instant means at once. The rows' locks are held from here to COMMIT, so this is a transaction's last
-- statement; always in the order of the lanes, so that two transactions cannot wait for each other.
INSERT INTO work (community_id, lane, due_at)
SELECT $1, lowered.lane, coalesce(lowered.due_at, clock_timestamp())
FROM unnest($2::text[], $3::timestamptz[]) AS lowered (lane, due_at) ORDER BY lowered.lane
ON CONFLICT (community_id, lane) DO UPDATE SET due_at = excluded.due_at WHERE excluded.due_at < work.due_at;

-- name: work_due
-- fills: tocsin.base.work.Waiting
-- Fair: the community that waited longest comes first, whatever its size. $1 is story time.
SELECT community_id, lane FROM work
WHERE due_at <= CASE WHEN lane IN ('timers', 'no_receipt', 'canaries', 'planned', 'handovers') THEN $1 ELSE clock_timestamp() END
ORDER BY due_at, community_id, lane LIMIT $2;

-- name: next_timer
-- What a test's forward() steps to.
SELECT min(due_at) FROM work WHERE lane IN ('timers', 'no_receipt', 'canaries', 'planned', 'handovers');

-- name: is_work_due
-- Whether a chore has something to do, or is at it: its row is raised when it has looked at everything.
SELECT EXISTS (SELECT FROM work WHERE community_id = $1 AND lane = $2 AND due_at <= $3);

-- name: hold_work
-- Whoever raises the row must look while holding it.
SELECT due_at FROM work WHERE community_id = $1 AND lane = $2 FOR UPDATE;

-- name: raise_work
-- The chore that looked says when to look again.
UPDATE work SET due_at = $3 WHERE community_id = $1 AND lane = $2;

-- name: finish_work
-- Nothing waits any more.
DELETE FROM work WHERE community_id = $1 AND lane = $2;

-- name: notify
-- A hint, never the truth.
SELECT pg_notify($1, $2);
