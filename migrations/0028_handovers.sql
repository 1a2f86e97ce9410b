-- Handing a shift over: what was open, frozen when it was handed on, the notes, and both signatures; and changes of shift that nobody signed.

CREATE TABLE handover (
    community_id  bigint NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    snapshot      jsonb NOT NULL,                          -- incidents.handover.snapshot.Handed; never changed
    notes         text NOT NULL,                           -- keys, cars, what lies in the drawer
    device        text NOT NULL,                           -- the desk at which it was handed on; '' elsewhere
    gone_name     text NOT NULL,                           -- who goes
    gone_account  bigint NOT NULL,
    gone_how      text NOT NULL CHECK (gone_how IN ('pin', 'password', 'session')),
    gone_at       timestamptz NOT NULL,                    -- story time, as everywhere here: when the snapshot was taken
    come_name     text,                                    -- who comes; null until they have signed
    come_account  bigint,
    come_how      text CHECK (come_how IN ('pin', 'password', 'session')),
    come_at       timestamptz,
    PRIMARY KEY (community_id, id),
    CONSTRAINT handover_comes_signed CHECK (num_nulls(come_name, come_account, come_how, come_at) IN (0, 4)),
    CONSTRAINT handover_is_between_two CHECK (come_account <> gone_account)
);
CREATE INDEX handover_signed ON handover (community_id, come_at);

-- A change of shift at the front desk after which both signatures were missing; the row is what keeps it from being told twice.
CREATE TABLE handover_missed (
    community_id bigint NOT NULL,
    changed_at   timestamptz NOT NULL,                     -- when the shift changed by the roster
    noted_at     timestamptz NOT NULL,
    told         text NOT NULL,                            -- whom; '' where nobody could be told
    PRIMARY KEY (community_id, changed_at)
);

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY['handover', 'handover_missed']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;

-- What was handed over and who handed it over never change; the other signature is added.
GRANT SELECT, INSERT ON handover, handover_missed TO tocsin_service;
GRANT UPDATE (come_name, come_account, come_how, come_at) ON handover TO tocsin_service;
