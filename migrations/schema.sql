-- The present shape, written by `make schema` from the migrations, for reading only. Why a column is there stands beside it in the migration.

CREATE TABLE access_log (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_name text NOT NULL,
    account_id bigint,
    what text NOT NULL,
    person_id bigint NOT NULL,
    contact_point_id bigint,
    why text NOT NULL,
    CONSTRAINT access_log_what_check CHECK ((what = ANY (ARRAY['address', 'reason'])))
);
ALTER TABLE ONLY access_log FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY access_log ADD CONSTRAINT access_log_pkey PRIMARY KEY (community_id, id);
CREATE INDEX access_log_of_person ON access_log USING btree (community_id, person_id, id);
ALTER TABLE access_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON access_log USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE access_log TO tocsin_service; GRANT INSERT ON TABLE access_log TO tocsin_care;
GRANT SELECT(community_id) ON TABLE access_log TO tocsin_care;

CREATE TABLE account (
    id bigint GENERATED ALWAYS AS IDENTITY,
    company_id bigint NOT NULL,
    login text NOT NULL,
    display_name text NOT NULL,
    password_hash text,
    language text DEFAULT 'zh-CN' NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    CONSTRAINT account_login_check CHECK (((login = lower(login)) AND (login <> '')))
);
ALTER TABLE ONLY account ADD CONSTRAINT account_company_id_login_key UNIQUE (company_id, login);
ALTER TABLE ONLY account ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY account ADD CONSTRAINT account_company_id_fkey FOREIGN KEY (company_id) REFERENCES company(id);
GRANT SELECT,INSERT,UPDATE ON TABLE account TO tocsin_service;

CREATE TABLE alert (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    alert_key text NOT NULL,
    rung integer NOT NULL,
    posted_at timestamptz NOT NULL,
    watched boolean DEFAULT true NOT NULL
);
ALTER TABLE ONLY alert FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY alert ADD CONSTRAINT alert_pkey PRIMARY KEY (community_id, message_id);
CREATE INDEX alert_of_incident ON alert USING btree (community_id, incident_id, alert_key);
CREATE INDEX alert_watched ON alert USING btree (community_id) WHERE watched;
ALTER TABLE alert ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON alert USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE alert TO tocsin_service;

CREATE TABLE answer (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    incident_id bigint NOT NULL,
    alert_key text NOT NULL,
    rung integer NOT NULL,
    message_id bigint,
    person_id bigint NOT NULL,
    kind text NOT NULL,
    promised_at timestamptz,
    at timestamptz NOT NULL,
    evidence text NOT NULL,
    means text,
    written_by text,
    event_no integer NOT NULL,
    CONSTRAINT answer_by_desk_says_who_and_how CHECK (((evidence = 'by_desk') = ((means IS NOT NULL) AND (written_by IS NOT NULL)))),
    CONSTRAINT answer_evidence_check CHECK ((evidence = ANY (ARRAY['link', 'sms', 'login', 'voice', 'chat', 'by_desk']))),
    CONSTRAINT answer_kind_check CHECK ((kind = ANY (ARRAY['received', 'on_the_way', 'on_scene', 'done', 'cannot', 'withdrawn']))),
    CONSTRAINT answer_promise_only_on_the_way CHECK (((promised_at IS NULL) OR (kind = ANY (ARRAY['received', 'on_the_way']))))
);
ALTER TABLE ONLY answer FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY answer ADD CONSTRAINT answer_pkey PRIMARY KEY (community_id, id);
CREATE INDEX answer_of_incident ON answer USING btree (community_id, incident_id, id);
ALTER TABLE answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON answer USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE answer TO tocsin_service;

CREATE TABLE api_token (
    token_hash bytea NOT NULL,
    company_id bigint NOT NULL,
    community_id bigint,
    name text NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_token_role_check CHECK ((role = ANY (ARRAY['clerk', 'night_desk', 'department_lead', 'supervisor', 'administrator'])))
);
ALTER TABLE ONLY api_token ADD CONSTRAINT api_token_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY api_token ADD CONSTRAINT api_token_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id);
ALTER TABLE ONLY api_token ADD CONSTRAINT api_token_company_id_fkey FOREIGN KEY (company_id) REFERENCES company(id);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE api_token TO tocsin_service;

CREATE TABLE audience_member (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    member_no bigint NOT NULL,
    person_id bigint,
    home_id bigint,
    language text NOT NULL,
    reach text NOT NULL,
    reason text,
    delivery_no bigint,
    channel_id bigint,
    contact_point_id bigint,
    address text,
    CONSTRAINT audience_member_is_somebody_or_a_home CHECK (((person_id IS NOT NULL) OR ((home_id IS NOT NULL) AND (delivery_no IS NULL)))),
    CONSTRAINT audience_member_is_tried_by_a_way CHECK (((reach <> ALL (ARRAY['handed_over', 'trying', 'unknown'])) OR (delivery_no IS NOT NULL))),
    CONSTRAINT audience_member_reach_check CHECK ((reach = ANY (ARRAY['confirmed', 'handed_over', 'trying', 'unknown', 'unreachable', 'opted_out', 'excluded']))),
    CONSTRAINT audience_member_reason CHECK (
CASE reach
    WHEN 'unreachable' THEN (reason IS NOT NULL)
    WHEN 'excluded' THEN (reason IS NOT NULL)
    WHEN 'handed_over' THEN ((reason IS NULL) OR (reason = ANY (ARRAY['no_receipt', 'sends_no_receipts', 'by_proxy'])))
    ELSE (reason IS NULL)
END),
    CONSTRAINT audience_member_way_is_whole CHECK ((((delivery_no IS NULL) = (channel_id IS NULL)) AND ((delivery_no IS NULL) = (address IS NULL))))
)
WITH (fillfactor='50');
ALTER TABLE ONLY audience_member FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY audience_member ADD CONSTRAINT audience_member_pkey PRIMARY KEY (community_id, message_id, member_no);
CREATE INDEX audience_member_of_delivery ON audience_member USING btree (community_id, message_id, delivery_no);
CREATE INDEX audience_member_of_person ON audience_member USING btree (community_id, person_id, message_id);
ALTER TABLE audience_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON audience_member USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE audience_member TO tocsin_service;

CREATE TABLE broadcast_request (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    incident_id bigint NOT NULL,
    telling jsonb NOT NULL,
    homes integer NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by text NOT NULL,
    asked_account bigint,
    expires_at timestamptz NOT NULL,
    state text DEFAULT 'waiting' NOT NULL,
    decided_at timestamptz,
    decided_by text,
    why text DEFAULT '' NOT NULL,
    message_id bigint,
    CONSTRAINT broadcast_request_homes_check CHECK ((homes > 0)),
    CONSTRAINT broadcast_request_is_decided CHECK (((state = 'waiting') = (decided_at IS NULL))),
    CONSTRAINT broadcast_request_state_check CHECK ((state = ANY (ARRAY['waiting', 'approved', 'refused', 'withdrawn', 'expired', 'changed']))),
    CONSTRAINT broadcast_request_was_sent_by_approval CHECK (((message_id IS NULL) OR (state = 'approved')))
);
ALTER TABLE ONLY broadcast_request FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY broadcast_request ADD CONSTRAINT broadcast_request_pkey PRIMARY KEY (community_id, id);
CREATE INDEX broadcast_request_of_incident ON broadcast_request USING btree (community_id, incident_id, id);
CREATE INDEX broadcast_request_waiting ON broadcast_request USING btree (community_id, expires_at) WHERE (state = 'waiting');
ALTER TABLE ONLY broadcast_request ADD CONSTRAINT broadcast_request_community_id_incident_id_fkey FOREIGN KEY (community_id, incident_id) REFERENCES incident(community_id, id);
ALTER TABLE broadcast_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON broadcast_request USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE broadcast_request TO tocsin_service;

CREATE TABLE canary (
    community_id bigint NOT NULL,
    place_id bigint NOT NULL,
    place_kind text NOT NULL,
    person_id bigint NOT NULL,
    named_by text NOT NULL,
    named_at timestamptz NOT NULL,
    CONSTRAINT canary_place_kind_check CHECK ((place_kind = ANY (ARRAY['community', 'building'])))
);
ALTER TABLE ONLY canary FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY canary ADD CONSTRAINT canary_pkey PRIMARY KEY (community_id, place_id, person_id);
ALTER TABLE ONLY canary ADD CONSTRAINT canary_community_id_person_id_fkey FOREIGN KEY (community_id, person_id) REFERENCES person(community_id, id);
ALTER TABLE ONLY canary ADD CONSTRAINT canary_community_id_place_id_place_kind_fkey FOREIGN KEY (community_id, place_id, place_kind) REFERENCES place(community_id, id, kind);
ALTER TABLE canary ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON canary USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE ON TABLE canary TO tocsin_service;

CREATE TABLE canary_plan (
    community_id bigint NOT NULL,
    test_at time without time zone NOT NULL,
    within_minutes smallint NOT NULL,
    enabled boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT canary_plan_within_minutes_check CHECK (((within_minutes >= 5) AND (within_minutes <= 720)))
);
ALTER TABLE ONLY canary_plan FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY canary_plan ADD CONSTRAINT canary_plan_pkey PRIMARY KEY (community_id);
ALTER TABLE canary_plan ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON canary_plan USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE canary_plan TO tocsin_service;

CREATE TABLE canary_proof (
    community_id bigint NOT NULL,
    test_id bigint NOT NULL,
    place_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    proven_at timestamptz,
    evidence text,
    why text,
    CONSTRAINT canary_proof_evidence_check CHECK ((evidence = ANY (ARRAY['receipt', 'link', 'reply']))),
    CONSTRAINT canary_proof_has_evidence CHECK (((proven_at IS NULL) = (evidence IS NULL)))
);
ALTER TABLE ONLY canary_proof FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY canary_proof ADD CONSTRAINT canary_proof_pkey PRIMARY KEY (community_id, test_id, place_id);
CREATE INDEX canary_proof_of_way ON canary_proof USING btree (community_id, place_id, channel_id, test_id) WHERE (proven_at IS NOT NULL);
ALTER TABLE canary_proof ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON canary_proof USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE canary_proof TO tocsin_service;

CREATE TABLE canary_test (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    day date NOT NULL,
    round smallint NOT NULL,
    channel_id bigint NOT NULL,
    message_id bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    replies_after bigint NOT NULL,
    judged_at timestamptz,
    CONSTRAINT canary_test_round_check CHECK ((round >= 0))
);
ALTER TABLE ONLY canary_test FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY canary_test ADD CONSTRAINT canary_test_community_id_day_round_channel_id_key UNIQUE (community_id, day, round, channel_id);
ALTER TABLE ONLY canary_test ADD CONSTRAINT canary_test_community_id_message_id_key UNIQUE (community_id, message_id);
ALTER TABLE ONLY canary_test ADD CONSTRAINT canary_test_pkey PRIMARY KEY (community_id, id);
CREATE INDEX canary_test_of_channel ON canary_test USING btree (community_id, channel_id, id);
ALTER TABLE canary_test ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON canary_test USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE canary_test TO tocsin_service;

CREATE TABLE certificate (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    person_id bigint NOT NULL,
    person_kind text DEFAULT 'staff' NOT NULL,
    kind text NOT NULL,
    number text DEFAULT '' NOT NULL,
    expires_on date NOT NULL,
    CONSTRAINT certificate_kind_check CHECK ((kind ~ '^[a-z][a-z0-9_]*$')),
    CONSTRAINT certificate_person_kind_check CHECK ((person_kind = 'staff'))
);
ALTER TABLE ONLY certificate FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY certificate ADD CONSTRAINT certificate_community_id_person_id_kind_key UNIQUE (community_id, person_id, kind);
ALTER TABLE ONLY certificate ADD CONSTRAINT certificate_pkey PRIMARY KEY (community_id, id);
ALTER TABLE ONLY certificate ADD CONSTRAINT certificate_community_id_person_id_person_kind_fkey FOREIGN KEY (community_id, person_id, person_kind) REFERENCES person(community_id, id, kind);
ALTER TABLE certificate ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON certificate USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE certificate TO tocsin_service;

