-- What is happening.

CREATE TABLE playbook_version (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    name         text NOT NULL,
    version      int NOT NULL CHECK (version > 0),
    kind         text NOT NULL,                            -- the incident kind it is for
    source       text NOT NULL,                            -- the YAML as it was read
    sha256       bytea NOT NULL,
    state        text NOT NULL CHECK (state IN ('draft', 'checked', 'in_use', 'retired')),
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, name, version)
);
CREATE UNIQUE INDEX playbook_version_in_use ON playbook_version (community_id, kind) WHERE state = 'in_use';

CREATE TABLE incident (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    number       int NOT NULL,                             -- what people say: incident 41
    code         text NOT NULL,                            -- what an SMS answers with: K7
    kind         text NOT NULL,
    severity     text NOT NULL CHECK (severity IN ('minor', 'urgent', 'life_threatening')),
    status       text NOT NULL CHECK (status IN ('open', 'relieved', 'closed', 'cancelled')),
    drill        boolean NOT NULL,
    place_id     bigint NOT NULL,
    facts        jsonb NOT NULL,                           -- known facts only; an unknown fact is absent
    parent_id    bigint,
    parent_step  text,                                     -- the parent's task that opened this one
    head_no      int NOT NULL,
    head_hash    bytea NOT NULL,
    head_at      timestamptz NOT NULL,
    declared_at  timestamptz NOT NULL,
    relieved_at  timestamptz,
    closed_at    timestamptz,                              -- closed or cancelled
    next_news_by timestamptz,                              -- promised to residents
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, number),
    FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id),
    CONSTRAINT incident_not_its_own_parent CHECK (parent_id <> id),
    CONSTRAINT incident_ended_at CHECK ((status IN ('closed', 'cancelled')) = (closed_at IS NOT NULL)),
    CONSTRAINT incident_relieved_at CHECK (status <> 'relieved' OR relieved_at IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX incident_open ON incident (community_id, declared_at) WHERE status IN ('open', 'relieved');
CREATE INDEX incident_children ON incident (community_id, parent_id) WHERE parent_id IS NOT NULL;

-- The record. `body` is canonical JSON of ids and codes; what names a person stands in event_detail.
CREATE TABLE incident_event (
    community_id bigint NOT NULL,
    incident_id  bigint NOT NULL,
    no           int NOT NULL CHECK (no > 0),
    at           timestamptz NOT NULL,
    happened_at  timestamptz NOT NULL,                     -- earlier than `at` where it was written down afterwards
    kind         text NOT NULL,
    cause        text NOT NULL CHECK (cause IN ('outside', 'timer', 'directory', 'effect', 'tally')),
    body         text NOT NULL,
    detail_hash  bytea,                                    -- salted hash of the erasable detail
    prev_hash    bytea NOT NULL,
    hash         bytea NOT NULL,
    PRIMARY KEY (community_id, incident_id, no),
    CONSTRAINT incident_event_hashes CHECK (length(prev_hash) = 32 AND length(hash) = 32)
);

CREATE TABLE event_detail (
    community_id bigint NOT NULL,
    incident_id  bigint NOT NULL,
    no           int NOT NULL,
    salt         bytea NOT NULL CHECK (length(salt) = 16),
    detail       text NOT NULL,
    PRIMARY KEY (community_id, incident_id, no)
);

CREATE TABLE report (
    community_id  bigint NOT NULL,
    incident_id   bigint NOT NULL,
    no            int NOT NULL,
    at            timestamptz NOT NULL,
    source        text NOT NULL CHECK (source IN (
        'phone', 'visit', 'intercom', 'elevator_intercom', 'chat_group', 'patrol', 'hotline_12345', 'community_office',
        'alarm', 'app')),
    caller_person_id bigint,
    home_id       bigint,
    caller_name   text,
    caller_phone  text,
    words         text NOT NULL DEFAULT '',
    wish          text NOT NULL DEFAULT 'inform' CHECK (wish IN ('inform', 'help', 'complain')),
    call_back_due timestamptz,
    called_back_at timestamptz,
    PRIMARY KEY (community_id, incident_id, no)
);

-- "Only my home": a repair, handed on and counted, never an incident.
CREATE TABLE repair (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    at           timestamptz NOT NULL,
    kind         text NOT NULL,
    place_id     bigint NOT NULL,
    words        text NOT NULL,
    caller_name  text,
    caller_phone text,
    taken_by     text NOT NULL,
    PRIMARY KEY (community_id, id)
);
CREATE INDEX repair_recent ON repair (community_id, kind, at);

CREATE TABLE run (
    community_id        bigint NOT NULL,
    incident_id         bigint NOT NULL,
    playbook_version_id bigint NOT NULL,
    state               jsonb NOT NULL,
    folded_no           int NOT NULL,
    state_version       int NOT NULL,
    engine_version      text NOT NULL,
    PRIMARY KEY (community_id, incident_id),
    FOREIGN KEY (community_id, playbook_version_id) REFERENCES playbook_version (community_id, id)
) WITH (fillfactor = 50);

-- When the run wants to be woken next. All its deadlines live in its state; the row with key 'run' is the earliest.
CREATE TABLE timer (
    community_id bigint NOT NULL,
    incident_id  bigint NOT NULL,
    key          text NOT NULL,
    due_at       timestamptz NOT NULL,
    PRIMARY KEY (community_id, incident_id, key)
) WITH (fillfactor = 70);
CREATE INDEX timer_due ON timer (community_id, due_at);

CREATE TABLE task (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    incident_id  bigint NOT NULL,
    key          text NOT NULL,                            -- the effect or delivery it came from
    role         text NOT NULL,
    person_id    bigint,                                   -- whom it is about (the one to be called)
    does         jsonb NOT NULL,                           -- {"text_key": …} and/or {"call": …}, variables
    opened_at    timestamptz NOT NULL,
    due_at       timestamptz,
    done_at      timestamptz,
    done_by      text,
    result       text,
    cancelled_at timestamptz,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, incident_id, key),
    CONSTRAINT task_done_by_somebody CHECK ((done_at IS NULL) = (done_by IS NULL)),
    CONSTRAINT task_done_or_cancelled CHECK (done_at IS NULL OR cancelled_at IS NULL)
);
CREATE INDEX task_open ON task (community_id, incident_id) WHERE done_at IS NULL AND cancelled_at IS NULL;

