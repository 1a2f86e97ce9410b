-- A delivery that its gateway took and never spoke of again is not told: when the time for a receipt is up, it becomes visible work.
-- And the keys of repeated requests are found by their age, so that the old ones can go.

ALTER TABLE delivery_settled ADD COLUMN receipt_due_at timestamptz;   -- story time: until then a receipt is waited for
DROP INDEX delivery_settled_unanswered;
CREATE INDEX delivery_settled_receipt_due ON delivery_settled (community_id, receipt_due_at) WHERE receipt_due_at IS NOT NULL;

-- Handed over is still one of the seven places; the reason says that nothing more is to be expected of it.
ALTER TABLE audience_member DROP CONSTRAINT audience_member_reason;
ALTER TABLE audience_member ADD CONSTRAINT audience_member_reason CHECK (
    CASE reach WHEN 'unreachable' THEN reason IS NOT NULL
               WHEN 'excluded' THEN reason IS NOT NULL
               WHEN 'handed_over' THEN reason IS NULL OR reason IN ('no_receipt', 'sends_no_receipts')
               ELSE reason IS NULL END);

CREATE INDEX idempotency_by_age ON idempotency (community_id, created_at);
