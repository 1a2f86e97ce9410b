-- Power and water cuts that are known beforehand: announced, reminded of, changed and cancelled to those who were told. They are no incidents:
-- nobody is alerted, and no playbook runs. Same walls as 0005_walls.sql.

CREATE TABLE planned_work (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    kind         text NOT NULL CHECK (kind IN ('power_cut', 'water_cut')), -- as the emergency that it becomes when it does not end
    place_id     bigint NOT NULL,                          -- whoever lives within; of a facility, whom it serves
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    by_supplier  boolean NOT NULL,                         -- the power or water company works, not our own people
    source       text NOT NULL DEFAULT '',                 -- the supplier's notice, or who ordered the work
    written_at   timestamptz NOT NULL,
    written_by   text NOT NULL,
    changed_at   timestamptz,                              -- residents were told other times than at first
    state        text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'restored', 'cancelled')),
    ended_at     timestamptz,                              -- when somebody said so
    ended_by     text,
    incident_id  bigint,                                   -- declared because it did not end
    PRIMARY KEY (community_id, id),
    FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id),
    FOREIGN KEY (community_id, incident_id) REFERENCES incident (community_id, id),
    CONSTRAINT planned_work_ends_after_it_starts CHECK (starts_at < ends_at),
    CONSTRAINT planned_work_is_ended_by_somebody CHECK ((state = 'planned') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX planned_work_open ON planned_work (community_id, starts_at) WHERE state = 'planned';
CREATE INDEX planned_work_ended ON planned_work (community_id, ended_at);

-- What residents are told about it, and when. A notice that has not left may be moved or dropped; one that has is a message.
CREATE TABLE planned_notice (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    planned_id   bigint NOT NULL,
    what         text NOT NULL CHECK (what IN ('announced', 'evening', 'soon', 'changed', 'cancelled', 'restored')),
    due_at       timestamptz NOT NULL,                     -- story time
    posted_at    timestamptz,
    message_id   bigint,                                   -- null where nobody had been told, so that nobody was
    dropped_at   timestamptz,
    PRIMARY KEY (community_id, id),
    FOREIGN KEY (community_id, planned_id) REFERENCES planned_work (community_id, id),
    CONSTRAINT planned_notice_leaves_or_not CHECK (posted_at IS NULL OR dropped_at IS NULL),
    CONSTRAINT planned_notice_message_was_posted CHECK (message_id IS NULL OR posted_at IS NOT NULL)
);
CREATE INDEX planned_notice_of_work ON planned_notice (community_id, planned_id);
CREATE INDEX planned_notice_due ON planned_notice (community_id, due_at) WHERE posted_at IS NULL AND dropped_at IS NULL;

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY['planned_work', 'planned_notice']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON planned_work, planned_notice TO tocsin_service;
