-- A message that was left to be sealed later and could not be: how often that failed, and by when (machine time) it is tried again. Both stay when
-- it is sealed after all; it cannot be sealed for as long as to_seal is there too.

ALTER TABLE message ADD COLUMN seal_failures integer NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN seal_again_at timestamptz;
ALTER TABLE message ADD CONSTRAINT message_failed_to_seal_is_tried_again CHECK ((seal_failures = 0) = (seal_again_at IS NULL));
