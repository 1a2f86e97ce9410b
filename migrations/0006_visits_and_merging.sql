-- Doors that were knocked on; incidents that became part of another; a stopped delivery that is queued again.

CREATE TABLE visit (
    community_id bigint NOT NULL,
    incident_id  bigint NOT NULL,
    no           int NOT NULL,                             -- its event
    home_id      bigint NOT NULL,
    result       text NOT NULL CHECK (result IN ('seen', 'no_answer', 'note_left', 'needs_help', 'vacant')),
    visited_at   timestamptz NOT NULL,
    visited_by   bigint,                                   -- the member of staff who knocked, where it was not the one who wrote it down
    PRIMARY KEY (community_id, incident_id, no)
);
CREATE INDEX visit_of_home ON visit (community_id, incident_id, home_id);

ALTER TABLE visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit FORCE ROW LEVEL SECURITY;
CREATE POLICY one_community ON visit
    USING (community_id = nullif(current_setting('app.community', true), '')::bigint)
    WITH CHECK (community_id = nullif(current_setting('app.community', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE ON visit TO tocsin_service;

ALTER TABLE incident
    ADD COLUMN merged_into bigint,                         -- it was the same emergency as that one
    ADD CONSTRAINT incident_not_merged_into_itself CHECK (merged_into <> id),
    ADD CONSTRAINT incident_merged_is_over CHECK (merged_into IS NULL OR status = 'cancelled');
CREATE INDEX incident_merged ON incident (community_id, merged_into) WHERE merged_into IS NOT NULL;
GRANT UPDATE (merged_into, parent_id, parent_step) ON incident TO tocsin_service;

-- What was stopped before it left goes back into the queue under its own number.
GRANT DELETE ON delivery_settled TO tocsin_service;
