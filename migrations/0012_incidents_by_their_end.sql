-- The desk shows the incidents that ended last, however many there were before.

CREATE INDEX incident_ended ON incident (community_id, closed_at DESC) WHERE closed_at IS NOT NULL;
