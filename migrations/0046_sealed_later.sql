-- News to many may be posted first and sealed by the lane fan_out: until then a message says whom it is for, and has no members and no size.

ALTER TABLE message ADD COLUMN to_seal jsonb;   -- audiences by ids, as notifiers/delivery/sealing keeps them; null: sealed, or about to be
ALTER TABLE message ADD CONSTRAINT message_is_sealed_once CHECK (to_seal IS NULL OR sealed_at IS NULL);
CREATE INDEX message_to_seal ON message (community_id, id) WHERE to_seal IS NOT NULL;
