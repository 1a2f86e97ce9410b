-- A message can be paused: what has not left waits, until it is resumed, stopped, or too late. And what stops its sender again and again is set
-- apart: a delivery by itself, a broadcast as a whole.

ALTER TABLE message
    ADD COLUMN paused_at timestamptz,     -- story time; null: it is not paused
    ADD COLUMN paused_why text,           -- desk: somebody paused it; quarantined: it stopped its sender five times
    ADD CONSTRAINT message_paused_with_its_reason CHECK (
        (paused_at IS NULL) = (paused_why IS NULL) AND paused_why IN ('desk', 'quarantined')),
    ADD CONSTRAINT message_is_paused_or_stopped CHECK (paused_at IS NULL OR stopped_at IS NULL);

-- Senders that did not come back from a claim of it. All times are machine time.
CREATE TABLE quarantine (
    community_id   bigint NOT NULL,
    message_id     bigint NOT NULL,
    no             bigint NOT NULL,       -- the delivery; 0: the whole message
    losses         smallint NOT NULL,     -- senders lost in a row, with no word of any other claim in between
    first_lost_at  timestamptz NOT NULL,
    noted_at       timestamptz NOT NULL,  -- claims made before are counted
    quarantined_at timestamptz,           -- null: not yet
    ended_at       timestamptz,
    ended_how      text,
    ended_by       text,
    PRIMARY KEY (community_id, message_id, no),
    CONSTRAINT quarantine_ended_how CHECK (ended_how IN ('released', 'given_up')),
    CONSTRAINT quarantine_ended_by_somebody CHECK ((ended_at IS NULL) = (ended_how IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)),
    CONSTRAINT quarantine_ends_after_it_began CHECK (ended_at IS NULL OR quarantined_at IS NOT NULL)
);
CREATE INDEX quarantine_open ON quarantine (community_id, quarantined_at) WHERE quarantined_at IS NOT NULL AND ended_at IS NULL;

ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
ALTER TABLE quarantine FORCE ROW LEVEL SECURITY;
CREATE POLICY one_community ON quarantine
    USING (community_id = nullif(current_setting('app.community', true), '')::bigint)
    WITH CHECK (community_id = nullif(current_setting('app.community', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE ON quarantine TO tocsin_service;
