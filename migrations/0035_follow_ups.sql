-- A follow-up call: after an incident is closed its reporters are called once more, as the playbook says, and asked whether all is well.

CREATE TABLE follow_up (
    community_id   bigint NOT NULL,
    incident_id    bigint NOT NULL,
    report_no      integer NOT NULL,                  -- the first report of this caller; one call for each caller, not for each report
    round          smallint NOT NULL CHECK (round BETWEEN 1 AND 10),   -- 1: after within; 2 and on: after again_after
    due_at         timestamptz NOT NULL,              -- of the next try
    tries          smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 3),
    spoken_at      timestamptz,
    satisfied      boolean,                           -- as they said it
    unreachable_at timestamptz,                       -- given up after the last try
    PRIMARY KEY (community_id, incident_id, report_no, round),
    FOREIGN KEY (community_id, incident_id, report_no) REFERENCES report (community_id, incident_id, no),
    CONSTRAINT follow_up_ends_once CHECK (spoken_at IS NULL OR unreachable_at IS NULL),
    CONSTRAINT follow_up_spoken_has_an_answer CHECK ((spoken_at IS NULL) = (satisfied IS NULL))
);
CREATE INDEX follow_up_open ON follow_up (community_id, due_at) WHERE spoken_at IS NULL AND unreachable_at IS NULL;

ALTER TABLE follow_up ENABLE ROW LEVEL SECURITY;
ALTER TABLE follow_up FORCE ROW LEVEL SECURITY;
CREATE POLICY one_community ON follow_up
    USING (community_id = nullif(current_setting('app.community', true), '')::bigint)
    WITH CHECK (community_id = nullif(current_setting('app.community', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE ON follow_up TO tocsin_service;
