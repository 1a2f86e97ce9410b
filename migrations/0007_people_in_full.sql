-- People and places in full: what homes are used for, other names, vehicles, proxies, guarded reasons, wall-clock rosters, the terms of
-- the search box, and what becomes of an address. Same walls as 0005_walls.sql.

-- Reads the one column that the service may not: why somebody needs help first. Nobody logs in as it; it owns one function, below.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tocsin_care') THEN
        CREATE ROLE tocsin_care NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
END $$;
GRANT tocsin_care TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO tocsin_care;

-- Places. A villa or a shop by the gate is a home of the community itself. `vacant` now follows from who lives there, so that the two cannot differ.
ALTER TABLE place
    ADD COLUMN occupancy text NOT NULL DEFAULT 'occupied',
    ADD COLUMN home_use text NOT NULL DEFAULT 'dwelling',
    ADD COLUMN civil_address text,                         -- as 119 and 120 need it read out; null: that of the place around it
    ADD COLUMN gate text,                                  -- the gate that engines and ambulances use; null: that of the place around it
    ADD COLUMN intercom text,                              -- the extension by which it calls the control room
    ADD COLUMN cameras text[] NOT NULL DEFAULT '{}',       -- their names on the control room's screens
    ADD COLUMN version int NOT NULL DEFAULT 1;
ALTER TABLE place ALTER COLUMN occupancy TYPE text USING CASE WHEN vacant THEN 'vacant' ELSE 'occupied' END;
ALTER TABLE place DROP COLUMN vacant;
ALTER TABLE place
    ADD COLUMN vacant boolean NOT NULL GENERATED ALWAYS AS (occupancy IN ('vacant', 'not_moved_in')) STORED,
    ADD CONSTRAINT place_occupancy CHECK (
        occupancy IN ('occupied', 'let', 'vacant', 'not_moved_in') AND (kind = 'home' OR occupancy = 'occupied')),
    ADD CONSTRAINT place_home_use CHECK (
        home_use IN ('dwelling', 'villa', 'shop', 'office') AND (kind = 'home' OR home_use = 'dwelling')),
    DROP CONSTRAINT place_order,
    ADD CONSTRAINT place_order CHECK (
        (kind = 'community' AND parent_kind IS NULL)
        OR (kind = 'building' AND parent_kind = 'community')
        OR (kind = 'unit' AND parent_kind = 'building')
        OR (kind = 'floor' AND parent_kind IN ('unit', 'building'))
        OR (kind = 'home' AND parent_kind IN ('floor', 'unit', 'building', 'community'))
        OR (kind = 'facility' AND parent_kind IN ('community', 'building', 'unit', 'floor')));

-- What else a place is called: 88弄3号, a name from the sales brochure, 东楼. One alias may be said of several places.
CREATE TABLE place_alias (
    community_id bigint NOT NULL,
    place_id     bigint NOT NULL,
    alias        text NOT NULL CHECK (alias <> ''),        -- as it is written
    key          text NOT NULL CHECK (key <> ''),          -- folded, without spaces, numerals as digits
    PRIMARY KEY (community_id, place_id, key),
    FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id)
);