CREATE TABLE channel (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    gateway_id bigint NOT NULL,
    kind text NOT NULL,
    rank smallint NOT NULL,
    signature text DEFAULT '' NOT NULL,
    templates jsonb DEFAULT '{}'::jsonb NOT NULL,
    sink boolean NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    CONSTRAINT channel_kind_check CHECK ((kind = ANY (ARRAY['sms', 'email', 'voice', 'by_hand', 'chat'])))
);
ALTER TABLE ONLY channel FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY channel ADD CONSTRAINT channel_community_id_id_sink_key UNIQUE (community_id, id, sink);
ALTER TABLE ONLY channel ADD CONSTRAINT channel_pkey PRIMARY KEY (community_id, id);
ALTER TABLE ONLY channel ADD CONSTRAINT channel_gateway_id_fkey FOREIGN KEY (gateway_id) REFERENCES gateway(id);
ALTER TABLE channel ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON channel USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE channel TO tocsin_service;

CREATE TABLE community (
    id bigint GENERATED ALWAYS AS IDENTITY,
    company_id bigint NOT NULL,
    names jsonb NOT NULL,
    zone text NOT NULL,
    languages text[] NOT NULL,
    default_language text NOT NULL,
    civil_address text DEFAULT '' NOT NULL,
    gate text DEFAULT '' NOT NULL,
    desk_phone text DEFAULT '' NOT NULL,
    night_from time without time zone DEFAULT '22:30:00'::time without time zone NOT NULL,
    night_until time without time zone DEFAULT '07:00:00'::time without time zone NOT NULL,
    may_send boolean DEFAULT true NOT NULL,
    created_at timestamptz NOT NULL,
    repairs_together_minutes smallint DEFAULT 120 NOT NULL,
    status_key text DEFAULT "left"(replace((gen_random_uuid())::text, '-', ''), 12) NOT NULL,
    status_open boolean DEFAULT true NOT NULL,
    second_person_above_homes integer DEFAULT 300 NOT NULL,
    CONSTRAINT community_default_is_spoken CHECK ((default_language = ANY (languages))),
    CONSTRAINT community_repairs_together_within_a_day CHECK (((repairs_together_minutes >= 1) AND (repairs_together_minutes <= 1440))),
    CONSTRAINT community_second_person_above_homes CHECK ((second_person_above_homes >= 0)),
    CONSTRAINT community_speaks_a_language CHECK ((cardinality(languages) > 0))
);
ALTER TABLE ONLY community ADD CONSTRAINT community_pkey PRIMARY KEY (id);
ALTER TABLE ONLY community ADD CONSTRAINT community_status_key_leads_to_one UNIQUE (status_key);
ALTER TABLE ONLY community ADD CONSTRAINT community_company_id_fkey FOREIGN KEY (company_id) REFERENCES company(id);
GRANT SELECT,INSERT,UPDATE ON TABLE community TO tocsin_service;

CREATE TABLE company (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT company_name_check CHECK ((name <> ''))
);
ALTER TABLE ONLY company ADD CONSTRAINT company_pkey PRIMARY KEY (id);
GRANT SELECT,INSERT,UPDATE ON TABLE company TO tocsin_service;

CREATE TABLE confirmation (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    name text NOT NULL,
    by text NOT NULL,
    at timestamptz NOT NULL
);
ALTER TABLE ONLY confirmation FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY confirmation ADD CONSTRAINT confirmation_pkey PRIMARY KEY (community_id, incident_id, name);
ALTER TABLE confirmation ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON confirmation USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE ON TABLE confirmation TO tocsin_service;

CREATE TABLE contact_debt_work (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    home_id bigint NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL,
    result text NOT NULL,
    note text DEFAULT '' NOT NULL,
    again_on date,
    CONSTRAINT contact_debt_work_result_check CHECK ((result = ANY (ARRAY['new_number', 'confirmed', 'no_answer', 'wrong_number', 'refuses', 'vacant', 'later'])))
);
ALTER TABLE ONLY contact_debt_work FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY contact_debt_work ADD CONSTRAINT contact_debt_work_pkey PRIMARY KEY (community_id, id);
CREATE INDEX contact_debt_work_of_home ON contact_debt_work USING btree (community_id, home_id, id);
ALTER TABLE contact_debt_work ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON contact_debt_work USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE contact_debt_work TO tocsin_service;

CREATE TABLE contact_point (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    person_id bigint NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    rank smallint DEFAULT 0 NOT NULL,
    consent text[] NOT NULL,
    quality text NOT NULL,
    proxy_name text,
    proxy_relation text,
    consent_source text DEFAULT '' NOT NULL,
    quality_reason text,
    quality_at timestamptz,
    failures smallint DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT contact_point_consent_is_known CHECK ((consent <@ ARRAY['alert', 'emergency', 'notice'])),
    CONSTRAINT contact_point_failures_check CHECK ((failures >= 0)),
    CONSTRAINT contact_point_is_normalised CHECK ((((kind = ANY (ARRAY['mobile', 'landline'])) AND (address ~ '^\+[1-9][0-9]{6,14}$')) OR ((kind = 'email') AND (address = lower(address)) AND (address ~ '^[^@[:space:]]+@[^@[:space:]]+$')) OR ((kind = 'chat') AND (address <> '')))),
    CONSTRAINT contact_point_kind_check CHECK ((kind = ANY (ARRAY['mobile', 'landline', 'email', 'chat']))),
    CONSTRAINT contact_point_proxy_is_somebody CHECK (((proxy_name IS NULL) = (proxy_relation IS NULL))),
    CONSTRAINT contact_point_quality_check CHECK ((quality = ANY (ARRAY['unproven', 'good', 'failing', 'wrong', 'opted_out'])))
);
ALTER TABLE ONLY contact_point FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY contact_point ADD CONSTRAINT contact_point_community_id_person_id_kind_address_key UNIQUE (community_id, person_id, kind, address);
ALTER TABLE ONLY contact_point ADD CONSTRAINT contact_point_pkey PRIMARY KEY (community_id, id);
CREATE INDEX contact_point_by_address ON contact_point USING btree (community_id, address);
ALTER TABLE ONLY contact_point ADD CONSTRAINT contact_point_community_id_person_id_fkey FOREIGN KEY (community_id, person_id) REFERENCES person(community_id, id);
ALTER TABLE contact_point ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON contact_point USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contact_point TO tocsin_service;

CREATE TABLE contact_signal (
    community_id bigint NOT NULL,
    contact_point_id bigint NOT NULL,
    source text NOT NULL,
    at timestamptz NOT NULL,
    what text NOT NULL,
    code text,
    becomes text NOT NULL,
    CONSTRAINT contact_signal_what_check CHECK ((what = ANY (ARRAY['failed', 'wrong_number', 'stop', 'start', 'by_desk'])))
);
ALTER TABLE ONLY contact_signal FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY contact_signal ADD CONSTRAINT contact_signal_pkey PRIMARY KEY (community_id, contact_point_id, source);
ALTER TABLE contact_signal ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON contact_signal USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE contact_signal TO tocsin_service;

CREATE TABLE cover_hours (
    community_id bigint NOT NULL,
    department_id bigint NOT NULL,
    tier text NOT NULL,
    weekday smallint NOT NULL,
    opens time without time zone NOT NULL,
    closes time without time zone NOT NULL,
    CONSTRAINT cover_hours_tier_check CHECK ((tier = ANY (ARRAY['duty', 'backup', 'lead']))),
    CONSTRAINT cover_hours_weekday_check CHECK (((weekday >= 1) AND (weekday <= 7)))
);
ALTER TABLE ONLY cover_hours FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY cover_hours ADD CONSTRAINT cover_hours_pkey PRIMARY KEY (community_id, department_id, tier, weekday, opens);
ALTER TABLE ONLY cover_hours ADD CONSTRAINT cover_hours_community_id_department_id_fkey FOREIGN KEY (community_id, department_id) REFERENCES department(community_id, id);
ALTER TABLE cover_hours ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON cover_hours USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE cover_hours TO tocsin_service;

CREATE TABLE database_identity (
    only_row boolean DEFAULT true NOT NULL,
    cluster text NOT NULL,
    database_oid bigint NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT database_identity_only_row_check CHECK (only_row)
);
ALTER TABLE ONLY database_identity ADD CONSTRAINT database_identity_pkey PRIMARY KEY (only_row);
GRANT SELECT,INSERT,UPDATE ON TABLE database_identity TO tocsin_service;

CREATE TABLE declaration_signature (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    device_id bigint NOT NULL,
    device text NOT NULL,
    due_at timestamptz NOT NULL,
    lapsed_at timestamptz,
    signed_at timestamptz,
    signed_by text,
    CONSTRAINT declaration_signature_is_somebodys CHECK (((signed_at IS NULL) = (signed_by IS NULL)))
);
ALTER TABLE ONLY declaration_signature FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY declaration_signature ADD CONSTRAINT declaration_signature_pkey PRIMARY KEY (community_id, incident_id);
CREATE INDEX declaration_signature_missing ON declaration_signature USING btree (community_id, incident_id) WHERE (signed_at IS NULL);
ALTER TABLE ONLY declaration_signature ADD CONSTRAINT declaration_signature_community_id_incident_id_fkey FOREIGN KEY (community_id, incident_id) REFERENCES incident(community_id, id);
ALTER TABLE declaration_signature ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON declaration_signature USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE declaration_signature TO tocsin_service;

