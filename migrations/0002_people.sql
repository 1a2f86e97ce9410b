-- Who and where. From here on every table begins with community_id and is under row-level security (see 0005_walls.sql).

-- An id has seven digits or more and a code never looks like one, so that what names a place names only one.
CREATE TABLE place (
    community_id  bigint NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000001),
    kind          text NOT NULL CHECK (kind IN ('community', 'building', 'unit', 'floor', 'home', 'facility')),
    parent_id     bigint,
    parent_kind   text,
    facility_kind text CHECK (facility_kind IN ('elevator', 'pump_room', 'garage', 'substation', 'gate', 'other')),
    code          text NOT NULL,                           -- normalised: 3, 3-2, 3-2-15, 3-2-1502, 3-2-L1
    names         jsonb NOT NULL,                          -- {"zh-CN": "3栋2单元1502", "en": "Building 3 Unit 2 Home 1502"}
    label         text NOT NULL,                           -- within its parent: "15", "1502", "1号梯"
    rank          int NOT NULL,                            -- order within its parent (a floor's label is not its order)
    rescue_code   text,                                    -- an elevator's rescue identification number
    vacant        boolean NOT NULL DEFAULT false,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, code),
    UNIQUE (community_id, id, kind),
    FOREIGN KEY (community_id, parent_id, parent_kind) REFERENCES place (community_id, id, kind),
    CONSTRAINT place_code_is_normalised CHECK (code ~ '^[0-9A-Z]+(-[0-9A-Z]+)*$' AND code !~ '^[0-9]{7,}$'),
    CONSTRAINT place_facility_has_its_kind CHECK ((kind = 'facility') = (facility_kind IS NOT NULL)),
    CONSTRAINT place_root_is_the_community CHECK ((kind = 'community') = (parent_id IS NULL)),
    CONSTRAINT place_parent_is_named_whole CHECK ((parent_id IS NULL) = (parent_kind IS NULL)),
    CONSTRAINT place_order CHECK (
        (kind = 'community' AND parent_kind IS NULL)
        OR (kind = 'building' AND parent_kind = 'community')
        OR (kind = 'unit' AND parent_kind = 'building')
        OR (kind = 'floor' AND parent_kind IN ('unit', 'building'))
        OR (kind = 'home' AND parent_kind IN ('floor', 'unit', 'building'))
        OR (kind = 'facility' AND parent_kind IN ('community', 'building', 'unit', 'floor')))
);
CREATE UNIQUE INDEX place_by_rescue_code ON place (community_id, rescue_code) WHERE rescue_code IS NOT NULL;
CREATE INDEX place_children ON place (community_id, parent_id, rank);

-- Closure of the tree: every place within every ancestor, itself included. Audiences are one equality join on it.
CREATE TABLE place_within (
    community_id  bigint NOT NULL,
    ancestor_id   bigint NOT NULL,
    place_id      bigint NOT NULL,
    depth         smallint NOT NULL CHECK (depth >= 0),
    PRIMARY KEY (community_id, ancestor_id, place_id)
);
CREATE INDEX place_within_place ON place_within (community_id, place_id, ancestor_id);

CREATE TABLE serves (
    community_id  bigint NOT NULL,
    facility_id   bigint NOT NULL,
    facility_kind text NOT NULL DEFAULT 'facility' CHECK (facility_kind = 'facility'),
    place_id      bigint NOT NULL,
    PRIMARY KEY (community_id, facility_id, place_id),
    FOREIGN KEY (community_id, facility_id, facility_kind) REFERENCES place (community_id, id, kind),
    FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id)
);

CREATE TABLE person (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    kind         text NOT NULL CHECK (kind IN ('staff', 'resident')),
    name         text NOT NULL CHECK (name <> ''),
    language     text NOT NULL,                            -- BCP 47
    merged_into  bigint,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, id, kind),
    CONSTRAINT person_not_merged_into_itself CHECK (merged_into <> id)
);

