-- What each worker says of itself every few seconds, so that a page, a command and a monitor can show all of them; and the heartbeat to an
-- outside watcher. On the floor: no community's data is in it. All times are machine time.

CREATE TABLE worker_report (
    worker             text PRIMARY KEY,             -- machine, process and start
    started_at         timestamptz NOT NULL,
    seen_at            timestamptz NOT NULL,
    on_wire            integer NOT NULL,
    loop_lag_seconds   double precision NOT NULL,    -- the longest since the report before
    settle_lag_seconds double precision NOT NULL,    -- the longest from a gateway's answer until it was on disk
    pool_size          integer NOT NULL,
    pool_used          integer NOT NULL              -- connections in use, the most that were seen since the report before
);
GRANT SELECT, INSERT, UPDATE, DELETE ON worker_report TO tocsin_service;

CREATE TABLE gateway_report (
    worker           text NOT NULL REFERENCES worker_report ON DELETE CASCADE,
    gateway_id       bigint NOT NULL REFERENCES gateway,
    on_wire          integer NOT NULL,
    accepted         bigint NOT NULL,                -- since the worker started, like the next four
    not_sent         bigint NOT NULL,
    refused          bigint NOT NULL,
    unknown          bigint NOT NULL,
    repeats          bigint NOT NULL,
    recent_accepted  integer NOT NULL,               -- within the last minute
    recent_failed    integer NOT NULL,
    per_second       double precision NOT NULL,      -- taken by the gateway, as of the last ten seconds
    last_accepted_at timestamptz,
    PRIMARY KEY (worker, gateway_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON gateway_report TO tocsin_service;

CREATE TABLE heartbeat (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    due_at      timestamptz NOT NULL,
    looked_at   timestamptz,
    sent_at     timestamptz,                         -- the last that the watcher took
    withheld    text[] NOT NULL DEFAULT '{}',        -- what the last audit found; empty: it was clean
    problem     text,                                -- why the last one did not arrive
    verified_at timestamptz                          -- when timelines were last found whole
);
INSERT INTO heartbeat (due_at) VALUES (clock_timestamp());
GRANT SELECT, UPDATE ON heartbeat TO tocsin_service;
