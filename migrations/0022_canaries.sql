-- A canary per building and channel: who gets the test message of each day, whether it came, and since when a way has not been proven.
-- Same walls as 0005_walls.sql.

-- When the test of each day goes out, by the community's wall clock, and how long proof is waited for. No row: nobody was named yet.
CREATE TABLE canary_plan (
    community_id   bigint PRIMARY KEY,
    test_at        time NOT NULL,
    within_minutes smallint NOT NULL CHECK (within_minutes BETWEEN 5 AND 720),
    enabled        boolean NOT NULL,
    changed_at     timestamptz NOT NULL
);

-- Who stands for a building, or for the community: a member of staff, a volunteer, the office's own handset.
CREATE TABLE canary (
    community_id bigint NOT NULL,
    place_id     bigint NOT NULL,
    place_kind   text NOT NULL CHECK (place_kind IN ('community', 'building')),
    person_id    bigint NOT NULL,
    named_by     text NOT NULL,
    named_at     timestamptz NOT NULL,
    PRIMARY KEY (community_id, place_id, person_id),
    FOREIGN KEY (community_id, place_id, place_kind) REFERENCES place (community_id, id, kind),
    FOREIGN KEY (community_id, person_id) REFERENCES person (community_id, id)
);

-- One test message over one channel. Round 0 is the day's own, the others were asked for; so a day has one of its own, whoever restarts.
CREATE TABLE canary_test (
    community_id  bigint NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    day           date NOT NULL,                           -- of the community
    round         smallint NOT NULL CHECK (round >= 0),
    channel_id    bigint NOT NULL,
    message_id    bigint NOT NULL,
    sent_at       timestamptz NOT NULL,                    -- story time
    due_at        timestamptz NOT NULL,
    replies_after bigint NOT NULL,                         -- the last reply there was: what came later may be its proof
    judged_at     timestamptz,                             -- that proof was missing, or was not, has been said
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, day, round, channel_id),
    UNIQUE (community_id, message_id)
);
CREATE INDEX canary_test_of_channel ON canary_test (community_id, channel_id, id);

-- What a test proved for a place, or why it did not; one row for each place that it was sent for.
CREATE TABLE canary_proof (
    community_id bigint NOT NULL,
    test_id      bigint NOT NULL,
    place_id     bigint NOT NULL,
    channel_id   bigint NOT NULL,
    proven_at    timestamptz,                              -- story time
    evidence     text CHECK (evidence IN ('receipt', 'link', 'reply')),
    why          text,                                     -- what is known of the failure
    PRIMARY KEY (community_id, test_id, place_id),
    CONSTRAINT canary_proof_has_evidence CHECK ((proven_at IS NULL) = (evidence IS NULL))
);
CREATE INDEX canary_proof_of_way ON canary_proof (community_id, place_id, channel_id, test_id) WHERE proven_at IS NOT NULL;

-- The link under a test message leads to a page of its own.
ALTER TABLE message DROP CONSTRAINT message_link_check;
ALTER TABLE message ADD CONSTRAINT message_link_check CHECK (link IN ('', 'answer', 'resident', 'canary'));

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY['canary_plan', 'canary', 'canary_test', 'canary_proof']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON canary_plan, canary_test, canary_proof TO tocsin_service;
GRANT SELECT, INSERT, DELETE ON canary TO tocsin_service;