CREATE TABLE contact_point (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    person_id    bigint NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('mobile', 'landline', 'email', 'chat')),
    address      text NOT NULL,                            -- normalised: E.164, lower-case mailbox, or the chat's own id
    rank         smallint NOT NULL DEFAULT 0,              -- the person's first choice is 0
    consent      text[] NOT NULL,                          -- purposes: alert, emergency, notice
    quality      text NOT NULL CHECK (quality IN ('unproven', 'good', 'failing', 'wrong', 'opted_out')),
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, person_id, kind, address),
    FOREIGN KEY (community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT contact_point_is_normalised CHECK (
        (kind IN ('mobile', 'landline') AND address ~ '^\+[1-9][0-9]{6,14}$')
        OR (kind = 'email' AND address = lower(address) AND address ~ '^[^@[:space:]]+@[^@[:space:]]+$')
        OR (kind = 'chat' AND address <> ''))
);
CREATE INDEX contact_point_by_address ON contact_point (community_id, address);

CREATE TABLE residence (
    community_id bigint NOT NULL,
    person_id    bigint NOT NULL,
    home_id      bigint NOT NULL,
    home_kind    text NOT NULL DEFAULT 'home' CHECK (home_kind = 'home'),
    role         text NOT NULL CHECK (role IN ('owner', 'tenant', 'family')),
    since        date,
    until        date,
    PRIMARY KEY (community_id, person_id, home_id),
    FOREIGN KEY (community_id, person_id) REFERENCES person (community_id, id),
    FOREIGN KEY (community_id, home_id, home_kind) REFERENCES place (community_id, id, kind),
    CHECK (since < until)
);
CREATE INDEX residence_of_home ON residence (community_id, home_id);

-- Residents who need help first. The reason is health data: only the columns granted below are read by the service.
CREATE TABLE need_of_help (
    community_id    bigint NOT NULL,
    person_id       bigint NOT NULL,
    powered_device  boolean NOT NULL,                      -- oxygen, ventilator: a power cut endangers life
    reason          text NOT NULL,
    confirmer_role  text NOT NULL,
    PRIMARY KEY (community_id, person_id),
    FOREIGN KEY (community_id, person_id) REFERENCES person (community_id, id)
);

CREATE TABLE department (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    key          text NOT NULL CHECK (key ~ '^[a-z][a-z_]*$'),
    names        jsonb NOT NULL,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, key)
);

CREATE TABLE shift (
    community_id  bigint NOT NULL,
    department_id bigint NOT NULL,
    tier          text NOT NULL CHECK (tier IN ('duty', 'backup', 'lead')),
    person_id     bigint NOT NULL,
    person_kind   text NOT NULL DEFAULT 'staff' CHECK (person_kind = 'staff'),
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    PRIMARY KEY (community_id, department_id, tier, person_id, starts_at),
    FOREIGN KEY (community_id, department_id) REFERENCES department (community_id, id),
    FOREIGN KEY (community_id, person_id, person_kind) REFERENCES person (community_id, id, kind),
    CONSTRAINT shift_has_length CHECK (starts_at < ends_at),
    -- Integer ranges stand in for btree_gist, which the embedded database does not have.
    CONSTRAINT shift_person_once_at_a_time EXCLUDE USING gist (
        int8range(community_id, community_id, '[]') WITH &&,
        int8range(department_id, department_id, '[]') WITH &&,
        int8range(person_id, person_id, '[]') WITH &&,
        tstzrange(starts_at, ends_at) WITH &&)
);
CREATE INDEX shift_by_time ON shift (community_id, department_id, tier, starts_at, ends_at);

-- Standing posts that are held by name and not by roster: manager, supervisor, company_leader, front_desk.
CREATE TABLE post (
    community_id bigint NOT NULL,
    role         text NOT NULL CHECK (role ~ '^[a-z][a-z_]*$'),
    person_id    bigint NOT NULL,
    person_kind  text NOT NULL DEFAULT 'staff' CHECK (person_kind = 'staff'),
    PRIMARY KEY (community_id, role, person_id),
    FOREIGN KEY (community_id, person_id, person_kind) REFERENCES person (community_id, id, kind)
);

CREATE TABLE outside_number (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    what         text NOT NULL CHECK (what ~ '^[a-z][a-z0-9_]*$'),  -- fire_rescue_119, ambulance_120, maintenance_company, …
    place_id     bigint,                                   -- null: for the whole community
    names        jsonb NOT NULL,
    number       text NOT NULL,
    last_checked date NOT NULL,
    PRIMARY KEY (community_id, id),
    FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id)
);
CREATE INDEX outside_number_by_what ON outside_number (community_id, what);
