-- How people are told.

CREATE TABLE channel (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    gateway_id   bigint NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('sms', 'email', 'voice', 'by_hand', 'chat')),
    rank         smallint NOT NULL,                        -- ways are tried from the lowest
    signature    text NOT NULL DEFAULT '',                 -- 【安居物业】
    templates    jsonb NOT NULL DEFAULT '{}',              -- text key -> {code, variables} where a gateway wants templates
    sink         boolean NOT NULL,                         -- the gateway's own
    enabled      boolean NOT NULL DEFAULT true,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, id, sink),
    FOREIGN KEY (gateway_id) REFERENCES gateway
);

CREATE TABLE message (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    subject      bigint,                                   -- what it is about; opaque to notifiers (an incident's id)
    effect_key   text NOT NULL,                            -- posting the same effect twice is one message
    kind         text NOT NULL CHECK (kind IN ('alert', 'broadcast', 'notice')),
    lane         text NOT NULL CHECK (lane IN ('alert', 'correction', 'urgent', 'notice')),
    means        text NOT NULL CHECK (means IN ('write', 'ring')),
    audience     text NOT NULL CHECK (audience IN ('staff', 'residents')),
    drill        boolean NOT NULL,
    life_safety  boolean NOT NULL,
    code         text NOT NULL DEFAULT '',                 -- what an SMS answers with; '' where nothing is asked
    link         text NOT NULL DEFAULT '' CHECK (link IN ('', 'answer', 'resident')),
    posted_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,                     -- story time: after it nothing more is sent
    stopped_at   timestamptz,
    sealed_at    timestamptz,
    size         bigint,                                   -- members when sealed
    deliveries   bigint NOT NULL DEFAULT 0,                -- highest delivery number given
    to_fan_out   bigint NOT NULL DEFAULT 0,                -- of these, numbered when sealed: fan-out makes them page by page
    fanned_out   bigint NOT NULL DEFAULT 0,                -- up to this number they exist; later ways exist as they are numbered
    confirmed    bigint NOT NULL DEFAULT 0,
    handed_over  bigint NOT NULL DEFAULT 0,
    trying       bigint NOT NULL DEFAULT 0,
    unknown      bigint NOT NULL DEFAULT 0,
    unreachable  bigint NOT NULL DEFAULT 0,
    opted_out    bigint NOT NULL DEFAULT 0,
    excluded     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, id, drill, audience),
    CONSTRAINT message_sealed_with_its_size CHECK ((sealed_at IS NULL) = (size IS NULL)),
    CONSTRAINT message_denominator CHECK (
        size IS NULL OR size = confirmed + handed_over + trying + unknown + unreachable + opted_out + excluded),
    CONSTRAINT message_counts_are_counts CHECK (
        least(confirmed, handed_over, trying, unknown, unreachable, opted_out, excluded, fanned_out) >= 0),
    CONSTRAINT message_fans_out_what_was_sealed CHECK (fanned_out <= to_fan_out AND to_fan_out <= deliveries)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX message_by_effect ON message (community_id, subject, effect_key) NULLS NOT DISTINCT;
CREATE INDEX message_to_fan_out ON message (community_id, id) WHERE fanned_out < to_fan_out AND stopped_at IS NULL;

CREATE TABLE message_text (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    language     text NOT NULL,
    key          text NOT NULL,                            -- stable: gateways map it to a registered template
    variables    jsonb NOT NULL,
    drill        boolean NOT NULL,
    subject      text NOT NULL DEFAULT '',                 -- the subject line where a channel has one
    text         text NOT NULL,                            -- rendered but for {link}, {code}, {name}
    segments     smallint NOT NULL CHECK (segments > 0),
    PRIMARY KEY (community_id, message_id, language),
    CONSTRAINT message_text_of_a_drill_says_so CHECK (NOT drill OR text LIKE '%【演练】%' OR text LIKE '%[DRILL]%')
);

-- By which channels a message may leave. A drill may leave for residents only through a sink: the database says so.
CREATE TABLE message_route (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    channel_id   bigint NOT NULL,
    rank         smallint NOT NULL,
    contact_kinds text[] NOT NULL,                         -- what kinds of contact point this channel can reach
    drill        boolean NOT NULL,
    sink         boolean NOT NULL,
    audience     text NOT NULL,
    PRIMARY KEY (community_id, message_id, channel_id),
    FOREIGN KEY (community_id, message_id, drill, audience) REFERENCES message (community_id, id, drill, audience),
    FOREIGN KEY (community_id, channel_id, sink) REFERENCES channel (community_id, id, sink),
    CONSTRAINT message_route_drill_reaches_no_resident CHECK (NOT drill OR sink OR audience = 'staff')
);

-- Every way by which a message might reach a person, and what hinders it (null: nothing). Where life is at stake neither
-- a missing consent nor an opt-out does.
CREATE VIEW message_way WITH (security_invoker = true) AS
SELECT route.community_id, route.message_id, point.person_id, route.channel_id, route.rank AS channel_rank,
       point.id AS contact_point_id, point.rank AS point_rank, point.address,
       CASE WHEN point.quality = 'wrong' THEN 'wrong_number'
            WHEN message.life_safety THEN NULL
            WHEN point.quality = 'opted_out' THEN 'opted_out'
            WHEN NOT (CASE WHEN message.audience = 'staff' THEN 'alert'
                           WHEN message.kind = 'notice' THEN 'notice'
                           ELSE 'emergency' END = ANY (point.consent)) THEN 'no_consent'
       END AS hindrance
FROM message_route AS route
JOIN message ON message.community_id = route.community_id AND message.id = route.message_id
JOIN contact_point AS point ON point.community_id = route.community_id AND point.kind = ANY (route.contact_kinds);
GRANT SELECT ON message_way TO tocsin_service;

-- The sealed denominator. No foreign keys here and on deliveries: a self-audit holds them, at twice the speed.
-- Members and counters are moved only by whoever holds the message's row.
CREATE TABLE audience_member (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    member_no    bigint NOT NULL,
    person_id    bigint NOT NULL,
    home_id      bigint,                                   -- null for staff
    language     text NOT NULL,                            -- of the text this member gets
    reach        text NOT NULL CHECK (reach IN (
        'confirmed', 'handed_over', 'trying', 'unknown', 'unreachable', 'opted_out', 'excluded')),
    reason       text,
    delivery_no  bigint,                                   -- the way being tried, or the last that was; earlier ones: earlier_way
    channel_id   bigint,
    contact_point_id bigint,
    address      text,                                     -- as it was when sealed: pages of fan-out stay repeatable
    PRIMARY KEY (community_id, message_id, member_no),
    CONSTRAINT audience_member_reason CHECK ((reach IN ('unreachable', 'excluded')) = (reason IS NOT NULL)),
    CONSTRAINT audience_member_way_is_whole CHECK (
        (delivery_no IS NULL) = (channel_id IS NULL) AND (delivery_no IS NULL) = (address IS NULL)),
    CONSTRAINT audience_member_is_tried_by_a_way CHECK (
        reach NOT IN ('handed_over', 'trying', 'unknown') OR delivery_no IS NOT NULL)
) WITH (fillfactor = 85);
CREATE INDEX audience_member_of_delivery ON audience_member (community_id, message_id, delivery_no);
CREATE INDEX audience_member_of_person ON audience_member (community_id, person_id, message_id);

-- Ways given up for the next: few, and kept so that a late receipt still finds its members and no way is tried twice.
CREATE TABLE earlier_way (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    member_no    bigint NOT NULL,
    no           bigint NOT NULL,
    channel_id   bigint NOT NULL,
    address      text NOT NULL,
    PRIMARY KEY (community_id, message_id, member_no, no)
);
CREATE INDEX earlier_way_of_delivery ON earlier_way (community_id, message_id, no);

-- The queue: what is still to be sent or on the wire. What is settled moves to delivery_settled.
CREATE TABLE delivery (
    community_id     bigint NOT NULL,
    message_id       bigint NOT NULL,
    no               bigint NOT NULL,
    lane             text NOT NULL,
    channel_id       bigint NOT NULL,
    contact_point_id bigint,
    person_id        bigint NOT NULL,
    address          text NOT NULL,
    language         text NOT NULL,
    state            text NOT NULL CHECK (state IN ('queued', 'sending')),
    token            int NOT NULL DEFAULT 0 CHECK (token >= 0),
    attempts         smallint NOT NULL DEFAULT 0,
    maybe_sent       boolean NOT NULL DEFAULT false,       -- an earlier attempt ended unknown
    repeats_told_apart boolean NOT NULL DEFAULT false,     -- what the gateway can do, noted by the claim: the judge of a lost lease
    due_at           timestamptz NOT NULL,                 -- machine time
    lease_until      timestamptz,                          -- machine time
    PRIMARY KEY (community_id, message_id, no),
    CONSTRAINT delivery_is_leased_while_sending CHECK ((state = 'sending') = (lease_until IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX delivery_waiting ON delivery (community_id, lane, channel_id, due_at, message_id, no) WHERE state = 'queued';
CREATE INDEX delivery_on_the_wire ON delivery (community_id, lease_until) WHERE state = 'sending';

CREATE TABLE delivery_settled (
    community_id     bigint NOT NULL,
    message_id       bigint NOT NULL,
    no               bigint NOT NULL,
    channel_id       bigint NOT NULL,
    contact_point_id bigint,
    person_id        bigint NOT NULL,
    address          text NOT NULL,
    language         text NOT NULL,
    state            text NOT NULL CHECK (state IN (
        'accepted',                                        -- the gateway took it
        'delivered',                                       -- handset, mailbox or a human confirmed
        'failed',                                          -- refused, or said to be undeliverable
        'expired', 'cancelled',                            -- not sent: too late, or stopped
        'unknown')),                                       -- nobody can say whether it was sent
    token            int NOT NULL,
    attempts         smallint NOT NULL,
    gateway_ref      text,
    reason           text,
    settled_at       timestamptz NOT NULL,                 -- machine time
    state_at         timestamptz NOT NULL,                 -- story time of the present state
    PRIMARY KEY (community_id, message_id, no)
) PARTITION BY RANGE (message_id);                         -- ids grow with time: old partitions are dropped by retention
CREATE TABLE delivery_settled_rest PARTITION OF delivery_settled DEFAULT;
CREATE INDEX delivery_settled_unanswered ON delivery_settled (community_id, state_at)
    WHERE state IN ('accepted', 'unknown');

CREATE VIEW delivery_all WITH (security_invoker = true) AS
SELECT community_id, message_id, no, channel_id, contact_point_id, person_id, address, language, state, token, attempts,
       NULL::text AS gateway_ref, NULL::text AS reason, NULL::timestamptz AS state_at
FROM delivery
UNION ALL
SELECT community_id, message_id, no, channel_id, contact_point_id, person_id, address, language, state, token, attempts,
       gateway_ref, reason, state_at
FROM delivery_settled;

CREATE TABLE delivery_attempt (
    community_id bigint NOT NULL,
    message_id   bigint NOT NULL,
    no           bigint NOT NULL,
    token        int NOT NULL,
    seq          smallint NOT NULL,                        -- 0 the worker's own word, 1 a late word with a stale token
    outcome      text NOT NULL,                            -- accepted, not_sent, refused, unknown, lease_expired
    code         text,                                     -- the gateway's own
    detail       text,
    at           timestamptz NOT NULL,                     -- machine time
    PRIMARY KEY (community_id, message_id, no, token, seq)
);

CREATE TABLE receipt (
    community_id bigint NOT NULL,
    gateway_id   bigint NOT NULL,
    dedupe       bytea NOT NULL,
    message_id   bigint NOT NULL,
    no           bigint NOT NULL,
    state        text NOT NULL CHECK (state IN ('accepted', 'delivered', 'failed')),
    code         text,
    raw          text NOT NULL,
    received_at  timestamptz NOT NULL,
    applied_at   timestamptz,
    PRIMARY KEY (community_id, gateway_id, dedupe)
);
CREATE INDEX receipt_waiting ON receipt (community_id, received_at) WHERE applied_at IS NULL;
CREATE INDEX receipt_of_delivery ON receipt (community_id, message_id, no) WHERE applied_at IS NULL;

CREATE TABLE reply (
    community_id bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    gateway_id   bigint NOT NULL,
    dedupe       bytea NOT NULL,
    address      text NOT NULL,
    text         text NOT NULL,
    received_at  timestamptz NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('matched', 'ambiguous', 'not_understood', 'unmatched')),
    message_id   bigint,
    no           bigint,
    applied_at   timestamptz,                              -- when the layer above had taken note
    PRIMARY KEY (community_id, id),
    UNIQUE (community_id, gateway_id, dedupe),
    CONSTRAINT reply_matched_names_its_alert CHECK ((outcome = 'matched') = (message_id IS NOT NULL))
);
CREATE INDEX reply_waiting ON reply (community_id, id) WHERE applied_at IS NULL;
