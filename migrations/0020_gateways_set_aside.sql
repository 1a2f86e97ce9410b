-- A gateway that is plainly dead is set aside until a probe finds it alive, and gateways of one account share that account's rate. A
-- relative's handset proves nothing of the person it stands for. And homes of which nobody is known, or where nobody lives, have their
-- member too, so that a message's places sum to all homes it concerns.

ALTER TABLE gateway
    ADD COLUMN shares_rate_of bigint REFERENCES gateway,   -- the first gateway of the same account; null: its rate is its own
    ADD CONSTRAINT gateway_shares_another_s_rate CHECK (shares_rate_of <> id);

-- All by machine time.
ALTER TABLE gateway_permit
    ADD COLUMN set_aside_at timestamptz,                   -- since then nothing leaves by it that has another way
    ADD COLUMN set_aside_why text,                         -- the gateway's own code, or no_answer
    ADD COLUMN probe_at timestamptz,                       -- from then on one message may try whether it is back
    ADD CONSTRAINT gateway_permit_set_aside_is_probed CHECK (
        (set_aside_at IS NULL) = (set_aside_why IS NULL) AND (set_aside_at IS NULL) = (probe_at IS NULL));

ALTER TABLE audience_member DROP CONSTRAINT audience_member_reason;
ALTER TABLE audience_member ADD CONSTRAINT audience_member_reason CHECK (
    CASE reach WHEN 'unreachable' THEN reason IS NOT NULL
               WHEN 'excluded' THEN reason IS NOT NULL
               WHEN 'handed_over' THEN reason IS NULL OR reason IN ('no_receipt', 'sends_no_receipts', 'by_proxy')
               ELSE reason IS NULL END);

ALTER TABLE audience_member ALTER COLUMN person_id DROP NOT NULL;
ALTER TABLE audience_member ADD CONSTRAINT audience_member_is_somebody_or_a_home CHECK (
    person_id IS NOT NULL OR (home_id IS NOT NULL AND delivery_no IS NULL));
