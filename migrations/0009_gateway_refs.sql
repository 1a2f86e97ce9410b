-- Gateways that do not give our reference back: their receipts name only their own id of a message, and the number.

-- On the floor, because the gateway's post says nothing of the community. No personal data. Kept for a week.
CREATE TABLE gateway_ref (
    gateway_id   bigint NOT NULL REFERENCES gateway,
    ref          text NOT NULL,                            -- the gateway's own id of one message
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    no           bigint NOT NULL,
    noted_at     timestamptz NOT NULL,                     -- machine time
    PRIMARY KEY (gateway_id, ref)
);
CREATE INDEX gateway_ref_by_age ON gateway_ref (community_id, noted_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON gateway_ref TO tocsin_service;

-- What may have been sent without our knowing the gateway's id is few, and found by the number.
CREATE INDEX delivery_maybe_sent ON delivery (community_id, address) WHERE maybe_sent;
CREATE INDEX delivery_settled_unknown ON delivery_settled (community_id, address) WHERE state = 'unknown';
