-- What a caller was promised ends in one of two ways, and until then the desk sees it: a call back is told or, after some tries,
-- unreachable; a complaint has somebody who answers for it, a time by which, and an outcome.

ALTER TABLE report
    ADD COLUMN call_back_tries smallint NOT NULL DEFAULT 0,   -- calls made so far; call_back_due is when the next one is
    ADD COLUMN unreachable_at  timestamptz,                   -- given up after the last try
    ADD COLUMN complaint_owner text,
    ADD COLUMN answer_due      timestamptz,
    ADD COLUMN answered_at     timestamptz,
    ADD COLUMN outcome         text;

ALTER TABLE report NO FORCE ROW LEVEL SECURITY;
UPDATE report SET complaint_owner = '', answer_due = at + interval '24 hours' WHERE wish = 'complain';
UPDATE report SET call_back_tries = 1 WHERE called_back_at IS NOT NULL;
ALTER TABLE report FORCE ROW LEVEL SECURITY;

ALTER TABLE report
    ADD CONSTRAINT report_call_back_ends_once CHECK (called_back_at IS NULL OR unreachable_at IS NULL),
    ADD CONSTRAINT report_complaint_is_owned CHECK ((wish = 'complain') = (complaint_owner IS NOT NULL AND answer_due IS NOT NULL)),
    ADD CONSTRAINT report_outcome_check CHECK (outcome IN ('resolved', 'explained', 'not_accepted')),
    ADD CONSTRAINT report_answer_has_outcome CHECK ((answered_at IS NULL) = (outcome IS NULL));

CREATE INDEX report_call_back_open ON report (community_id, call_back_due)
    WHERE call_back_due IS NOT NULL AND called_back_at IS NULL AND unreachable_at IS NULL;
CREATE INDEX report_complaint_open ON report (community_id, answer_due) WHERE answer_due IS NOT NULL AND answered_at IS NULL;