-- Persons.
ALTER TABLE person
    ADD COLUMN preferred_means text NOT NULL DEFAULT 'write',
    ADD COLUMN dialect text NOT NULL DEFAULT '',           -- shown on the call list: "speaks Wenzhounese, ask Chen"
    ADD COLUMN note text NOT NULL DEFAULT '',
    ADD COLUMN sort_key text COLLATE "C" NOT NULL DEFAULT '',  -- pinyin, then the name itself
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD CONSTRAINT person_preferred_means CHECK (preferred_means IN ('write', 'call', 'door', 'family')),
    ADD CONSTRAINT person_language_is_a_tag CHECK (language ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$');
CREATE INDEX person_in_order ON person (community_id, kind, sort_key, id);

CREATE TABLE vehicle (
    community_id bigint NOT NULL,
    plate        text NOT NULL CHECK (plate <> ''),        -- folded, without spaces and dots: 浙A12345
    person_id    bigint NOT NULL,
    PRIMARY KEY (community_id, plate, person_id),
    FOREIGN KEY (community_id, person_id) REFERENCES person (community_id, id)
);
CREATE INDEX vehicle_of_person ON vehicle (community_id, person_id);

-- A proxy is somebody else's address by which a person is told; the person counts as reached only when the proxy confirms.
ALTER TABLE contact_point
    ADD COLUMN proxy_name text,
    ADD COLUMN proxy_relation text,
    ADD COLUMN consent_source text NOT NULL DEFAULT '',    -- form of 2026-03, said at the desk, …
    ADD COLUMN quality_reason text,                        -- why it is what it is: a gateway's code, stop, belongs_to_other, …
    ADD COLUMN quality_at timestamptz,                     -- story time of the last change or proof
    ADD COLUMN failures smallint NOT NULL DEFAULT 0 CHECK (failures >= 0),  -- in a row since it last worked
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD CONSTRAINT contact_point_proxy_is_somebody CHECK ((proxy_name IS NULL) = (proxy_relation IS NULL)),
    ADD CONSTRAINT contact_point_consent_is_known CHECK (consent <@ ARRAY['alert', 'emergency', 'notice']);

-- What was learnt of an address, once from each source (a delivery, a reply, somebody at the desk).
CREATE TABLE contact_signal (
    community_id     bigint NOT NULL,
    contact_point_id bigint NOT NULL,
    source           text NOT NULL,                        -- delivery:41:3, reply:88, desk:…
    at               timestamptz NOT NULL,
    what             text NOT NULL CHECK (what IN ('failed', 'wrong_number', 'stop', 'start', 'by_desk')),
    code             text,                                 -- the gateway's own, or the desk's word
    becomes          text NOT NULL,
    PRIMARY KEY (community_id, contact_point_id, source)
);

-- How far the quality chore has read: replies by id, messages by what their counters were.
CREATE TABLE quality_mark (
    community_id bigint NOT NULL,
    reply_id     bigint NOT NULL,
    PRIMARY KEY (community_id)
);
CREATE TABLE quality_seen (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    counters     bigint[] NOT NULL,
    PRIMARY KEY (community_id, message_id)
);

-- What the desk did about a home that cannot be reached. The list itself is computed, never stored.
CREATE TABLE contact_debt_work (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    home_id      bigint NOT NULL,
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    result       text NOT NULL CHECK (result IN ('new_number', 'confirmed', 'no_answer', 'wrong_number', 'refuses', 'vacant', 'later')),
    note         text NOT NULL DEFAULT '',
    again_on     date,                                     -- not shown before this date of the community
    PRIMARY KEY (community_id, id)
);
CREATE INDEX contact_debt_work_of_home ON contact_debt_work (community_id, home_id, id);

ALTER TABLE need_of_help ADD COLUMN version int NOT NULL DEFAULT 1;

-- Who looked at what is not everybody's to see: a full number, why somebody needs help.
CREATE TABLE access_log (
    community_id     bigint NOT NULL,
    id               bigint GENERATED ALWAYS AS IDENTITY,
    at               timestamptz NOT NULL,
    actor_kind       text NOT NULL,
    actor_name       text NOT NULL,
    account_id       bigint,
    what             text NOT NULL CHECK (what IN ('address', 'reason')),
    person_id        bigint NOT NULL,
    contact_point_id bigint,
    why              text NOT NULL,
    PRIMARY KEY (community_id, id)
);
CREATE INDEX access_log_of_person ON access_log (community_id, person_id, id);

-- Departments and rosters. Without hours a tier is to be filled around the clock.
ALTER TABLE department
    ADD COLUMN tiers text[] NOT NULL DEFAULT '{duty,backup,lead}',
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD CONSTRAINT department_tiers_are_known CHECK (tiers <@ ARRAY['duty', 'backup', 'lead']);

CREATE TABLE cover_hours (
    community_id  bigint NOT NULL,
    department_id bigint NOT NULL,
    tier          text NOT NULL CHECK (tier IN ('duty', 'backup', 'lead')),
    weekday       smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),  -- Monday is 1
    opens         time NOT NULL,                           -- wall clock of the community
    closes        time NOT NULL,                           -- not after `opens`: on the next day
    PRIMARY KEY (community_id, department_id, tier, weekday, opens),
    FOREIGN KEY (community_id, department_id) REFERENCES department (community_id, id)
);

-- What was agreed is the time on the wall; the instants follow from it and the zone.
ALTER TABLE shift
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN starts_local timestamp,
    ADD COLUMN ends_local timestamp,
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD CONSTRAINT shift_by_id UNIQUE (community_id, id);
ALTER TABLE shift NO FORCE ROW LEVEL SECURITY;
UPDATE shift SET starts_local = shift.starts_at AT TIME ZONE community.zone, ends_local = shift.ends_at AT TIME ZONE community.zone
FROM community WHERE community.id = shift.community_id;
ALTER TABLE shift FORCE ROW LEVEL SECURITY;
ALTER TABLE shift ALTER COLUMN starts_local SET NOT NULL, ALTER COLUMN ends_local SET NOT NULL;
CREATE INDEX shift_of_person ON shift (community_id, person_id, starts_at);

