-- Desk devices: a browser that the desk works at, who signs on at it by staff number and PIN, and declarations that nobody has signed yet.

-- On the floor like sessions: its cookie says which community it stands in.
CREATE TABLE desk_device (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    community_id bigint NOT NULL REFERENCES community,
    token_hash   bytea NOT NULL UNIQUE,                    -- sha256 of the cookie; the cookie itself is never stored
    csrf         text NOT NULL,
    name         text NOT NULL CHECK (name <> ''),         -- as the record names it
    enrolled_by  text NOT NULL,
    enrolled_at  timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,                     -- to the minute
    withdrawn_at timestamptz,
    withdrawn_by text,
    CONSTRAINT desk_device_is_withdrawn_by_somebody CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
CREATE UNIQUE INDEX desk_device_in_use ON desk_device (community_id, name) WHERE withdrawn_at IS NULL;

-- Set where the session was opened by PIN: it holds at that device and nowhere else.
ALTER TABLE session ADD COLUMN device_id bigint REFERENCES desk_device;
CREATE INDEX session_at_device ON session (device_id) WHERE device_id IS NOT NULL;

-- By which number an account signs on at the desks of a community.
CREATE TABLE staff_number (
    community_id bigint NOT NULL,
    account_id   bigint NOT NULL,
    number       text NOT NULL CHECK (number ~ '^[0-9A-Z-]{1,12}$'),
    pin_hash     text,                                     -- argon2id; null until one is set
    pin_set_at   timestamptz,
    pin_set_by   text,
    PRIMARY KEY (community_id, account_id),
    UNIQUE (community_id, number),
    CONSTRAINT staff_number_pin_is_set_by_somebody CHECK ((pin_hash IS NULL) = (pin_set_by IS NULL) AND (pin_hash IS NULL) = (pin_set_at IS NULL))
);

-- What was done about devices and PINs, and who signed on where. Only ever added to.
CREATE TABLE desk_log (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    at           timestamptz NOT NULL,
    what         text NOT NULL CHECK (what IN ('enrolled', 'renamed', 'withdrawn', 'numbered', 'pin_set', 'pin_cleared', 'signed_on', 'pin_refused')),
    device_id    bigint,
    account_id   bigint,                                   -- whose number or PIN
    by_name      text NOT NULL DEFAULT '',                 -- who did it
    words        text NOT NULL DEFAULT '',                 -- the name or the number that was given, or was tried
    PRIMARY KEY (community_id, id)
);

-- A declaration by a device at which nobody was signed on: whoever made it says so, or the clock writes that nobody did.
CREATE TABLE declaration_signature (
    community_id bigint NOT NULL,
    incident_id  bigint NOT NULL,
    device_id    bigint NOT NULL,
    device       text NOT NULL,                            -- its name then
    due_at       timestamptz NOT NULL,                     -- story time, like the two below
    lapsed_at    timestamptz,                              -- the record says that nobody signed in time
    signed_at    timestamptz,
    signed_by    text,
    PRIMARY KEY (community_id, incident_id),
    FOREIGN KEY (community_id, incident_id) REFERENCES incident (community_id, id),
    CONSTRAINT declaration_signature_is_somebodys CHECK ((signed_at IS NULL) = (signed_by IS NULL))
);
CREATE INDEX declaration_signature_missing ON declaration_signature (community_id, incident_id) WHERE signed_at IS NULL;

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY['staff_number', 'desk_log', 'declaration_signature']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON desk_device, declaration_signature TO tocsin_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_number TO tocsin_service;
GRANT SELECT, INSERT ON desk_log TO tocsin_service;

-- Who has a role here: asked for by the page that gives out numbers.
CREATE INDEX membership_of_community ON membership (community_id, account_id);
