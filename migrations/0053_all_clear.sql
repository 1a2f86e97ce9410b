-- The all-clear leaves in the lane of corrections, ahead of other news; it is none of them, so pages tell the two apart by this.

ALTER TABLE message ADD COLUMN all_clear boolean NOT NULL DEFAULT false;