CREATE TABLE shift_change (
    community_id   bigint NOT NULL,
    id             bigint GENERATED ALWAYS AS IDENTITY,
    department_id  bigint NOT NULL,
    tier           text NOT NULL,
    at             timestamptz NOT NULL,
    by             text NOT NULL,
    from_person_id bigint NOT NULL,
    to_person_id   bigint NOT NULL,
    starts_at      timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    reason         text NOT NULL DEFAULT '',
    PRIMARY KEY (community_id, id)
);
CREATE INDEX shift_change_of_department ON shift_change (community_id, department_id, id);

CREATE TABLE certificate (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    person_id    bigint NOT NULL,
    person_kind  text NOT NULL DEFAULT 'staff' CHECK (person_kind = 'staff'),
    kind         text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]*$'),  -- elevator_rescue, electrician, first_aid, …
    number       text NOT NULL DEFAULT '',
    expires_on   date NOT NULL,                            -- valid through this day of the community
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, person_id, kind),
    FOREIGN KEY (community_id, person_id, person_kind) REFERENCES person (community_id, id, kind)
);

ALTER TABLE outside_number
    ADD COLUMN note text NOT NULL DEFAULT '',
    ADD COLUMN version int NOT NULL DEFAULT 1;

-- The search box. A term is something by which a subject is called, or the end of it, so that a fragment is always the beginning of a term:
-- one range of an index, which row-level security allows (comparisons of text are leakproof, LIKE is not).
CREATE TABLE search_term (
    community_id bigint NOT NULL,
    inside       boolean NOT NULL,                         -- the term begins within the word
    term         text COLLATE "C" NOT NULL CHECK (term <> ''),
    subject      text NOT NULL CHECK (subject IN ('place', 'person', 'department', 'outside_number')),
    subject_id   bigint NOT NULL,
    field        text NOT NULL CHECK (field IN (
        'name', 'pinyin', 'phone', 'email', 'plate', 'code', 'alias', 'rescue_code', 'intercom', 'camera')),
    PRIMARY KEY (community_id, inside, term, subject, subject_id, field)
);
CREATE INDEX search_term_of_subject ON search_term (community_id, subject, subject_id);

-- What was there before has no terms yet: the chore makes them, and looks at what became of addresses.
INSERT INTO work (community_id, lane, due_at)
SELECT community.id, lanes.lane, now() FROM community CROSS JOIN (VALUES ('search'), ('quality')) AS lanes (lane)
ON CONFLICT DO NOTHING;

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY[
        'place_alias', 'vehicle', 'contact_signal', 'quality_mark', 'quality_seen', 'contact_debt_work', 'access_log', 'cover_hours',
        'shift_change', 'certificate', 'search_term']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON place_alias, vehicle, quality_mark, quality_seen, cover_hours, certificate, search_term TO tocsin_service;
-- Append-only by privilege.
GRANT SELECT, INSERT ON contact_signal, contact_debt_work, access_log, shift_change TO tocsin_service;

GRANT SELECT (version), UPDATE (powered_device, reason, confirmer_role, version) ON need_of_help TO tocsin_service;
GRANT SELECT ON need_of_help TO tocsin_care;
GRANT INSERT ON access_log TO tocsin_care;

-- The only way to a reason, and it leaves its line in the log: looking without being seen is not possible for the service.
CREATE FUNCTION look_at_reason(
    in_community bigint, of_person bigint, looked_at timestamptz, by_kind text, by_name text, by_account bigint, what_for text
) RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH logged AS (
        INSERT INTO access_log (community_id, at, actor_kind, actor_name, account_id, what, person_id, why)
        VALUES (in_community, looked_at, by_kind, by_name, by_account, 'reason', of_person, what_for)
        RETURNING community_id
    )
    SELECT need_of_help.reason FROM logged
    JOIN need_of_help ON need_of_help.community_id = in_community AND need_of_help.person_id = of_person
$$;
REVOKE ALL ON FUNCTION look_at_reason FROM PUBLIC;
GRANT EXECUTE ON FUNCTION look_at_reason TO tocsin_service;
GRANT CREATE ON SCHEMA public TO tocsin_care;
ALTER FUNCTION look_at_reason OWNER TO tocsin_care;
REVOKE CREATE ON SCHEMA public FROM tocsin_care;
