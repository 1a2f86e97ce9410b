-- The service's role, story time, and the company floor: tables without row-level security that hold no resident's data.

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tocsin_service') THEN
        CREATE ROLE tocsin_service NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tocsin_eraser') THEN
        CREATE ROLE tocsin_eraser NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
END $$;

GRANT tocsin_service, tocsin_eraser TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO tocsin_service, tocsin_eraser;

-- Story time. Tests replace this one function; nothing else asks for the present of the story.
CREATE FUNCTION story_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';

CREATE TABLE company (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL
);

CREATE TABLE community (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id       bigint NOT NULL REFERENCES company,
    names            jsonb NOT NULL,                       -- {"zh-CN": …, "en": …}
    zone             text NOT NULL,                        -- IANA time zone
    languages        text[] NOT NULL,
    default_language text NOT NULL,
    civil_address    text NOT NULL DEFAULT '',             -- as 119 and 120 need it read out
    gate             text NOT NULL DEFAULT '',             -- the gate that engines and ambulances use
    desk_phone       text NOT NULL DEFAULT '',
    night_from       time NOT NULL DEFAULT '22:30',
    night_until      time NOT NULL DEFAULT '07:00',
    may_send         boolean NOT NULL DEFAULT true,        -- false in a restored copy until an operator says so
    created_at       timestamptz NOT NULL,
    CONSTRAINT community_speaks_a_language CHECK (cardinality(languages) > 0),
    CONSTRAINT community_default_is_spoken CHECK (default_language = ANY (languages))
);

CREATE TABLE account (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id    bigint NOT NULL REFERENCES company,
    login         text NOT NULL CHECK (login = lower(login) AND login <> ''),
    display_name  text NOT NULL,
    password_hash text,                                    -- argon2id; null where only log-in links are used
    language      text NOT NULL DEFAULT 'zh-CN',
    created_at    timestamptz NOT NULL,
    disabled_at   timestamptz,
    UNIQUE (company_id, login)
);

CREATE TABLE membership (
    account_id   bigint NOT NULL REFERENCES account,
    community_id bigint NOT NULL REFERENCES community,
    role         text NOT NULL CHECK (role IN ('clerk', 'night_desk', 'department_lead', 'supervisor', 'administrator')),
    person_id    bigint,                                   -- the person of that community this account belongs to
    PRIMARY KEY (account_id, community_id, role)
);

CREATE TABLE session (
    token_hash   bytea PRIMARY KEY,                        -- sha256 of the cookie; the cookie itself is never stored
    account_id   bigint NOT NULL REFERENCES account,
    community_id bigint NOT NULL REFERENCES community,
    csrf         text NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    CHECK (created_at < expires_at)
);
CREATE INDEX session_of_account ON session (account_id);

CREATE TABLE login_link (
    token_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz                                 -- set by the log-in that used it up
);

CREATE TABLE login_attempt (
    bucket     text PRIMARY KEY,                           -- 'account:<login>' or 'peer:<address>'
    failures   int NOT NULL CHECK (failures >= 0),
    retry_at   timestamptz NOT NULL                        -- machine time: slower, never locked out
);

CREATE TABLE api_token (
    token_hash   bytea PRIMARY KEY,
    company_id   bigint NOT NULL REFERENCES company,
    community_id bigint REFERENCES community,              -- null: names its community in a header
    name         text NOT NULL,
    role         text NOT NULL CHECK (role IN ('clerk', 'night_desk', 'department_lead', 'supervisor', 'administrator')),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz
);

CREATE TABLE gateway (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id    bigint NOT NULL REFERENCES company,
    kind          text NOT NULL,                           -- a name in the registry of channels
    name          text NOT NULL,
    settings      jsonb NOT NULL,                          -- checked by that channel's own model
    secret_sealed text,                                    -- encrypted; never shown again
    hook_key      text NOT NULL UNIQUE,                    -- unguessable part of /hooks/<key>/…
    sink          boolean NOT NULL,                        -- catches, can never reach a handset or mailbox
    rate_per_second double precision NOT NULL CHECK (rate_per_second > 0),
    burst         int NOT NULL CHECK (burst >= 1),
    reserved_share double precision NOT NULL DEFAULT 0.2 CHECK (reserved_share BETWEEN 0 AND 0.9),
    created_at    timestamptz NOT NULL,
    UNIQUE (company_id, name)
);

-- One row a gateway: the rate permit shared by all workers (generic cell rate algorithm, machine time).
CREATE TABLE gateway_permit (
    gateway_id  bigint PRIMARY KEY REFERENCES gateway,
    full_until  timestamptz NOT NULL,                      -- theoretical arrival time for every lane
    bulk_until  timestamptz NOT NULL,                      -- the same for broadcasts, which may not use the reserved share
    pause_until timestamptz                                -- the gateway said "retry after"
);

-- Where work waits. Producers only lower due_at, the chore that looked raises it; no personal data.
CREATE TABLE work (
    community_id bigint NOT NULL,
    lane         text NOT NULL,
    due_at       timestamptz NOT NULL,                     -- lane 'timers': story time; all others: machine time
    PRIMARY KEY (community_id, lane)
) WITH (fillfactor = 50);

-- Which short code stands for which open incident of a company; given back when it ends.
CREATE TABLE incident_code (
    company_id   bigint NOT NULL,
    code         text NOT NULL,
    community_id bigint NOT NULL,
    incident_id  bigint NOT NULL,
    PRIMARY KEY (company_id, code)
);
CREATE INDEX incident_code_of_incident ON incident_code (community_id, incident_id);

-- Which alerts a telephone can answer by SMS; dropped with the incident.
CREATE TABLE open_code (
    gateway_id   bigint NOT NULL,
    phone_hash   bytea NOT NULL,                           -- keyed hash; the number stands in no table of the floor
    code         text NOT NULL,
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    no           bigint NOT NULL,
    PRIMARY KEY (gateway_id, phone_hash, code)
);
CREATE INDEX open_code_of_message ON open_code (community_id, message_id);

GRANT SELECT, INSERT, UPDATE ON company, community, account, gateway, gateway_permit TO tocsin_service;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON membership, session, login_link, login_attempt, api_token, work, incident_code, open_code TO tocsin_service;
