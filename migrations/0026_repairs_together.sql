-- Three repairs of one kind from one building may be one emergency: the desk decides, and what it decided of is not asked about again.

ALTER TABLE community
    ADD COLUMN repairs_together_minutes smallint NOT NULL DEFAULT 120
    CONSTRAINT community_repairs_together_within_a_day CHECK (repairs_together_minutes BETWEEN 1 AND 1440);

ALTER TABLE repair
    ADD COLUMN decided_at  timestamptz,   -- somebody said whether it is part of one emergency
    ADD COLUMN decided_by  text,
    ADD COLUMN incident_id bigint,        -- of which one, where it is
    ADD CONSTRAINT repair_is_decided_by_somebody CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    ADD CONSTRAINT repair_is_part_by_decision CHECK (incident_id IS NULL OR decided_at IS NOT NULL),
    ADD CONSTRAINT repair_community_id_incident_id_fkey FOREIGN KEY (community_id, incident_id) REFERENCES incident (community_id, id);

CREATE INDEX repair_undecided ON repair (community_id, at) WHERE decided_at IS NULL;
DROP INDEX repair_recent;
