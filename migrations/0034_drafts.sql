-- A call that was taken and not yet declared, reported or handed on: what was typed is kept until somebody decides. A lost call is silence,
-- and silence is an event. Same walls as 0005_walls.sql.

CREATE TABLE draft (
    community_id   bigint NOT NULL,
    id             bigint GENERATED ALWAYS AS IDENTITY,
    key            text NOT NULL,               -- of the page that types it
    picked_up_at   timestamptz NOT NULL,        -- story time, as is every time here
    changed_at     timestamptz NOT NULL,        -- the last keystroke that changed something
    typed          jsonb NOT NULL,              -- field of the page → text
    taken_by       text NOT NULL,               -- who typed last
    call_back_due  timestamptz,                 -- the desk rings back: when next, and how often it has
    call_back_tries smallint NOT NULL DEFAULT 0,
    ended_at       timestamptz,
    ended_by       text,
    ending         text CHECK (ending IN ('declared', 'reported', 'repaired', 'discarded')),
    reason         text NOT NULL DEFAULT '',
    incident_id    bigint,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, key),
    FOREIGN KEY (community_id, incident_id) REFERENCES incident (community_id, id),
    CONSTRAINT draft_is_ended_by_somebody CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (ending IS NULL)),
    CONSTRAINT draft_is_discarded_with_a_reason CHECK (ending IS DISTINCT FROM 'discarded' OR reason <> ''),
    CONSTRAINT draft_goes_into_an_incident CHECK ((incident_id IS NOT NULL) = (coalesce(ending, '') IN ('declared', 'reported')))
);
CREATE INDEX draft_open ON draft (community_id, picked_up_at) WHERE ended_at IS NULL;
CREATE INDEX draft_discarded ON draft (community_id, ended_at) WHERE ending = 'discarded';

ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE draft FORCE ROW LEVEL SECURITY;
CREATE POLICY one_community ON draft USING (community_id = nullif(current_setting('app.community', true), '')::bigint)
    WITH CHECK (community_id = nullif(current_setting('app.community', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE ON draft TO tocsin_service;