-- Which message stands for which rung of which ladder.
CREATE TABLE alert (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    incident_id  bigint NOT NULL,
    alert_key    text NOT NULL,                            -- step#occurrence
    rung         int NOT NULL,
    posted_at    timestamptz NOT NULL,
    watched      boolean NOT NULL DEFAULT true,            -- until its outcome was noted on the timeline
    PRIMARY KEY (community_id, message_id)
);
CREATE INDEX alert_of_incident ON alert (community_id, incident_id, alert_key);
CREATE INDEX alert_watched ON alert (community_id) WHERE watched;

CREATE TABLE answer (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    incident_id  bigint NOT NULL,
    alert_key    text NOT NULL,
    rung         int NOT NULL,
    message_id   bigint,
    person_id    bigint NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('received', 'on_the_way', 'on_scene', 'done', 'cannot', 'withdrawn')),
    promised_at  timestamptz,
    at           timestamptz NOT NULL,
    evidence     text NOT NULL CHECK (evidence IN ('link', 'sms', 'login', 'voice', 'by_desk')),
    means        text,                                     -- by_desk: radio, phone, chat_group, in_person
    written_by   text,                                     -- by_desk: who wrote it down
    event_no     int NOT NULL,
    PRIMARY KEY (community_id, id),
    CONSTRAINT answer_by_desk_says_who_and_how CHECK (
        (evidence = 'by_desk') = (means IS NOT NULL AND written_by IS NOT NULL)),
    CONSTRAINT answer_promise_only_on_the_way CHECK (promised_at IS NULL OR kind IN ('received', 'on_the_way'))
);
CREATE INDEX answer_of_incident ON answer (community_id, incident_id, id);

CREATE TABLE response (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    incident_id  bigint NOT NULL,
    message_id   bigint NOT NULL,
    member_no    bigint NOT NULL,
    person_id    bigint NOT NULL,
    home_id      bigint,
    kind         text NOT NULL CHECK (kind IN ('all_safe', 'others_inside', 'needs_help')),
    words        text NOT NULL DEFAULT '',
    at           timestamptz NOT NULL,
    tallied_no   int,                                      -- the event that counted it
    PRIMARY KEY (community_id, id)
);
CREATE INDEX response_of_incident ON response (community_id, incident_id, home_id, id);
CREATE INDEX response_waiting ON response (community_id, id) WHERE tallied_no IS NULL;

CREATE TABLE confirmation (
    community_id bigint NOT NULL,
    incident_id  bigint NOT NULL,
    name         text NOT NULL,                            -- a need of the playbook: everyone_out
    by           text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (community_id, incident_id, name)
);

CREATE TABLE idempotency (
    community_id bigint NOT NULL,
    principal    text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    status       int,
    body         text,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (community_id, principal, key),
    CONSTRAINT idempotency_answer_is_whole CHECK ((status IS NULL) = (body IS NULL))
);
