-- A message to many homes waits for a second person; and whoever sends one has some seconds in which taking it back tells nobody. Same walls
-- as 0005_walls.sql.

-- One building is one person's decision, several are two people's: the tallest of our buildings have fewer homes than this.
ALTER TABLE community
    ADD COLUMN second_person_above_homes int NOT NULL DEFAULT 300
    CONSTRAINT community_second_person_above_homes CHECK (second_person_above_homes >= 0);

ALTER TABLE message ADD COLUMN leaves_at timestamptz;      -- machine time: not before it; null: at once

-- A message that somebody wrote and somebody else is to approve. What is asked is what is sent: the request holds all of it.
CREATE TABLE broadcast_request (
    community_id  bigint NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    incident_id   bigint NOT NULL,
    telling       jsonb NOT NULL,                          -- audience, words by language, night
    homes         int NOT NULL CHECK (homes > 0),          -- the figure that was seen; with another one it is asked anew
    asked_at      timestamptz NOT NULL,
    asked_by      text NOT NULL,
    asked_account bigint,                                  -- null: another system's token
    expires_at    timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn', 'expired', 'changed')),
    decided_at    timestamptz,
    decided_by    text,
    why           text NOT NULL DEFAULT '',
    message_id    bigint,
    PRIMARY KEY (community_id, id),
    FOREIGN KEY (community_id, incident_id) REFERENCES incident (community_id, id),
    CONSTRAINT broadcast_request_is_decided CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CONSTRAINT broadcast_request_was_sent_by_approval CHECK (message_id IS NULL OR state = 'approved')
);
CREATE INDEX broadcast_request_of_incident ON broadcast_request (community_id, incident_id, id);
CREATE INDEX broadcast_request_waiting ON broadcast_request (community_id, expires_at) WHERE state = 'waiting';

ALTER TABLE broadcast_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE broadcast_request FORCE ROW LEVEL SECURITY;
CREATE POLICY one_community ON broadcast_request USING (community_id = nullif(current_setting('app.community', true), '')::bigint)
    WITH CHECK (community_id = nullif(current_setting('app.community', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE ON broadcast_request TO tocsin_service;
