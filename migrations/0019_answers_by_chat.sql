-- A button pressed under a message of a chat application answers an alert: neither an SMS nor a call.

ALTER TABLE answer DROP CONSTRAINT answer_evidence_check;
ALTER TABLE answer ADD CONSTRAINT answer_evidence_check CHECK (evidence IN ('link', 'sms', 'login', 'voice', 'chat', 'by_desk'));
