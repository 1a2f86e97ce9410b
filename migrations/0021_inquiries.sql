-- What is asked of gateways that can say how a message stands: one row a delivery that ended unknown or whose receipt is late.

CREATE TABLE inquiry (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    no           bigint NOT NULL,
    asked        smallint NOT NULL DEFAULT 0,
    ask_at       timestamptz,             -- machine time; null: not asked any more
    noted_at     timestamptz NOT NULL,    -- machine time
    PRIMARY KEY (community_id, message_id, no)
);
CREATE INDEX inquiry_to_ask ON inquiry (community_id, ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX inquiry_noted ON inquiry (community_id, noted_at);

ALTER TABLE inquiry ENABLE ROW LEVEL SECURITY;
ALTER TABLE inquiry FORCE ROW LEVEL SECURITY;
CREATE POLICY one_community ON inquiry
    USING (community_id = nullif(current_setting('app.community', true), '')::bigint)
    WITH CHECK (community_id = nullif(current_setting('app.community', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE, DELETE ON inquiry TO tocsin_service;
