-- name: may_read_cluster
-- Managed servers may keep the function to themselves; the database's own number then has to do.
SELECT has_function_privilege('pg_control_system()', 'EXECUTE');

-- name: cluster
-- Given once, when the data directory was made; a restored dump lies in another one.
SELECT system_identifier::text FROM pg_control_system();

-- name: database_oid
-- A dump restored beside its original has another number.
SELECT oid::bigint FROM pg_database WHERE datname = current_database();

-- name: known_identity
-- fills: people.sending.identity.Identity
-- Locked, so that of several processes that start at once one alone finds that it is a copy.
SELECT cluster, database_oid FROM database_identity FOR UPDATE;

-- name: first_identity
-- The first process that ever starts on a database says which it is.
INSERT INTO database_identity (cluster, database_oid, seen_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: new_identity
-- From here on this copy knows itself.
UPDATE database_identity SET cluster = $1, database_oid = $2, seen_at = $3;

-- name: set_may_send
-- One community, or all of them ($1 null); only those whose state changes.
UPDATE community SET may_send = $2 WHERE ($1::bigint IS NULL OR id = $1) AND may_send <> $2 RETURNING id;

-- name: held
-- Where nothing is sent.
SELECT id FROM community WHERE NOT may_send ORDER BY id;
