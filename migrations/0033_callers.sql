-- Whoever rings again is known again: by the number, or by the home. A number with several homes leaves open which of them it was.

ALTER TABLE report ADD COLUMN home_unsure boolean NOT NULL DEFAULT false;   -- asked of the desk until somebody says
ALTER TABLE report ADD CONSTRAINT report_unsure_has_no_home CHECK (NOT home_unsure OR home_id IS NULL);

CREATE INDEX report_by_number ON report (community_id, caller_phone, at) WHERE caller_phone IS NOT NULL;
CREATE INDEX report_by_home ON report (community_id, home_id, at) WHERE home_id IS NOT NULL;
