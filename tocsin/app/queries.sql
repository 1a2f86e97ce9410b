-- name: take_beat
-- One of all workers looks, and beats where it may: the next in $1 seconds. When timelines were last found whole; no row where another did.
UPDATE heartbeat SET due_at = clock_timestamp() + make_interval(secs => $1::float8), looked_at = clock_timestamp()
WHERE due_at <= clock_timestamp() RETURNING coalesce(verified_at, 'epoch'::timestamptz);

-- name: note_beat
-- What the look found (nothing: it was clean), whether the watcher took the beat ($2 when, null: not), and why not.
UPDATE heartbeat SET withheld = $1::text[], sent_at = coalesce($2::timestamptz, sent_at), problem = $3;

-- name: note_verified
-- Every timeline that changed lately is whole.
UPDATE heartbeat SET verified_at = clock_timestamp();

-- name: last_beat
-- fills: tocsin.app.heartbeat.LastBeat
-- How it stands.
SELECT looked_at, sent_at, withheld, problem, verified_at FROM heartbeat;

-- name: timers_late
-- For how many seconds the longest overdue deadline waits. $1 story time.
SELECT coalesce(max(extract(epoch FROM $1::timestamptz - due_at)), 0)::float8 FROM work WHERE lane = 'timers';

-- name: news_late
-- For how many seconds the longest waiting news have not been sealed and fanned out.
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - due_at)), 0)::float8 FROM work WHERE lane = 'fan_out';

-- name: is_durable
-- Whether what PostgreSQL says is committed is on its disk.
SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AND current_setting('synchronous_commit') <> 'off';
