-- What a gateway says in one request is kept as one row, raw and whole. Applied to thousands of deliveries at once it is then marked by one
-- update, where each receipt had a row of its own, three indexes and an update. What comes before the gateway's own answer waits apart.

CREATE TABLE receipt_bundle (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    gateway_id   bigint NOT NULL,
    dedupe       bytea NOT NULL,                           -- equal when the gateway says the same once more
    size         integer NOT NULL CHECK (size > 0),        -- receipts; these five have an element for each
    message_ids  bigint[] NOT NULL,
    nos          bigint[] NOT NULL,
    states       text[] NOT NULL,
    codes        text[] NOT NULL,
    raws         text[] NOT NULL,
    received_at  timestamptz NOT NULL,                     -- machine time
    applied_at   timestamptz,                              -- machine time; null: not read yet
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, gateway_id, dedupe),
    CONSTRAINT receipt_bundle_states CHECK (states <@ ARRAY['accepted', 'delivered', 'failed']),
    CONSTRAINT receipt_bundle_is_whole CHECK (
        cardinality(message_ids) = size AND cardinality(nos) = size AND cardinality(states) = size
        AND cardinality(codes) = size AND cardinality(raws) = size)
);

ALTER TABLE receipt NO FORCE ROW LEVEL SECURITY;
INSERT INTO receipt_bundle (community_id, gateway_id, dedupe, size, message_ids, nos, states, codes, raws, received_at, applied_at)
SELECT community_id, gateway_id,
       CASE WHEN count(*) = 1 THEN (array_agg(dedupe))[1] ELSE sha256(string_agg(dedupe, ''::bytea ORDER BY dedupe)) END,
       count(*), array_agg(message_id ORDER BY dedupe), array_agg(no ORDER BY dedupe), array_agg(state ORDER BY dedupe),
       array_agg(code ORDER BY dedupe), array_agg(raw ORDER BY dedupe),
       received_at, CASE WHEN bool_and(applied_at IS NOT NULL) THEN max(applied_at) END
FROM receipt GROUP BY community_id, gateway_id, received_at ORDER BY received_at;
DROP TABLE receipt;

CREATE INDEX receipt_bundle_waiting ON receipt_bundle (community_id, id) WHERE applied_at IS NULL;
CREATE INDEX receipt_bundle_by_age ON receipt_bundle (community_id, received_at);

-- Said of a delivery while it is on the wire: applied when that is settled, and then gone from here. It stands in its bundle.
CREATE TABLE early_receipt (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    no           bigint NOT NULL,
    state        text NOT NULL CHECK (state IN ('accepted', 'delivered', 'failed')),
    gateway_id   bigint NOT NULL,
    code         text,
    PRIMARY KEY (community_id, message_id, no, state)
);

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY['receipt_bundle', 'early_receipt'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON receipt_bundle, early_receipt TO tocsin_service;
