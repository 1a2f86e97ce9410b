-- Wallboards: addresses that somebody made for a screen, and withdraws again; only the hash of each is kept. Same walls as 0005_walls.sql.

CREATE TABLE wall_token (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    token_hash   bytea NOT NULL CHECK (length(token_hash) = 32),
    name         text NOT NULL CHECK (name <> ''),         -- where the screen hangs
    made_by      text NOT NULL,
    made_at      timestamptz NOT NULL,
    withdrawn_by text,
    withdrawn_at timestamptz,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, token_hash),
    CONSTRAINT wall_token_is_withdrawn_by_somebody CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);

ALTER TABLE wall_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE wall_token FORCE ROW LEVEL SECURITY;
CREATE POLICY one_community ON wall_token
    USING (community_id = nullif(current_setting('app.community', true), '')::bigint)
    WITH CHECK (community_id = nullif(current_setting('app.community', true), '')::bigint);
GRANT SELECT, INSERT ON wall_token TO tocsin_service;
GRANT UPDATE (withdrawn_by, withdrawn_at) ON wall_token TO tocsin_service;
