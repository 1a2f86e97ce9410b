-- name: forget_key
-- A key is free again after its time.
DELETE FROM idempotency WHERE community_id = $1 AND principal = $2 AND key = $3 AND created_at < $4;

-- name: insert_key
-- Waits here while another request with the same key is running; touches no row when that one has committed.
INSERT INTO idempotency (community_id, principal, key, request_hash, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (community_id, principal, key) DO NOTHING;

-- name: answer_before
-- fills: api.idempotency.Before
-- A committed key always has its answer, because both are written by one transaction.
SELECT request_hash, status, body FROM idempotency
WHERE community_id = $1 AND principal = $2 AND key = $3 AND status IS NOT NULL;

-- name: complete_key
-- In the effect's own transaction.
UPDATE idempotency SET status = $4, body = $5 WHERE community_id = $1 AND principal = $2 AND key = $3;

-- name: forget_old_keys
-- Retention of 24 hours: the oldest first, at most $3 at a time, and none that a request is using at this moment.
DELETE FROM idempotency WHERE community_id = $1 AND ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency WHERE community_id = $1 AND created_at < $2 ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED));

-- name: unmatched_replies
-- fills: api.v1.replies.UnmatchedReply
-- What people wrote that belongs to no open alert; a human at the desk reads it.
SELECT id, address, text, received_at, outcome FROM reply
WHERE community_id = $1 AND outcome IN ('unmatched', 'ambiguous', 'not_understood') AND id < $2
ORDER BY id DESC LIMIT $3;

-- name: oldest_work
-- Seconds for which the longest waiting work has been due: how far behind the worker is. What a restored copy holds back is no delay.
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - w.due_at)), 0)::float8
FROM work AS w LEFT JOIN community AS c ON c.id = w.community_id AND NOT c.may_send
WHERE w.lane NOT IN ('timers', 'no_receipt') AND w.due_at <= clock_timestamp()
    AND (c.id IS NULL OR w.lane NOT IN ('alert', 'correction', 'urgent', 'notice'));

-- name: oldest_transaction
-- fills: api.service_state.OldTransaction
-- Whose transaction has been open for longest; no row where none is.
SELECT seconds, pid, who, state FROM oldest_transaction();

-- name: dead_rows_of_queue
-- So many rows of the queue are dead and not cleared away yet, as far as PostgreSQL has counted.
SELECT pg_stat_get_dead_tuples('delivery'::regclass);