CREATE TABLE delivery (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    no bigint NOT NULL,
    lane text NOT NULL,
    channel_id bigint NOT NULL,
    contact_point_id bigint,
    person_id bigint NOT NULL,
    address text NOT NULL,
    language text NOT NULL,
    state text NOT NULL,
    token integer DEFAULT 0 NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    maybe_sent boolean DEFAULT false NOT NULL,
    repeats_told_apart boolean DEFAULT false NOT NULL,
    due_at timestamptz NOT NULL,
    lease_until timestamptz,
    CONSTRAINT delivery_is_leased_while_sending CHECK (((state = 'sending') = (lease_until IS NOT NULL))),
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['queued', 'sending']))),
    CONSTRAINT delivery_token_check CHECK ((token >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', vacuum_truncate=off, autovacuum_vacuum_threshold='5000', autovacuum_analyze_threshold='5000');
ALTER TABLE ONLY delivery FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY delivery ADD CONSTRAINT delivery_pkey PRIMARY KEY (community_id, message_id, no);
CREATE INDEX delivery_maybe_sent ON delivery USING btree (community_id, address) WHERE maybe_sent;
CREATE INDEX delivery_on_the_wire ON delivery USING btree (community_id, lease_until) WHERE (state = 'sending');
CREATE INDEX delivery_waiting ON delivery USING btree (community_id, lane, channel_id, due_at, message_id, no) WHERE (state = 'queued');
ALTER TABLE delivery ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON delivery USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE delivery TO tocsin_service;

GRANT SELECT ON TABLE delivery_all TO tocsin_service;

CREATE TABLE delivery_attempt (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    no bigint NOT NULL,
    token integer NOT NULL,
    seq smallint NOT NULL,
    outcome text NOT NULL,
    code text,
    detail text,
    at timestamptz NOT NULL
);
ALTER TABLE ONLY delivery_attempt FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY delivery_attempt ADD CONSTRAINT delivery_attempt_pkey PRIMARY KEY (community_id, message_id, no, token, seq);
ALTER TABLE delivery_attempt ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON delivery_attempt USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE delivery_attempt TO tocsin_service;

CREATE TABLE delivery_range (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    message_id bigint NOT NULL,
    lane text NOT NULL,
    channel_id bigint NOT NULL,
    first_no bigint NOT NULL,
    last_no bigint NOT NULL,
    deliveries integer NOT NULL,
    due_at timestamptz NOT NULL,
    lease_until timestamptz,
    repeats_told_apart boolean DEFAULT false NOT NULL,
    passed_over bigint[],
    CONSTRAINT delivery_range_holds_something CHECK (((deliveries > 0) AND (first_no <= last_no)))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', vacuum_truncate=off, autovacuum_vacuum_threshold='5000', autovacuum_analyze_threshold='5000');
ALTER TABLE ONLY delivery_range FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY delivery_range ADD CONSTRAINT delivery_range_pkey PRIMARY KEY (community_id, id);
CREATE INDEX delivery_range_of_message ON delivery_range USING btree (community_id, message_id, first_no);
CREATE INDEX delivery_range_on_the_wire ON delivery_range USING btree (community_id, lease_until) WHERE (lease_until IS NOT NULL);
CREATE INDEX delivery_range_waiting ON delivery_range USING btree (community_id, lane, channel_id, due_at, message_id, first_no) WHERE (lease_until IS NULL);
ALTER TABLE delivery_range ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON delivery_range USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE delivery_range TO tocsin_service;

CREATE TABLE delivery_settled (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    no bigint NOT NULL,
    channel_id bigint NOT NULL,
    contact_point_id bigint,
    person_id bigint NOT NULL,
    address text NOT NULL,
    language text NOT NULL,
    state text NOT NULL,
    token integer NOT NULL,
    attempts smallint NOT NULL,
    gateway_ref text,
    reason text,
    settled_at timestamptz NOT NULL,
    state_at timestamptz NOT NULL,
    receipt_due_at timestamptz,
    taken_at_once boolean DEFAULT false NOT NULL,
    CONSTRAINT delivery_settled_state_check CHECK ((state = ANY (ARRAY['accepted', 'delivered', 'failed', 'expired', 'cancelled', 'unknown'])))
)
PARTITION BY RANGE (message_id);
ALTER TABLE ONLY delivery_settled FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY delivery_settled ATTACH PARTITION delivery_settled_rest DEFAULT;
ALTER TABLE ONLY delivery_settled ADD CONSTRAINT delivery_settled_pkey PRIMARY KEY (community_id, message_id, no);
CREATE INDEX delivery_settled_receipt_due ON ONLY delivery_settled USING btree (community_id, receipt_due_at) WHERE (receipt_due_at IS NOT NULL);
CREATE INDEX delivery_settled_unknown ON ONLY delivery_settled USING btree (community_id, address) WHERE (state = 'unknown');
ALTER TABLE delivery_settled ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON delivery_settled USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE delivery_settled TO tocsin_service;

CREATE TABLE department (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    names jsonb NOT NULL,
    tiers text[] DEFAULT '{duty,backup,lead}'::text[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT department_key_check CHECK ((key ~ '^[a-z][a-z0-9_]*$')),
    CONSTRAINT department_tiers_are_known CHECK ((tiers <@ ARRAY['duty', 'backup', 'lead']))
);
ALTER TABLE ONLY department FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY department ADD CONSTRAINT department_community_id_key_key UNIQUE (community_id, key);
ALTER TABLE ONLY department ADD CONSTRAINT department_pkey PRIMARY KEY (community_id, id);
ALTER TABLE department ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON department USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE department TO tocsin_service;

CREATE TABLE desk_device (
    id bigint GENERATED ALWAYS AS IDENTITY,
    community_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    csrf text NOT NULL,
    name text NOT NULL,
    enrolled_by text NOT NULL,
    enrolled_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by text,
    CONSTRAINT desk_device_is_withdrawn_by_somebody CHECK (((withdrawn_at IS NULL) = (withdrawn_by IS NULL))),
    CONSTRAINT desk_device_name_check CHECK ((name <> ''))
);
ALTER TABLE ONLY desk_device ADD CONSTRAINT desk_device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY desk_device ADD CONSTRAINT desk_device_token_hash_key UNIQUE (token_hash);
CREATE UNIQUE INDEX desk_device_in_use ON desk_device USING btree (community_id, name) WHERE (withdrawn_at IS NULL);
ALTER TABLE ONLY desk_device ADD CONSTRAINT desk_device_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id);
GRANT SELECT,INSERT,UPDATE ON TABLE desk_device TO tocsin_service;

CREATE TABLE desk_log (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    what text NOT NULL,
    device_id bigint,
    account_id bigint,
    by_name text DEFAULT '' NOT NULL,
    words text DEFAULT '' NOT NULL,
    CONSTRAINT desk_log_what_check CHECK ((what = ANY (ARRAY['enrolled', 'renamed', 'withdrawn', 'numbered', 'pin_set', 'pin_cleared', 'signed_on', 'pin_refused'])))
);
ALTER TABLE ONLY desk_log FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY desk_log ADD CONSTRAINT desk_log_pkey PRIMARY KEY (community_id, id);
ALTER TABLE desk_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON desk_log USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE desk_log TO tocsin_service;

CREATE TABLE draft (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    picked_up_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    typed jsonb NOT NULL,
    taken_by text NOT NULL,
    call_back_due timestamptz,
    call_back_tries smallint DEFAULT 0 NOT NULL,
    ended_at timestamptz,
    ended_by text,
    ending text,
    reason text DEFAULT '' NOT NULL,
    incident_id bigint,
    CONSTRAINT draft_ending_check CHECK ((ending = ANY (ARRAY['declared', 'reported', 'repaired', 'discarded']))),
    CONSTRAINT draft_goes_into_an_incident CHECK (((incident_id IS NOT NULL) = (COALESCE(ending, '') = ANY (ARRAY['declared', 'reported'])))),
    CONSTRAINT draft_is_discarded_with_a_reason CHECK (((ending IS DISTINCT FROM 'discarded') OR (reason <> ''))),
    CONSTRAINT draft_is_ended_by_somebody CHECK ((((ended_at IS NULL) = (ended_by IS NULL)) AND ((ended_at IS NULL) = (ending IS NULL))))
);
ALTER TABLE ONLY draft FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY draft ADD CONSTRAINT draft_community_id_key_key UNIQUE (community_id, key);
ALTER TABLE ONLY draft ADD CONSTRAINT draft_pkey PRIMARY KEY (community_id, id);
CREATE INDEX draft_discarded ON draft USING btree (community_id, ended_at) WHERE (ending = 'discarded');
CREATE INDEX draft_open ON draft USING btree (community_id, picked_up_at) WHERE (ended_at IS NULL);
ALTER TABLE ONLY draft ADD CONSTRAINT draft_community_id_incident_id_fkey FOREIGN KEY (community_id, incident_id) REFERENCES incident(community_id, id);
ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON draft USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE draft TO tocsin_service;

CREATE TABLE earlier_way (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    member_no bigint NOT NULL,
    no bigint NOT NULL,
    channel_id bigint NOT NULL,
    address text NOT NULL
);
ALTER TABLE ONLY earlier_way FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY earlier_way ADD CONSTRAINT earlier_way_pkey PRIMARY KEY (community_id, message_id, member_no, no);
CREATE INDEX earlier_way_of_delivery ON earlier_way USING btree (community_id, message_id, no);
ALTER TABLE earlier_way ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON earlier_way USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE earlier_way TO tocsin_service;

CREATE TABLE early_receipt (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    no bigint NOT NULL,
    state text NOT NULL,
    gateway_id bigint NOT NULL,
    code text,
    CONSTRAINT early_receipt_state_check CHECK ((state = ANY (ARRAY['accepted', 'delivered', 'failed'])))
);
ALTER TABLE ONLY early_receipt FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY early_receipt ADD CONSTRAINT early_receipt_pkey PRIMARY KEY (community_id, message_id, no, state);
ALTER TABLE early_receipt ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON early_receipt USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE early_receipt TO tocsin_service;

CREATE TABLE event_detail (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    no integer NOT NULL,
    salt bytea NOT NULL,
    detail text NOT NULL,
    CONSTRAINT event_detail_salt_check CHECK ((length(salt) = 16))
);
ALTER TABLE ONLY event_detail FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY event_detail ADD CONSTRAINT event_detail_pkey PRIMARY KEY (community_id, incident_id, no);
ALTER TABLE event_detail ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON event_detail USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE event_detail TO tocsin_service; GRANT SELECT,DELETE ON TABLE event_detail TO tocsin_eraser;

CREATE TABLE follow_up (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    report_no integer NOT NULL,
    round smallint NOT NULL,
    due_at timestamptz NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    spoken_at timestamptz,
    satisfied boolean,
    unreachable_at timestamptz,
    CONSTRAINT follow_up_ends_once CHECK (((spoken_at IS NULL) OR (unreachable_at IS NULL))),
    CONSTRAINT follow_up_round_check CHECK (((round >= 1) AND (round <= 10))),
    CONSTRAINT follow_up_spoken_has_an_answer CHECK (((spoken_at IS NULL) = (satisfied IS NULL))),
    CONSTRAINT follow_up_tries_check CHECK (((tries >= 0) AND (tries <= 3)))
);
ALTER TABLE ONLY follow_up FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY follow_up ADD CONSTRAINT follow_up_pkey PRIMARY KEY (community_id, incident_id, report_no, round);
CREATE INDEX follow_up_open ON follow_up USING btree (community_id, due_at) WHERE ((spoken_at IS NULL) AND (unreachable_at IS NULL));
ALTER TABLE ONLY follow_up ADD CONSTRAINT follow_up_community_id_incident_id_report_no_fkey FOREIGN KEY (community_id, incident_id, report_no) REFERENCES report(community_id, incident_id, no);
ALTER TABLE follow_up ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON follow_up USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE follow_up TO tocsin_service;

CREATE TABLE gateway (
    id bigint GENERATED ALWAYS AS IDENTITY,
    company_id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    settings jsonb NOT NULL,
    secret_sealed text,
    hook_key text NOT NULL,
    sink boolean NOT NULL,
    rate_per_second double precision NOT NULL,
    burst integer NOT NULL,
    reserved_share double precision DEFAULT 0.2 NOT NULL,
    created_at timestamptz NOT NULL,
    shares_rate_of bigint,
    CONSTRAINT gateway_burst_check CHECK ((burst >= 1)),
    CONSTRAINT gateway_rate_per_second_check CHECK ((rate_per_second > (0)::double precision)),
    CONSTRAINT gateway_reserved_share_check CHECK (((reserved_share >= (0)::double precision) AND (reserved_share <= (0.9)::double precision))),
    CONSTRAINT gateway_shares_another_s_rate CHECK ((shares_rate_of <> id))
);
ALTER TABLE ONLY gateway ADD CONSTRAINT gateway_company_id_name_key UNIQUE (company_id, name);
ALTER TABLE ONLY gateway ADD CONSTRAINT gateway_hook_key_key UNIQUE (hook_key);
ALTER TABLE ONLY gateway ADD CONSTRAINT gateway_pkey PRIMARY KEY (id);
ALTER TABLE ONLY gateway ADD CONSTRAINT gateway_company_id_fkey FOREIGN KEY (company_id) REFERENCES company(id);
ALTER TABLE ONLY gateway ADD CONSTRAINT gateway_shares_rate_of_fkey FOREIGN KEY (shares_rate_of) REFERENCES gateway(id);
GRANT SELECT,INSERT,UPDATE ON TABLE gateway TO tocsin_service;

CREATE TABLE gateway_permit (
    gateway_id bigint NOT NULL,
    full_until timestamptz NOT NULL,
    bulk_until timestamptz NOT NULL,
    pause_until timestamptz,
    set_aside_at timestamptz,
    set_aside_why text,
    probe_at timestamptz,
    CONSTRAINT gateway_permit_set_aside_is_probed CHECK ((((set_aside_at IS NULL) = (set_aside_why IS NULL)) AND ((set_aside_at IS NULL) = (probe_at IS NULL))))
);
ALTER TABLE ONLY gateway_permit ADD CONSTRAINT gateway_permit_pkey PRIMARY KEY (gateway_id);
ALTER TABLE ONLY gateway_permit ADD CONSTRAINT gateway_permit_gateway_id_fkey FOREIGN KEY (gateway_id) REFERENCES gateway(id);
GRANT SELECT,INSERT,UPDATE ON TABLE gateway_permit TO tocsin_service;

CREATE TABLE gateway_ref (
    gateway_id bigint NOT NULL,
    ref text NOT NULL,
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    no bigint NOT NULL,
    noted_at timestamptz NOT NULL
);
ALTER TABLE ONLY gateway_ref ADD CONSTRAINT gateway_ref_pkey PRIMARY KEY (gateway_id, ref);
CREATE INDEX gateway_ref_by_age ON gateway_ref USING btree (community_id, noted_at);
ALTER TABLE ONLY gateway_ref ADD CONSTRAINT gateway_ref_gateway_id_fkey FOREIGN KEY (gateway_id) REFERENCES gateway(id);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE gateway_ref TO tocsin_service;

CREATE TABLE gateway_report (
    worker text NOT NULL,
    gateway_id bigint NOT NULL,
    on_wire integer NOT NULL,
    accepted bigint NOT NULL,
    not_sent bigint NOT NULL,
    refused bigint NOT NULL,
    unknown bigint NOT NULL,
    repeats bigint NOT NULL,
    recent_accepted integer NOT NULL,
    recent_failed integer NOT NULL,
    per_second double precision NOT NULL,
    last_accepted_at timestamptz
);
ALTER TABLE ONLY gateway_report ADD CONSTRAINT gateway_report_pkey PRIMARY KEY (worker, gateway_id);
ALTER TABLE ONLY gateway_report ADD CONSTRAINT gateway_report_gateway_id_fkey FOREIGN KEY (gateway_id) REFERENCES gateway(id);
ALTER TABLE ONLY gateway_report ADD CONSTRAINT gateway_report_worker_fkey FOREIGN KEY (worker) REFERENCES worker_report(worker) ON DELETE CASCADE;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE gateway_report TO tocsin_service;

CREATE TABLE handover (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    snapshot jsonb NOT NULL,
    notes text NOT NULL,
    device text NOT NULL,
    gone_name text NOT NULL,
    gone_account bigint NOT NULL,
    gone_how text NOT NULL,
    gone_at timestamptz NOT NULL,
    come_name text,
    come_account bigint,
    come_how text,
    come_at timestamptz,
    CONSTRAINT handover_come_how_check CHECK ((come_how = ANY (ARRAY['pin', 'password', 'session']))),
    CONSTRAINT handover_comes_signed CHECK ((num_nulls(come_name, come_account, come_how, come_at) = ANY (ARRAY[0, 4]))),
    CONSTRAINT handover_gone_how_check CHECK ((gone_how = ANY (ARRAY['pin', 'password', 'session']))),
    CONSTRAINT handover_is_between_two CHECK ((come_account <> gone_account))
);
ALTER TABLE ONLY handover FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY handover ADD CONSTRAINT handover_pkey PRIMARY KEY (community_id, id);
CREATE INDEX handover_signed ON handover USING btree (community_id, come_at);
ALTER TABLE handover ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON handover USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE handover TO tocsin_service;
GRANT UPDATE(come_name) ON TABLE handover TO tocsin_service;
GRANT UPDATE(come_account) ON TABLE handover TO tocsin_service;
GRANT UPDATE(come_how) ON TABLE handover TO tocsin_service;
GRANT UPDATE(come_at) ON TABLE handover TO tocsin_service;

CREATE TABLE handover_missed (
    community_id bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL,
    told text NOT NULL
);
ALTER TABLE ONLY handover_missed FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY handover_missed ADD CONSTRAINT handover_missed_pkey PRIMARY KEY (community_id, changed_at);
ALTER TABLE handover_missed ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON handover_missed USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE handover_missed TO tocsin_service;

CREATE TABLE heartbeat (
    one boolean DEFAULT true NOT NULL,
    due_at timestamptz NOT NULL,
    looked_at timestamptz,
    sent_at timestamptz,
    withheld text[] DEFAULT '{}'::text[] NOT NULL,
    problem text,
    verified_at timestamptz,
    CONSTRAINT heartbeat_one_check CHECK (one)
);
ALTER TABLE ONLY heartbeat ADD CONSTRAINT heartbeat_pkey PRIMARY KEY (one);
GRANT SELECT,UPDATE ON TABLE heartbeat TO tocsin_service;

CREATE TABLE idempotency (
    community_id bigint NOT NULL,
    principal text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer,
    body text,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_answer_is_whole CHECK (((status IS NULL) = (body IS NULL)))
);
ALTER TABLE ONLY idempotency FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY idempotency ADD CONSTRAINT idempotency_pkey PRIMARY KEY (community_id, principal, key);
CREATE INDEX idempotency_by_age ON idempotency USING btree (community_id, created_at);
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON idempotency USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE idempotency TO tocsin_service;

CREATE TABLE import_row (
    community_id bigint NOT NULL,
    run_id bigint NOT NULL,
    sheet smallint NOT NULL,
    line integer NOT NULL,
    verdict text NOT NULL,
    reasons jsonb DEFAULT '[]'::jsonb NOT NULL,
    hints jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT import_row_line_check CHECK ((line >= 1)),
    CONSTRAINT import_row_refused_says_why CHECK (((verdict = 'refused') = (reasons <> '[]'::jsonb))),
    CONSTRAINT import_row_verdict_check CHECK ((verdict = ANY (ARRAY['new', 'changed', 'unchanged', 'refused'])))
);
ALTER TABLE ONLY import_row FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY import_row ADD CONSTRAINT import_row_pkey PRIMARY KEY (community_id, run_id, sheet, line);
ALTER TABLE ONLY import_row ADD CONSTRAINT import_row_community_id_run_id_fkey FOREIGN KEY (community_id, run_id) REFERENCES import_run(community_id, id) ON DELETE CASCADE;
ALTER TABLE import_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON import_row USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE ON TABLE import_row TO tocsin_service;

CREATE TABLE import_run (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text,
    file_name text NOT NULL,
    file_sha256 bytea NOT NULL,
    file bytea,
    by text NOT NULL,
    options jsonb NOT NULL,
    dry boolean NOT NULL,
    state text NOT NULL,
    refusal text,
    refusal_values jsonb DEFAULT '{}'::jsonb NOT NULL,
    understood jsonb,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    rows_read integer DEFAULT 0 NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    finished_at timestamptz,
    applied_at timestamptz,
    examples jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT import_run_applied_is_done CHECK (((applied_at IS NULL) OR (state = 'done'))),
    CONSTRAINT import_run_dry_applies_nothing CHECK (((NOT dry) OR (applied_at IS NULL))),
    CONSTRAINT import_run_ends_once CHECK (((state = 'reading') = (finished_at IS NULL))),
    CONSTRAINT import_run_examples_are_few CHECK ((jsonb_array_length(examples) <= 40)),
    CONSTRAINT import_run_file_sha256_check CHECK ((length(file_sha256) = 32)),
    CONSTRAINT import_run_kind_check CHECK ((kind = ANY (ARRAY['residents', 'staff', 'rosters', 'facilities']))),
    CONSTRAINT import_run_refused_says_why CHECK (((state = 'refused') = (refusal IS NOT NULL))),
    CONSTRAINT import_run_state_check CHECK ((state = ANY (ARRAY['reading', 'done', 'asks', 'refused', 'failed'])))
);
ALTER TABLE ONLY import_run FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY import_run ADD CONSTRAINT import_run_pkey PRIMARY KEY (community_id, id);
ALTER TABLE import_run ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON import_run USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE import_run TO tocsin_service;

CREATE TABLE incident (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    number integer NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    severity text NOT NULL,
    status text NOT NULL,
    drill boolean NOT NULL,
    place_id bigint NOT NULL,
    facts jsonb NOT NULL,
    parent_id bigint,
    parent_step text,
    head_no integer NOT NULL,
    head_hash bytea NOT NULL,
    head_at timestamptz NOT NULL,
    declared_at timestamptz NOT NULL,
    relieved_at timestamptz,
    closed_at timestamptz,
    next_news_by timestamptz,
    merged_into bigint,
    CONSTRAINT incident_ended_at CHECK (((status = ANY (ARRAY['closed', 'cancelled'])) = (closed_at IS NOT NULL))),
    CONSTRAINT incident_merged_is_over CHECK (((merged_into IS NULL) OR (status = 'cancelled'))),
    CONSTRAINT incident_not_its_own_parent CHECK ((parent_id <> id)),
    CONSTRAINT incident_not_merged_into_itself CHECK ((merged_into <> id)),
    CONSTRAINT incident_relieved_at CHECK (((status <> 'relieved') OR (relieved_at IS NOT NULL))),
    CONSTRAINT incident_severity_check CHECK ((severity = ANY (ARRAY['minor', 'urgent', 'life_threatening']))),
    CONSTRAINT incident_status_check CHECK ((status = ANY (ARRAY['open', 'relieved', 'closed', 'cancelled'])))
)
WITH (fillfactor='70');
ALTER TABLE ONLY incident FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY incident ADD CONSTRAINT incident_community_id_number_key UNIQUE (community_id, number);
ALTER TABLE ONLY incident ADD CONSTRAINT incident_pkey PRIMARY KEY (community_id, id);
CREATE INDEX incident_children ON incident USING btree (community_id, parent_id) WHERE (parent_id IS NOT NULL);
CREATE INDEX incident_ended ON incident USING btree (community_id, closed_at DESC) WHERE (closed_at IS NOT NULL);
CREATE INDEX incident_merged ON incident USING btree (community_id, merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX incident_open ON incident USING btree (community_id, declared_at) WHERE (status = ANY (ARRAY['open', 'relieved']));
ALTER TABLE ONLY incident ADD CONSTRAINT incident_community_id_place_id_fkey FOREIGN KEY (community_id, place_id) REFERENCES place(community_id, id);
ALTER TABLE incident ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON incident USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT ON TABLE incident TO tocsin_eraser; GRANT SELECT,INSERT ON TABLE incident TO tocsin_service;
GRANT UPDATE(severity) ON TABLE incident TO tocsin_service;
GRANT UPDATE(status) ON TABLE incident TO tocsin_service;
GRANT UPDATE(place_id) ON TABLE incident TO tocsin_service;
GRANT UPDATE(facts) ON TABLE incident TO tocsin_service;
GRANT UPDATE(parent_id) ON TABLE incident TO tocsin_service;
GRANT UPDATE(parent_step) ON TABLE incident TO tocsin_service;
GRANT UPDATE(head_no) ON TABLE incident TO tocsin_service;
GRANT UPDATE(head_hash) ON TABLE incident TO tocsin_service;
GRANT UPDATE(head_at) ON TABLE incident TO tocsin_service;
GRANT UPDATE(relieved_at) ON TABLE incident TO tocsin_service;
GRANT UPDATE(closed_at) ON TABLE incident TO tocsin_service;
GRANT UPDATE(next_news_by) ON TABLE incident TO tocsin_service;
GRANT UPDATE(merged_into) ON TABLE incident TO tocsin_service;

CREATE TABLE incident_code (
    company_id bigint NOT NULL,
    code text NOT NULL,
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL
);
ALTER TABLE ONLY incident_code ADD CONSTRAINT incident_code_pkey PRIMARY KEY (company_id, code);
CREATE INDEX incident_code_of_incident ON incident_code USING btree (community_id, incident_id);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE incident_code TO tocsin_service;

CREATE TABLE incident_event (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    no integer NOT NULL,
    at timestamptz NOT NULL,
    happened_at timestamptz NOT NULL,
    kind text NOT NULL,
    cause text NOT NULL,
    body text NOT NULL,
    detail_hash bytea,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT incident_event_cause_check CHECK ((cause = ANY (ARRAY['outside', 'timer', 'directory', 'effect', 'tally']))),
    CONSTRAINT incident_event_hashes CHECK (((length(prev_hash) = 32) AND (length(hash) = 32))),
    CONSTRAINT incident_event_no_check CHECK ((no > 0))
);
ALTER TABLE ONLY incident_event FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY incident_event ADD CONSTRAINT incident_event_pkey PRIMARY KEY (community_id, incident_id, no);
ALTER TABLE incident_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON incident_event USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE incident_event TO tocsin_service;

CREATE TABLE inquiry (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    no bigint NOT NULL,
    asked smallint DEFAULT 0 NOT NULL,
    ask_at timestamptz,
    noted_at timestamptz NOT NULL
);
ALTER TABLE ONLY inquiry FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY inquiry ADD CONSTRAINT inquiry_pkey PRIMARY KEY (community_id, message_id, no);
CREATE INDEX inquiry_noted ON inquiry USING btree (community_id, noted_at);
CREATE INDEX inquiry_to_ask ON inquiry USING btree (community_id, ask_at) WHERE (ask_at IS NOT NULL);
ALTER TABLE inquiry ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON inquiry USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE inquiry TO tocsin_service;

CREATE TABLE login_attempt (
    bucket text NOT NULL,
    failures integer NOT NULL,
    retry_at timestamptz NOT NULL,
    CONSTRAINT login_attempt_failures_check CHECK ((failures >= 0))
);
ALTER TABLE ONLY login_attempt ADD CONSTRAINT login_attempt_pkey PRIMARY KEY (bucket);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE login_attempt TO tocsin_service;

CREATE TABLE login_link (
    token_hash bytea NOT NULL,
    account_id bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
ALTER TABLE ONLY login_link ADD CONSTRAINT login_link_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY login_link ADD CONSTRAINT login_link_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE login_link TO tocsin_service;

CREATE TABLE membership (
    account_id bigint NOT NULL,
    community_id bigint NOT NULL,
    role text NOT NULL,
    person_id bigint,
    CONSTRAINT membership_role_check CHECK ((role = ANY (ARRAY['clerk', 'night_desk', 'department_lead', 'supervisor', 'administrator'])))
);
ALTER TABLE ONLY membership ADD CONSTRAINT membership_pkey PRIMARY KEY (account_id, community_id, role);
CREATE INDEX membership_of_community ON membership USING btree (community_id, account_id);
ALTER TABLE ONLY membership ADD CONSTRAINT membership_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE ONLY membership ADD CONSTRAINT membership_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE membership TO tocsin_service;

CREATE TABLE message (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    subject bigint,
    effect_key text NOT NULL,
    kind text NOT NULL,
    lane text NOT NULL,
    means text NOT NULL,
    audience text NOT NULL,
    drill boolean NOT NULL,
    life_safety boolean NOT NULL,
    code text DEFAULT '' NOT NULL,
    link text DEFAULT '' NOT NULL,
    posted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    stopped_at timestamptz,
    sealed_at timestamptz,
    size bigint,
    deliveries bigint DEFAULT 0 NOT NULL,
    to_fan_out bigint DEFAULT 0 NOT NULL,
    fanned_out bigint DEFAULT 0 NOT NULL,
    confirmed bigint DEFAULT 0 NOT NULL,
    handed_over bigint DEFAULT 0 NOT NULL,
    trying bigint DEFAULT 0 NOT NULL,
    unknown bigint DEFAULT 0 NOT NULL,
    unreachable bigint DEFAULT 0 NOT NULL,
    opted_out bigint DEFAULT 0 NOT NULL,
    excluded bigint DEFAULT 0 NOT NULL,
    leaves_at timestamptz,
    paused_at timestamptz,
    paused_why text,
    to_seal jsonb,
    seal_failures integer DEFAULT 0 NOT NULL,
    seal_again_at timestamptz,
    all_clear boolean DEFAULT false NOT NULL,
    CONSTRAINT message_audience_check CHECK ((audience = ANY (ARRAY['staff', 'residents']))),
    CONSTRAINT message_counts_are_counts CHECK ((LEAST(confirmed, handed_over, trying, unknown, unreachable, opted_out, excluded, fanned_out) >= 0)),
    CONSTRAINT message_denominator CHECK (((size IS NULL) OR (size = ((((((confirmed + handed_over) + trying) + unknown) + unreachable) + opted_out) + excluded)))),
    CONSTRAINT message_failed_to_seal_is_tried_again CHECK (((seal_failures = 0) = (seal_again_at IS NULL))),
    CONSTRAINT message_fans_out_what_was_sealed CHECK (((fanned_out <= to_fan_out) AND (to_fan_out <= deliveries))),
    CONSTRAINT message_is_paused_or_stopped CHECK (((paused_at IS NULL) OR (stopped_at IS NULL))),
    CONSTRAINT message_is_sealed_once CHECK (((to_seal IS NULL) OR (sealed_at IS NULL))),
    CONSTRAINT message_kind_check CHECK ((kind = ANY (ARRAY['alert', 'broadcast', 'notice']))),
    CONSTRAINT message_lane_check CHECK ((lane = ANY (ARRAY['alert', 'correction', 'urgent', 'notice']))),
    CONSTRAINT message_link_check CHECK ((link = ANY (ARRAY['', 'answer', 'resident', 'canary']))),
    CONSTRAINT message_means_check CHECK ((means = ANY (ARRAY['write', 'ring']))),
    CONSTRAINT message_paused_with_its_reason CHECK ((((paused_at IS NULL) = (paused_why IS NULL)) AND (paused_why = ANY (ARRAY['desk', 'quarantined'])))),
    CONSTRAINT message_sealed_with_its_size CHECK (((sealed_at IS NULL) = (size IS NULL)))
)
WITH (fillfactor='80');
ALTER TABLE ONLY message FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY message ADD CONSTRAINT message_community_id_id_drill_audience_key UNIQUE (community_id, id, drill, audience);
ALTER TABLE ONLY message ADD CONSTRAINT message_pkey PRIMARY KEY (community_id, id);
CREATE UNIQUE INDEX message_by_effect ON message USING btree (community_id, subject, effect_key) NULLS NOT DISTINCT;
CREATE INDEX message_to_fan_out ON message USING btree (community_id, id) WHERE ((fanned_out < to_fan_out) AND (stopped_at IS NULL));
CREATE INDEX message_to_seal ON message USING btree (community_id, id) WHERE (to_seal IS NOT NULL);
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON message USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,UPDATE ON TABLE message TO tocsin_service;

CREATE TABLE message_route (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    rank smallint NOT NULL,
    contact_kinds text[] NOT NULL,
    drill boolean NOT NULL,
    sink boolean NOT NULL,
    audience text NOT NULL,
    CONSTRAINT message_route_drill_reaches_no_resident CHECK (((NOT drill) OR sink OR (audience = 'staff')))
);
ALTER TABLE ONLY message_route FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY message_route ADD CONSTRAINT message_route_pkey PRIMARY KEY (community_id, message_id, channel_id);
ALTER TABLE ONLY message_route ADD CONSTRAINT message_route_community_id_channel_id_sink_fkey FOREIGN KEY (community_id, channel_id, sink) REFERENCES channel(community_id, id, sink);
ALTER TABLE ONLY message_route ADD CONSTRAINT message_route_community_id_message_id_drill_audience_fkey FOREIGN KEY (community_id, message_id, drill, audience) REFERENCES message(community_id, id, drill, audience);
ALTER TABLE message_route ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON message_route USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE message_route TO tocsin_service;

CREATE TABLE message_text (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    language text NOT NULL,
    key text NOT NULL,
    variables jsonb NOT NULL,
    drill boolean NOT NULL,
    subject text DEFAULT '' NOT NULL,
    text text NOT NULL,
    segments smallint NOT NULL,
    CONSTRAINT message_text_of_a_drill_says_so CHECK (((NOT drill) OR (text ~~ '%【演练】%') OR (text ~~ '%[DRILL]%'))),
    CONSTRAINT message_text_segments_check CHECK ((segments > 0))
);
ALTER TABLE ONLY message_text FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY message_text ADD CONSTRAINT message_text_pkey PRIMARY KEY (community_id, message_id, language);
ALTER TABLE message_text ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON message_text USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT SELECT,INSERT ON TABLE message_text TO tocsin_service;

GRANT SELECT ON TABLE message_way TO tocsin_service;

CREATE TABLE need_of_help (
    community_id bigint NOT NULL,
    person_id bigint NOT NULL,
    powered_device boolean NOT NULL,
    reason text NOT NULL,
    confirmer_role text NOT NULL,
    version integer DEFAULT 1 NOT NULL
);
ALTER TABLE ONLY need_of_help FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY need_of_help ADD CONSTRAINT need_of_help_pkey PRIMARY KEY (community_id, person_id);
ALTER TABLE ONLY need_of_help ADD CONSTRAINT need_of_help_community_id_person_id_fkey FOREIGN KEY (community_id, person_id) REFERENCES person(community_id, id);
ALTER TABLE need_of_help ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_community ON need_of_help USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
GRANT INSERT,DELETE ON TABLE need_of_help TO tocsin_service; GRANT SELECT ON TABLE need_of_help TO tocsin_care;
GRANT SELECT(community_id) ON TABLE need_of_help TO tocsin_service;
GRANT SELECT(person_id) ON TABLE need_of_help TO tocsin_service;
GRANT SELECT(powered_device),UPDATE(powered_device) ON TABLE need_of_help TO tocsin_service;
GRANT UPDATE(reason) ON TABLE need_of_help TO tocsin_service;
GRANT SELECT(confirmer_role),UPDATE(confirmer_role) ON TABLE need_of_help TO tocsin_service;
GRANT SELECT(version),UPDATE(version) ON TABLE need_of_help TO tocsin_service;

CREATE TABLE open_code (
    gateway_id bigint NOT NULL,
    phone_hash bytea NOT NULL,
    code text NOT NULL,
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    no bigint NOT NULL
);
ALTER TABLE ONLY open_code ADD CONSTRAINT open_code_pkey PRIMARY KEY (gateway_id, phone_hash, code);
CREATE INDEX open_code_of_message ON open_code USING btree (community_id, message_id);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE open_code TO tocsin_service;

CREATE TABLE outside_number (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    what text NOT NULL,
    place_id bigint,
    names jsonb NOT NULL,
    number text NOT NULL,
    last_checked date NOT NULL,
    note text DEFAULT '' NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT outside_number_what_check CHECK ((what ~ '^[a-z][a-z0-9_]*$'))
);
ALTER TABLE ONLY outside_number FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY outside_number ADD CONSTRAINT outside_number_pkey PRIMARY KEY (community_id, id);
CREATE INDEX outside_number_by_what ON outside_number USING btree (community_id, what);
ALTER TABLE ONLY outside_number ADD CONSTRAINT outside_number_community_id_place_id_fkey FOREIGN KEY (community_id, place_id) REFERENCES place(community_id, id);
CREATE POLICY one_community ON outside_number USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE outside_number ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE outside_number TO tocsin_service;

CREATE TABLE person (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    name text NOT NULL,
    language text NOT NULL,
    merged_into bigint,
    preferred_means text DEFAULT 'write' NOT NULL,
    dialect text DEFAULT '' NOT NULL,
    note text DEFAULT '' NOT NULL,
    sort_key text DEFAULT '' NOT NULL COLLATE pg_catalog."C",
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT person_kind_check CHECK ((kind = ANY (ARRAY['staff', 'resident']))),
    CONSTRAINT person_language_is_a_tag CHECK ((language ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$')),
    CONSTRAINT person_name_check CHECK ((name <> '')),
    CONSTRAINT person_not_merged_into_itself CHECK ((merged_into <> id)),
    CONSTRAINT person_preferred_means CHECK ((preferred_means = ANY (ARRAY['write', 'call', 'door', 'family'])))
);
ALTER TABLE ONLY person FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY person ADD CONSTRAINT person_community_id_id_kind_key UNIQUE (community_id, id, kind);
ALTER TABLE ONLY person ADD CONSTRAINT person_pkey PRIMARY KEY (community_id, id);
CREATE INDEX person_in_order ON person USING btree (community_id, kind, sort_key);
CREATE POLICY one_community ON person USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE person TO tocsin_service;

CREATE TABLE place (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000001),
    kind text NOT NULL,
    parent_id bigint,
    parent_kind text,
    facility_kind text,
    code text NOT NULL,
    names jsonb NOT NULL,
    label text NOT NULL,
    rank integer NOT NULL,
    rescue_code text,
    occupancy text DEFAULT 'occupied' NOT NULL,
    home_use text DEFAULT 'dwelling' NOT NULL,
    civil_address text,
    gate text,
    intercom text,
    cameras text[] DEFAULT '{}'::text[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    vacant boolean GENERATED ALWAYS AS ((occupancy = ANY (ARRAY['vacant', 'not_moved_in']))) STORED NOT NULL,
    CONSTRAINT place_code_is_normalised CHECK (((code ~ '^[0-9A-Z]+(-[0-9A-Z]+)*$') AND (code !~ '^[0-9]{7,}$'))),
    CONSTRAINT place_facility_has_its_kind CHECK (((kind = 'facility') = (facility_kind IS NOT NULL))),
    CONSTRAINT place_facility_kind_check CHECK ((facility_kind = ANY (ARRAY['elevator', 'pump_room', 'garage', 'substation', 'gate', 'other']))),
    CONSTRAINT place_home_use CHECK (((home_use = ANY (ARRAY['dwelling', 'villa', 'shop', 'office'])) AND ((kind = 'home') OR (home_use = 'dwelling')))),
    CONSTRAINT place_kind_check CHECK ((kind = ANY (ARRAY['community', 'building', 'unit', 'floor', 'home', 'facility']))),
    CONSTRAINT place_occupancy CHECK (((occupancy = ANY (ARRAY['occupied', 'let', 'vacant', 'not_moved_in'])) AND ((kind = 'home') OR (occupancy = 'occupied')))),
    CONSTRAINT place_order CHECK ((((kind = 'community') AND (parent_kind IS NULL)) OR ((kind = 'building') AND (parent_kind = 'community')) OR ((kind = 'unit') AND (parent_kind = 'building')) OR ((kind = 'floor') AND (parent_kind = ANY (ARRAY['unit', 'building']))) OR ((kind = 'home') AND (parent_kind = ANY (ARRAY['floor', 'unit', 'building', 'community']))) OR ((kind = 'facility') AND (parent_kind = ANY (ARRAY['community', 'building', 'unit', 'floor']))))),
    CONSTRAINT place_parent_is_named_whole CHECK (((parent_id IS NULL) = (parent_kind IS NULL))),
    CONSTRAINT place_root_is_the_community CHECK (((kind = 'community') = (parent_id IS NULL)))
);
ALTER TABLE ONLY place FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY place ADD CONSTRAINT place_community_id_code_key UNIQUE (community_id, code);
ALTER TABLE ONLY place ADD CONSTRAINT place_community_id_id_kind_key UNIQUE (community_id, id, kind);
ALTER TABLE ONLY place ADD CONSTRAINT place_pkey PRIMARY KEY (community_id, id);
CREATE INDEX place_buildings ON place USING btree (community_id) WHERE (kind = 'building');
CREATE UNIQUE INDEX place_by_rescue_code ON place USING btree (community_id, rescue_code) WHERE (rescue_code IS NOT NULL);
CREATE INDEX place_children ON place USING btree (community_id, parent_id, rank);
ALTER TABLE ONLY place ADD CONSTRAINT place_community_id_parent_id_parent_kind_fkey FOREIGN KEY (community_id, parent_id, parent_kind) REFERENCES place(community_id, id, kind);
CREATE POLICY one_community ON place USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE place ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE place TO tocsin_service;

CREATE TABLE place_alias (
    community_id bigint NOT NULL,
    place_id bigint NOT NULL,
    alias text NOT NULL,
    key text NOT NULL,
    CONSTRAINT place_alias_alias_check CHECK ((alias <> '')),
    CONSTRAINT place_alias_key_check CHECK ((key <> ''))
);
ALTER TABLE ONLY place_alias FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY place_alias ADD CONSTRAINT place_alias_pkey PRIMARY KEY (community_id, place_id, key);
ALTER TABLE ONLY place_alias ADD CONSTRAINT place_alias_community_id_place_id_fkey FOREIGN KEY (community_id, place_id) REFERENCES place(community_id, id);
CREATE POLICY one_community ON place_alias USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE place_alias ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE place_alias TO tocsin_service;

CREATE TABLE place_within (
    community_id bigint NOT NULL,
    ancestor_id bigint NOT NULL,
    place_id bigint NOT NULL,
    depth smallint NOT NULL,
    CONSTRAINT place_within_depth_check CHECK ((depth >= 0))
);
ALTER TABLE ONLY place_within FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY place_within ADD CONSTRAINT place_within_pkey PRIMARY KEY (community_id, ancestor_id, place_id);
CREATE INDEX place_within_place ON place_within USING btree (community_id, place_id, ancestor_id);
CREATE POLICY one_community ON place_within USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE place_within ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE place_within TO tocsin_service;

CREATE TABLE planned_notice (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    planned_id bigint NOT NULL,
    what text NOT NULL,
    due_at timestamptz NOT NULL,
    posted_at timestamptz,
    message_id bigint,
    dropped_at timestamptz,
    CONSTRAINT planned_notice_leaves_or_not CHECK (((posted_at IS NULL) OR (dropped_at IS NULL))),
    CONSTRAINT planned_notice_message_was_posted CHECK (((message_id IS NULL) OR (posted_at IS NOT NULL))),
    CONSTRAINT planned_notice_what_check CHECK ((what = ANY (ARRAY['announced', 'evening', 'soon', 'changed', 'cancelled', 'restored'])))
);
ALTER TABLE ONLY planned_notice FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY planned_notice ADD CONSTRAINT planned_notice_pkey PRIMARY KEY (community_id, id);
CREATE INDEX planned_notice_due ON planned_notice USING btree (community_id, due_at) WHERE ((posted_at IS NULL) AND (dropped_at IS NULL));
CREATE INDEX planned_notice_of_work ON planned_notice USING btree (community_id, planned_id);
ALTER TABLE ONLY planned_notice ADD CONSTRAINT planned_notice_community_id_planned_id_fkey FOREIGN KEY (community_id, planned_id) REFERENCES planned_work(community_id, id);
CREATE POLICY one_community ON planned_notice USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE planned_notice ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,UPDATE ON TABLE planned_notice TO tocsin_service;

CREATE TABLE planned_work (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    place_id bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    by_supplier boolean NOT NULL,
    source text DEFAULT '' NOT NULL,
    written_at timestamptz NOT NULL,
    written_by text NOT NULL,
    changed_at timestamptz,
    state text DEFAULT 'planned' NOT NULL,
    ended_at timestamptz,
    ended_by text,
    incident_id bigint,
    CONSTRAINT planned_work_ends_after_it_starts CHECK ((starts_at < ends_at)),
    CONSTRAINT planned_work_is_ended_by_somebody CHECK ((((state = 'planned') = (ended_at IS NULL)) AND ((ended_at IS NULL) = (ended_by IS NULL)))),
    CONSTRAINT planned_work_kind_check CHECK ((kind = ANY (ARRAY['power_cut', 'water_cut']))),
    CONSTRAINT planned_work_state_check CHECK ((state = ANY (ARRAY['planned', 'restored', 'cancelled'])))
);
ALTER TABLE ONLY planned_work FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY planned_work ADD CONSTRAINT planned_work_pkey PRIMARY KEY (community_id, id);
CREATE INDEX planned_work_ended ON planned_work USING btree (community_id, ended_at);
CREATE INDEX planned_work_open ON planned_work USING btree (community_id, starts_at) WHERE (state = 'planned');
ALTER TABLE ONLY planned_work ADD CONSTRAINT planned_work_community_id_incident_id_fkey FOREIGN KEY (community_id, incident_id) REFERENCES incident(community_id, id);
ALTER TABLE ONLY planned_work ADD CONSTRAINT planned_work_community_id_place_id_fkey FOREIGN KEY (community_id, place_id) REFERENCES place(community_id, id);
CREATE POLICY one_community ON planned_work USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE planned_work ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,UPDATE ON TABLE planned_work TO tocsin_service;

CREATE TABLE playbook_version (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    sha256 bytea NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT playbook_version_state_check CHECK ((state = ANY (ARRAY['draft', 'checked', 'in_use', 'retired']))),
    CONSTRAINT playbook_version_version_check CHECK ((version > 0))
);
ALTER TABLE ONLY playbook_version FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY playbook_version ADD CONSTRAINT playbook_version_community_id_name_version_key UNIQUE (community_id, name, version);
ALTER TABLE ONLY playbook_version ADD CONSTRAINT playbook_version_pkey PRIMARY KEY (community_id, id);
CREATE UNIQUE INDEX playbook_version_in_use ON playbook_version USING btree (community_id, kind) WHERE (state = 'in_use');
CREATE POLICY one_community ON playbook_version USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE playbook_version ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT ON TABLE playbook_version TO tocsin_service;
GRANT UPDATE(state) ON TABLE playbook_version TO tocsin_service;

CREATE TABLE post (
    community_id bigint NOT NULL,
    role text NOT NULL,
    person_id bigint NOT NULL,
    person_kind text DEFAULT 'staff' NOT NULL,
    CONSTRAINT post_person_kind_check CHECK ((person_kind = 'staff')),
    CONSTRAINT post_role_check CHECK ((role ~ '^[a-z][a-z0-9_]*$'))
);
ALTER TABLE ONLY post FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY post ADD CONSTRAINT post_pkey PRIMARY KEY (community_id, role, person_id);
ALTER TABLE ONLY post ADD CONSTRAINT post_community_id_person_id_person_kind_fkey FOREIGN KEY (community_id, person_id, person_kind) REFERENCES person(community_id, id, kind);
CREATE POLICY one_community ON post USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE post ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE post TO tocsin_service;

CREATE TABLE proof_guess (
    community_id bigint NOT NULL,
    bucket text NOT NULL,
    since timestamptz NOT NULL,
    guesses integer NOT NULL
);
ALTER TABLE ONLY proof_guess FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY proof_guess ADD CONSTRAINT proof_guess_pkey PRIMARY KEY (community_id, bucket);
CREATE INDEX proof_guess_by_age ON proof_guess USING btree (community_id, since);
CREATE POLICY one_community ON proof_guess USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE proof_guess ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE proof_guess TO tocsin_service;

CREATE TABLE quality_mark (
    community_id bigint NOT NULL,
    reply_id bigint NOT NULL
);
ALTER TABLE ONLY quality_mark FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY quality_mark ADD CONSTRAINT quality_mark_pkey PRIMARY KEY (community_id);
CREATE POLICY one_community ON quality_mark USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE quality_mark ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE quality_mark TO tocsin_service;

CREATE TABLE quality_seen (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    counters bigint[] NOT NULL
);
ALTER TABLE ONLY quality_seen FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY quality_seen ADD CONSTRAINT quality_seen_pkey PRIMARY KEY (community_id, message_id);
CREATE POLICY one_community ON quality_seen USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE quality_seen ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE quality_seen TO tocsin_service;

CREATE TABLE quarantine (
    community_id bigint NOT NULL,
    message_id bigint NOT NULL,
    no bigint NOT NULL,
    losses smallint NOT NULL,
    first_lost_at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL,
    quarantined_at timestamptz,
    ended_at timestamptz,
    ended_how text,
    ended_by text,
    CONSTRAINT quarantine_ended_by_somebody CHECK ((((ended_at IS NULL) = (ended_how IS NULL)) AND ((ended_at IS NULL) = (ended_by IS NULL)))),
    CONSTRAINT quarantine_ended_how CHECK ((ended_how = ANY (ARRAY['released', 'given_up']))),
    CONSTRAINT quarantine_ends_after_it_began CHECK (((ended_at IS NULL) OR (quarantined_at IS NOT NULL)))
);
ALTER TABLE ONLY quarantine FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY quarantine ADD CONSTRAINT quarantine_pkey PRIMARY KEY (community_id, message_id, no);
CREATE INDEX quarantine_open ON quarantine USING btree (community_id, quarantined_at) WHERE ((quarantined_at IS NOT NULL) AND (ended_at IS NULL));
CREATE POLICY one_community ON quarantine USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,UPDATE ON TABLE quarantine TO tocsin_service;

CREATE TABLE receipt_bundle (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    gateway_id bigint NOT NULL,
    dedupe bytea NOT NULL,
    size integer NOT NULL,
    message_ids bigint[] NOT NULL,
    nos bigint[] NOT NULL,
    states text[] NOT NULL,
    codes text[] NOT NULL,
    raws text[] NOT NULL,
    received_at timestamptz NOT NULL,
    applied_at timestamptz,
    CONSTRAINT receipt_bundle_is_whole CHECK (((cardinality(message_ids) = size) AND (cardinality(nos) = size) AND (cardinality(states) = size) AND (cardinality(codes) = size) AND (cardinality(raws) = size))),
    CONSTRAINT receipt_bundle_size_check CHECK ((size > 0)),
    CONSTRAINT receipt_bundle_states CHECK ((states <@ ARRAY['accepted', 'delivered', 'failed']))
);
ALTER TABLE ONLY receipt_bundle FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY receipt_bundle ADD CONSTRAINT receipt_bundle_community_id_gateway_id_dedupe_key UNIQUE (community_id, gateway_id, dedupe);
ALTER TABLE ONLY receipt_bundle ADD CONSTRAINT receipt_bundle_pkey PRIMARY KEY (community_id, id);
CREATE INDEX receipt_bundle_by_age ON receipt_bundle USING btree (community_id, received_at);
CREATE INDEX receipt_bundle_waiting ON receipt_bundle USING btree (community_id, id) WHERE (applied_at IS NULL);
CREATE POLICY one_community ON receipt_bundle USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE receipt_bundle ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE receipt_bundle TO tocsin_service;

CREATE TABLE repair (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    place_id bigint NOT NULL,
    words text NOT NULL,
    caller_name text,
    caller_phone text,
    taken_by text NOT NULL,
    decided_at timestamptz,
    decided_by text,
    incident_id bigint,
    CONSTRAINT repair_is_decided_by_somebody CHECK (((decided_at IS NULL) = (decided_by IS NULL))),
    CONSTRAINT repair_is_part_by_decision CHECK (((incident_id IS NULL) OR (decided_at IS NOT NULL)))
);
ALTER TABLE ONLY repair FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY repair ADD CONSTRAINT repair_pkey PRIMARY KEY (community_id, id);
CREATE INDEX repair_undecided ON repair USING btree (community_id, at) WHERE (decided_at IS NULL);
ALTER TABLE ONLY repair ADD CONSTRAINT repair_community_id_incident_id_fkey FOREIGN KEY (community_id, incident_id) REFERENCES incident(community_id, id);
CREATE POLICY one_community ON repair USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE repair ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,UPDATE ON TABLE repair TO tocsin_service;

CREATE TABLE reply (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    gateway_id bigint NOT NULL,
    dedupe bytea NOT NULL,
    address text NOT NULL,
    text text NOT NULL,
    received_at timestamptz NOT NULL,
    outcome text NOT NULL,
    message_id bigint,
    no bigint,
    applied_at timestamptz,
    CONSTRAINT reply_matched_names_its_alert CHECK (((outcome = 'matched') = (message_id IS NOT NULL))),
    CONSTRAINT reply_outcome_check CHECK ((outcome = ANY (ARRAY['matched', 'ambiguous', 'not_understood', 'unmatched'])))
);
ALTER TABLE ONLY reply FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY reply ADD CONSTRAINT reply_community_id_gateway_id_dedupe_key UNIQUE (community_id, gateway_id, dedupe);
ALTER TABLE ONLY reply ADD CONSTRAINT reply_pkey PRIMARY KEY (community_id, id);
CREATE INDEX reply_waiting ON reply USING btree (community_id, id) WHERE (applied_at IS NULL);
CREATE POLICY one_community ON reply USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE reply ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,UPDATE ON TABLE reply TO tocsin_service;

CREATE TABLE report (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    no integer NOT NULL,
    at timestamptz NOT NULL,
    source text NOT NULL,
    caller_person_id bigint,
    home_id bigint,
    caller_name text,
    caller_phone text,
    words text DEFAULT '' NOT NULL,
    wish text DEFAULT 'inform' NOT NULL,
    call_back_due timestamptz,
    called_back_at timestamptz,
    call_back_tries smallint DEFAULT 0 NOT NULL,
    unreachable_at timestamptz,
    complaint_owner text,
    answer_due timestamptz,
    answered_at timestamptz,
    outcome text,
    home_unsure boolean DEFAULT false NOT NULL,
    CONSTRAINT report_answer_has_outcome CHECK (((answered_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT report_call_back_ends_once CHECK (((called_back_at IS NULL) OR (unreachable_at IS NULL))),
    CONSTRAINT report_complaint_is_owned CHECK (((wish = 'complain') = ((complaint_owner IS NOT NULL) AND (answer_due IS NOT NULL)))),
    CONSTRAINT report_outcome_check CHECK ((outcome = ANY (ARRAY['resolved', 'explained', 'not_accepted']))),
    CONSTRAINT report_source_check CHECK ((source = ANY (ARRAY['phone', 'visit', 'intercom', 'elevator_intercom', 'chat_group', 'patrol', 'hotline_12345', 'community_office', 'alarm', 'app']))),
    CONSTRAINT report_unsure_has_no_home CHECK (((NOT home_unsure) OR (home_id IS NULL))),
    CONSTRAINT report_wish_check CHECK ((wish = ANY (ARRAY['inform', 'help', 'complain'])))
);
ALTER TABLE ONLY report FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY report ADD CONSTRAINT report_pkey PRIMARY KEY (community_id, incident_id, no);
CREATE INDEX report_by_home ON report USING btree (community_id, home_id, at) WHERE (home_id IS NOT NULL);
CREATE INDEX report_by_number ON report USING btree (community_id, caller_phone, at) WHERE (caller_phone IS NOT NULL);
CREATE INDEX report_call_back_open ON report USING btree (community_id, call_back_due) WHERE ((call_back_due IS NOT NULL) AND (called_back_at IS NULL) AND (unreachable_at IS NULL));
CREATE INDEX report_complaint_open ON report USING btree (community_id, answer_due) WHERE ((answer_due IS NOT NULL) AND (answered_at IS NULL));
CREATE POLICY one_community ON report USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE report ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,UPDATE ON TABLE report TO tocsin_service;

CREATE TABLE residence (
    community_id bigint NOT NULL,
    person_id bigint NOT NULL,
    home_id bigint NOT NULL,
    home_kind text DEFAULT 'home' NOT NULL,
    role text NOT NULL,
    since date,
    until date,
    CONSTRAINT residence_check CHECK ((since < until)),
    CONSTRAINT residence_home_kind_check CHECK ((home_kind = 'home')),
    CONSTRAINT residence_role_check CHECK ((role = ANY (ARRAY['owner', 'tenant', 'family'])))
);
ALTER TABLE ONLY residence FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY residence ADD CONSTRAINT residence_pkey PRIMARY KEY (community_id, person_id, home_id);
CREATE INDEX residence_of_home ON residence USING btree (community_id, home_id);
ALTER TABLE ONLY residence ADD CONSTRAINT residence_community_id_home_id_home_kind_fkey FOREIGN KEY (community_id, home_id, home_kind) REFERENCES place(community_id, id, kind);
ALTER TABLE ONLY residence ADD CONSTRAINT residence_community_id_person_id_fkey FOREIGN KEY (community_id, person_id) REFERENCES person(community_id, id);
CREATE POLICY one_community ON residence USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE residence ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE residence TO tocsin_service;

CREATE TABLE response (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    incident_id bigint NOT NULL,
    message_id bigint,
    member_no bigint,
    person_id bigint NOT NULL,
    home_id bigint,
    kind text NOT NULL,
    words text DEFAULT '' NOT NULL,
    at timestamptz NOT NULL,
    tallied_no integer,
    CONSTRAINT response_kind_check CHECK ((kind = ANY (ARRAY['all_safe', 'others_inside', 'needs_help']))),
    CONSTRAINT response_names_its_member_whole CHECK (((message_id IS NULL) = (member_no IS NULL)))
);
ALTER TABLE ONLY response FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY response ADD CONSTRAINT response_pkey PRIMARY KEY (community_id, id);
CREATE INDEX response_of_incident ON response USING btree (community_id, incident_id, home_id, id);
CREATE INDEX response_waiting ON response USING btree (community_id, id) WHERE (tallied_no IS NULL);
CREATE POLICY one_community ON response USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE response ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE response TO tocsin_service;

CREATE TABLE run (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    playbook_version_id bigint NOT NULL,
    state jsonb NOT NULL,
    folded_no integer NOT NULL,
    state_version integer NOT NULL,
    engine_version text NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY run FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY run ADD CONSTRAINT run_pkey PRIMARY KEY (community_id, incident_id);
ALTER TABLE ONLY run ADD CONSTRAINT run_community_id_playbook_version_id_fkey FOREIGN KEY (community_id, playbook_version_id) REFERENCES playbook_version(community_id, id);
CREATE POLICY one_community ON run USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE run ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE run TO tocsin_service;

CREATE TABLE schema_migration (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL
);
ALTER TABLE ONLY schema_migration ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (name);
GRANT SELECT ON TABLE schema_migration TO tocsin_service; GRANT SELECT ON TABLE schema_migration TO PUBLIC;

CREATE TABLE search_term (
    community_id bigint NOT NULL,
    inside boolean NOT NULL,
    term text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL,
    subject_id bigint NOT NULL,
    field text NOT NULL,
    CONSTRAINT search_term_field_check CHECK ((field = ANY (ARRAY['name', 'pinyin', 'phone', 'email', 'plate', 'code', 'alias', 'rescue_code', 'intercom', 'camera']))),
    CONSTRAINT search_term_subject_check CHECK ((subject = ANY (ARRAY['place', 'person', 'department', 'outside_number']))),
    CONSTRAINT search_term_term_check CHECK ((term <> ''))
);
ALTER TABLE ONLY search_term FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY search_term ADD CONSTRAINT search_term_pkey PRIMARY KEY (community_id, inside, term, subject, subject_id, field);
CREATE INDEX search_term_of_subject ON search_term USING btree (community_id, subject_id, subject);
CREATE POLICY one_community ON search_term USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE search_term ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE search_term TO tocsin_service;

CREATE TABLE self_report (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    incident_id bigint NOT NULL,
    home_id bigint,
    kind text NOT NULL,
    said_home text NOT NULL,
    words text DEFAULT '' NOT NULL,
    at timestamptz NOT NULL,
    tallied_no integer,
    CONSTRAINT self_report_is_of_a_home CHECK (((home_id IS NOT NULL) OR (kind <> 'all_safe'))),
    CONSTRAINT self_report_kind_check CHECK ((kind = ANY (ARRAY['all_safe', 'others_inside', 'needs_help'])))
);
ALTER TABLE ONLY self_report FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY self_report ADD CONSTRAINT self_report_pkey PRIMARY KEY (community_id, id);
CREATE INDEX self_report_of_incident ON self_report USING btree (community_id, incident_id, home_id, id);
CREATE INDEX self_report_waiting ON self_report USING btree (community_id, id) WHERE (tallied_no IS NULL);
CREATE POLICY one_community ON self_report USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE self_report ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT ON TABLE self_report TO tocsin_service;
GRANT UPDATE(tallied_no) ON TABLE self_report TO tocsin_service;

CREATE TABLE serves (
    community_id bigint NOT NULL,
    facility_id bigint NOT NULL,
    facility_kind text DEFAULT 'facility' NOT NULL,
    place_id bigint NOT NULL,
    CONSTRAINT serves_facility_kind_check CHECK ((facility_kind = 'facility'))
);
ALTER TABLE ONLY serves FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY serves ADD CONSTRAINT serves_pkey PRIMARY KEY (community_id, facility_id, place_id);
ALTER TABLE ONLY serves ADD CONSTRAINT serves_community_id_facility_id_facility_kind_fkey FOREIGN KEY (community_id, facility_id, facility_kind) REFERENCES place(community_id, id, kind);
ALTER TABLE ONLY serves ADD CONSTRAINT serves_community_id_place_id_fkey FOREIGN KEY (community_id, place_id) REFERENCES place(community_id, id);
CREATE POLICY one_community ON serves USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE serves ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE serves TO tocsin_service;

CREATE TABLE session (
    token_hash bytea NOT NULL,
    account_id bigint NOT NULL,
    community_id bigint NOT NULL,
    csrf text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    device_id bigint,
    CONSTRAINT session_check CHECK ((created_at < expires_at))
);
ALTER TABLE ONLY session ADD CONSTRAINT session_pkey PRIMARY KEY (token_hash);
CREATE INDEX session_at_device ON session USING btree (device_id) WHERE (device_id IS NOT NULL);
CREATE INDEX session_of_account ON session USING btree (account_id);
ALTER TABLE ONLY session ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
ALTER TABLE ONLY session ADD CONSTRAINT session_community_id_fkey FOREIGN KEY (community_id) REFERENCES community(id);
ALTER TABLE ONLY session ADD CONSTRAINT session_device_id_fkey FOREIGN KEY (device_id) REFERENCES desk_device(id);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE session TO tocsin_service;

CREATE TABLE shift (
    community_id bigint NOT NULL,
    department_id bigint NOT NULL,
    tier text NOT NULL,
    person_id bigint NOT NULL,
    person_kind text DEFAULT 'staff' NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    starts_local timestamp without time zone NOT NULL,
    ends_local timestamp without time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT shift_has_length CHECK ((starts_at < ends_at)),
    CONSTRAINT shift_person_kind_check CHECK ((person_kind = 'staff')),
    CONSTRAINT shift_tier_check CHECK ((tier = ANY (ARRAY['duty', 'backup', 'lead'])))
);
ALTER TABLE ONLY shift FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY shift ADD CONSTRAINT shift_by_id UNIQUE (community_id, id);
ALTER TABLE ONLY shift ADD CONSTRAINT shift_person_once_at_a_time EXCLUDE USING gist (int8range(community_id, community_id, '[]') WITH &&, int8range(department_id, department_id, '[]') WITH &&, int8range(person_id, person_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&);
ALTER TABLE ONLY shift ADD CONSTRAINT shift_pkey PRIMARY KEY (community_id, department_id, tier, person_id, starts_at);
CREATE INDEX shift_by_time ON shift USING btree (community_id, department_id, tier, starts_at, ends_at);
CREATE INDEX shift_of_person ON shift USING btree (community_id, person_id, starts_at);
ALTER TABLE ONLY shift ADD CONSTRAINT shift_community_id_department_id_fkey FOREIGN KEY (community_id, department_id) REFERENCES department(community_id, id);
ALTER TABLE ONLY shift ADD CONSTRAINT shift_community_id_person_id_person_kind_fkey FOREIGN KEY (community_id, person_id, person_kind) REFERENCES person(community_id, id, kind);
CREATE POLICY one_community ON shift USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE shift ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE shift TO tocsin_service;

CREATE TABLE shift_change (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    department_id bigint NOT NULL,
    tier text NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL,
    from_person_id bigint NOT NULL,
    to_person_id bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text DEFAULT '' NOT NULL
);
ALTER TABLE ONLY shift_change FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY shift_change ADD CONSTRAINT shift_change_pkey PRIMARY KEY (community_id, id);
CREATE INDEX shift_change_of_department ON shift_change USING btree (community_id, department_id, id);
CREATE POLICY one_community ON shift_change USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE shift_change ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT ON TABLE shift_change TO tocsin_service;

CREATE TABLE staff_number (
    community_id bigint NOT NULL,
    account_id bigint NOT NULL,
    number text NOT NULL,
    pin_hash text,
    pin_set_at timestamptz,
    pin_set_by text,
    CONSTRAINT staff_number_number_check CHECK ((number ~ '^[0-9A-Z-]{1,12}$')),
    CONSTRAINT staff_number_pin_is_set_by_somebody CHECK ((((pin_hash IS NULL) = (pin_set_by IS NULL)) AND ((pin_hash IS NULL) = (pin_set_at IS NULL))))
);
ALTER TABLE ONLY staff_number FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY staff_number ADD CONSTRAINT staff_number_community_id_number_key UNIQUE (community_id, number);
ALTER TABLE ONLY staff_number ADD CONSTRAINT staff_number_pkey PRIMARY KEY (community_id, account_id);
CREATE POLICY one_community ON staff_number USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE staff_number ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE staff_number TO tocsin_service;

CREATE TABLE task (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    incident_id bigint NOT NULL,
    key text NOT NULL,
    role text NOT NULL,
    person_id bigint,
    does jsonb NOT NULL,
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    done_at timestamptz,
    done_by text,
    result text,
    cancelled_at timestamptz,
    CONSTRAINT task_done_by_somebody CHECK (((done_at IS NULL) = (done_by IS NULL))),
    CONSTRAINT task_done_or_cancelled CHECK (((done_at IS NULL) OR (cancelled_at IS NULL)))
);
ALTER TABLE ONLY task FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY task ADD CONSTRAINT task_community_id_incident_id_key_key UNIQUE (community_id, incident_id, key);
ALTER TABLE ONLY task ADD CONSTRAINT task_pkey PRIMARY KEY (community_id, id);
CREATE INDEX task_open ON task USING btree (community_id, incident_id) WHERE ((done_at IS NULL) AND (cancelled_at IS NULL));
CREATE POLICY one_community ON task USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,UPDATE ON TABLE task TO tocsin_service;

CREATE TABLE timer (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    key text NOT NULL,
    due_at timestamptz NOT NULL
)
WITH (fillfactor='70');
ALTER TABLE ONLY timer FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY timer ADD CONSTRAINT timer_pkey PRIMARY KEY (community_id, incident_id, key);
CREATE INDEX timer_due ON timer USING btree (community_id, due_at);
CREATE POLICY one_community ON timer USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE timer ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE timer TO tocsin_service;

CREATE TABLE vehicle (
    community_id bigint NOT NULL,
    plate text NOT NULL,
    person_id bigint NOT NULL,
    CONSTRAINT vehicle_plate_check CHECK ((plate <> ''))
);
ALTER TABLE ONLY vehicle FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY vehicle ADD CONSTRAINT vehicle_pkey PRIMARY KEY (community_id, plate, person_id);
CREATE INDEX vehicle_of_person ON vehicle USING btree (community_id, person_id);
ALTER TABLE ONLY vehicle ADD CONSTRAINT vehicle_community_id_person_id_fkey FOREIGN KEY (community_id, person_id) REFERENCES person(community_id, id);
CREATE POLICY one_community ON vehicle USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE vehicle ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE vehicle TO tocsin_service;

CREATE TABLE visit (
    community_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    no integer NOT NULL,
    home_id bigint NOT NULL,
    result text NOT NULL,
    visited_at timestamptz NOT NULL,
    visited_by bigint,
    CONSTRAINT visit_result_check CHECK ((result = ANY (ARRAY['seen', 'no_answer', 'note_left', 'needs_help', 'vacant'])))
);
ALTER TABLE ONLY visit FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY visit ADD CONSTRAINT visit_pkey PRIMARY KEY (community_id, incident_id, no);
CREATE INDEX visit_of_home ON visit USING btree (community_id, incident_id, home_id);
CREATE POLICY one_community ON visit USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE visit ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,UPDATE ON TABLE visit TO tocsin_service;

CREATE TABLE wall_token (
    community_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    token_hash bytea NOT NULL,
    name text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    withdrawn_by text,
    withdrawn_at timestamptz,
    CONSTRAINT wall_token_is_withdrawn_by_somebody CHECK (((withdrawn_at IS NULL) = (withdrawn_by IS NULL))),
    CONSTRAINT wall_token_name_check CHECK ((name <> '')),
    CONSTRAINT wall_token_token_hash_check CHECK ((length(token_hash) = 32))
);
ALTER TABLE ONLY wall_token FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY wall_token ADD CONSTRAINT wall_token_community_id_token_hash_key UNIQUE (community_id, token_hash);
ALTER TABLE ONLY wall_token ADD CONSTRAINT wall_token_pkey PRIMARY KEY (community_id, id);
CREATE POLICY one_community ON wall_token USING ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint)) WITH CHECK ((community_id = (NULLIF(current_setting('app.community', true), ''))::bigint));
ALTER TABLE wall_token ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT ON TABLE wall_token TO tocsin_service;
GRANT UPDATE(withdrawn_by) ON TABLE wall_token TO tocsin_service;
GRANT UPDATE(withdrawn_at) ON TABLE wall_token TO tocsin_service;

CREATE TABLE work (
    community_id bigint NOT NULL,
    lane text NOT NULL,
    due_at timestamptz NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY work ADD CONSTRAINT work_pkey PRIMARY KEY (community_id, lane);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE work TO tocsin_service;

CREATE TABLE worker_report (
    worker text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    on_wire integer NOT NULL,
    loop_lag_seconds double precision NOT NULL,
    settle_lag_seconds double precision NOT NULL,
    pool_size integer NOT NULL,
    pool_used integer NOT NULL
);
ALTER TABLE ONLY worker_report ADD CONSTRAINT worker_report_pkey PRIMARY KEY (worker);
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE worker_report TO tocsin_service;

REVOKE ALL ON FUNCTION look_at_reason(in_community bigint, of_person bigint, looked_at timestamptz, by_kind text, by_name text, by_account bigint, what_for text) FROM PUBLIC;
GRANT ALL ON FUNCTION look_at_reason(in_community bigint, of_person bigint, looked_at timestamptz, by_kind text, by_name text, by_account bigint, what_for text) TO tocsin_service;

REVOKE ALL ON FUNCTION oldest_transaction() FROM PUBLIC;
GRANT ALL ON FUNCTION oldest_transaction() TO tocsin_service;

GRANT USAGE ON SCHEMA public TO tocsin_service;
GRANT USAGE ON SCHEMA public TO tocsin_eraser;
GRANT USAGE ON SCHEMA public TO tocsin_care;
GRANT USAGE ON SCHEMA public TO tocsin_watch;

CREATE VIEW delivery_all WITH (security_invoker='true') AS
 SELECT delivery.community_id,
    delivery.message_id,
    delivery.no,
    delivery.channel_id,
    delivery.contact_point_id,
    delivery.person_id,
    delivery.address,
    delivery.language,
    delivery.state,
    delivery.token,
    delivery.attempts,
    NULL::text AS gateway_ref,
    NULL::text AS reason,
    NULL::timestamptz AS state_at
   FROM delivery
UNION ALL
 SELECT delivery_settled.community_id,
    delivery_settled.message_id,
    delivery_settled.no,
    delivery_settled.channel_id,
    delivery_settled.contact_point_id,
    delivery_settled.person_id,
    delivery_settled.address,
    delivery_settled.language,
    delivery_settled.state,
    delivery_settled.token,
    delivery_settled.attempts,
    delivery_settled.gateway_ref,
    delivery_settled.reason,
    delivery_settled.state_at
   FROM delivery_settled;

CREATE FUNCTION look_at_reason(in_community bigint, of_person bigint, looked_at timestamptz, by_kind text, by_name text, by_account bigint, what_for text) RETURNS text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    WITH logged AS (
        INSERT INTO access_log (community_id, at, actor_kind, actor_name, account_id, what, person_id, why)
        VALUES (in_community, looked_at, by_kind, by_name, by_account, 'reason', of_person, what_for)
        RETURNING community_id
    )
    SELECT need_of_help.reason FROM logged
    JOIN need_of_help ON need_of_help.community_id = in_community AND need_of_help.person_id = of_person
$$;

CREATE VIEW message_way WITH (security_invoker='true') AS
 SELECT route.community_id,
    route.message_id,
    point.person_id,
    route.channel_id,
    route.rank AS channel_rank,
    point.id AS contact_point_id,
    point.rank AS point_rank,
    point.address,
        CASE
            WHEN (point.quality = 'wrong') THEN 'wrong_number'
            WHEN message.life_safety THEN NULL::text
            WHEN (point.quality = 'opted_out') THEN 'opted_out'
            WHEN (NOT (
            CASE
                WHEN (message.audience = 'staff') THEN 'alert'
                WHEN (message.kind = 'notice') THEN 'notice'
                ELSE 'emergency'
            END = ANY (point.consent))) THEN 'no_consent'
            ELSE NULL::text
        END AS hindrance
   FROM ((message_route route
     JOIN message ON (((message.community_id = route.community_id) AND (message.id = route.message_id))))
     JOIN contact_point point ON (((point.community_id = route.community_id) AND (point.kind = ANY (route.contact_kinds)))));

CREATE FUNCTION oldest_transaction() RETURNS TABLE(seconds double precision, pid integer, who text, state text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT extract(epoch FROM clock_timestamp() - o.since)::float8, o.pid, o.who, o.state
    FROM (
        SELECT a.xact_start AS since, a.pid, concat_ws('/', a.usename, nullif(a.application_name, '')) AS who, coalesce(a.state, '') AS state
        FROM pg_stat_activity AS a
        WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()
        UNION ALL
        SELECT x.prepared, 0, x.owner::text, 'prepared: ' || x.gid FROM pg_prepared_xacts AS x WHERE x.database = current_database()
    ) AS o ORDER BY o.since LIMIT 1
$$;

CREATE FUNCTION story_now() RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$SELECT now()$$;
