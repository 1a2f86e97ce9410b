-- News to many wait, are claimed and settled as ranges of numbers: one row for hundreds of deliveries, whose addresses stand with their members.
-- What becomes unusual in a range (refused, uncertain, lost, stopped, led to another way) becomes a row of its own in delivery.

CREATE TABLE delivery_range (
    community_id       bigint NOT NULL,
    id                 bigint GENERATED ALWAYS AS IDENTITY,   -- of one on the wire, what a result must name: its claim
    message_id         bigint NOT NULL,
    lane               text NOT NULL,
    channel_id         bigint NOT NULL,
    first_no           bigint NOT NULL,                       -- of these numbers, those of this channel
    last_no            bigint NOT NULL,
    deliveries         int NOT NULL,                          -- that wait, or are not settled
    due_at             timestamptz NOT NULL,                  -- machine time
    lease_until        timestamptz,                           -- machine time; null: it waits
    repeats_told_apart boolean NOT NULL DEFAULT false,
    passed_over        bigint[],                              -- of one on the wire: numbers whose people all knew by then
    PRIMARY KEY (community_id, id),
    CONSTRAINT delivery_range_holds_something CHECK (deliveries > 0 AND first_no <= last_no)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX delivery_range_waiting ON delivery_range (community_id, lane, channel_id, due_at, message_id, first_no) WHERE lease_until IS NULL;
CREATE INDEX delivery_range_on_the_wire ON delivery_range (community_id, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX delivery_range_of_message ON delivery_range (community_id, message_id, first_no);

ALTER TABLE delivery_range ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_range FORCE ROW LEVEL SECURITY;
CREATE POLICY one_community ON delivery_range
    USING (community_id = nullif(current_setting('app.community', true), '')::bigint)
    WITH CHECK (community_id = nullif(current_setting('app.community', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_range TO tocsin_service;

-- A first try that was simply taken leaves no attempt behind: its row here says all of it.
ALTER TABLE delivery_settled ADD COLUMN taken_at_once boolean NOT NULL DEFAULT false;

-- Each member is moved once as a rule, on the page where it stands.
ALTER TABLE audience_member SET (fillfactor = 50);
