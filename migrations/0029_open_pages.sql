-- Pages that need no log-in: what is answered on an incident's page without a link of one's own, and a community's public status.
-- Same walls as 0005_walls.sql.

-- Proven by the end of a registered number, the answer is its home's, also where no message had reached that home yet.
ALTER TABLE response
    ALTER COLUMN message_id DROP NOT NULL,
    ALTER COLUMN member_no DROP NOT NULL,
    ADD CONSTRAINT response_names_its_member_whole CHECK ((message_id IS NULL) = (member_no IS NULL));

-- Without proof somebody says so of a home: never counted as safe, nor as reached.
CREATE TABLE self_report (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    incident_id  bigint NOT NULL,
    home_id      bigint,                                   -- null: a cry for help from a home that was not understood
    kind         text NOT NULL CHECK (kind IN ('all_safe', 'others_inside', 'needs_help')),
    said_home    text NOT NULL,                            -- as it was typed
    words        text NOT NULL DEFAULT '',
    at           timestamptz NOT NULL,                     -- story time
    tallied_no   integer,
    PRIMARY KEY (community_id, id),
    CONSTRAINT self_report_is_of_a_home CHECK (home_id IS NOT NULL OR kind <> 'all_safe')
);
CREATE INDEX self_report_of_incident ON self_report (community_id, incident_id, home_id, id);
CREATE INDEX self_report_waiting ON self_report (community_id, id) WHERE tallied_no IS NULL;

-- How often somebody guessed lately, by home, by incident and by (the keyed hash of) where the guesses came from.
CREATE TABLE proof_guess (
    community_id bigint NOT NULL,
    bucket       text NOT NULL,
    since        timestamptz NOT NULL,                     -- machine time
    guesses      integer NOT NULL,
    PRIMARY KEY (community_id, bucket)
);
CREATE INDEX proof_guess_by_age ON proof_guess (community_id, since);

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY['self_report', 'proof_guess']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON self_report TO tocsin_service;
GRANT UPDATE (tallied_no) ON self_report TO tocsin_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON proof_guess TO tocsin_service;

-- The public status has an address of its own, for a code in the lobby: it does not change with the secret key, and can be switched off.
ALTER TABLE community
    ADD COLUMN status_key  text NOT NULL DEFAULT left(replace(gen_random_uuid()::text, '-', ''), 12),
    ADD COLUMN status_open boolean NOT NULL DEFAULT true,
    ADD CONSTRAINT community_status_key_leads_to_one UNIQUE (status_key);
