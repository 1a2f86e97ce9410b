-- One company with a large community (1) and nine small ones, some years old: enough rows that a wrong plan shows.
-- Written by the owner; foreign keys are left unchecked meanwhile.
SET session_replication_role = replica;

INSERT INTO company (id, name, created_at) OVERRIDING SYSTEM VALUE SELECT n, 'company ' || n, story_now() FROM generate_series(1, 3) n;
INSERT INTO community (id, company_id, names, zone, languages, default_language, created_at) OVERRIDING SYSTEM VALUE
SELECT n, 1 + n % 3, '{}', 'Asia/Shanghai', '{zh-CN,en}', 'zh-CN', story_now() FROM generate_series(1, 10) n;

-- How much a community has of everything that grows with it: thousandths of the whole.
CREATE TEMP TABLE c AS SELECT id, CASE WHEN id = 1 THEN 0.91 ELSE 0.01 END AS share FROM community;

-- Places: a root, 100 units, and homes within them; ids are the community's million and a number.
INSERT INTO place (community_id, id, kind, parent_id, parent_kind, code, names, label, rank) OVERRIDING SYSTEM VALUE
SELECT id, id * 1000000, 'community', NULL, NULL, '0', '{"zh-CN": "云栖花园"}'::jsonb, '0', 0 FROM c
UNION ALL
SELECT id, id * 1000000 + n, 'building', id * 1000000, 'community', n::text, '{"zh-CN": "栋"}', n::text, n FROM c, generate_series(1, 100) n
UNION ALL
SELECT id, id * 1000000 + 1000 + n, 'home', id * 1000000 + 1 + n % 100, 'building', (1 + n % 100) || '-' || n, '{"zh-CN": "室"}', n::text, n
FROM c, generate_series(1, (11000 * share)::int) n;
INSERT INTO place (community_id, id, kind, parent_id, parent_kind, facility_kind, code, names, label, rank, rescue_code)
    OVERRIDING SYSTEM VALUE
SELECT id, id * 1000000 + 500 + n, 'facility', id * 1000000 + 1 + n % 100, 'building', 'elevator', (1 + n % 100) || '-L' || n, '{}', n::text, n,
       (id * 100000 + n)::text
FROM c, generate_series(1, (220 * share)::int) n;
INSERT INTO place_within (community_id, ancestor_id, place_id, depth)
SELECT community_id, id, id, 0 FROM place
UNION ALL SELECT community_id, parent_id, id, 1 FROM place WHERE parent_id IS NOT NULL
UNION ALL SELECT community_id, community_id * 1000000, id, 2 FROM place WHERE parent_kind = 'building';
INSERT INTO serves (community_id, facility_id, place_id) SELECT community_id, id, parent_id FROM place WHERE kind = 'facility';

INSERT INTO person (community_id, id, kind, name, language) OVERRIDING SYSTEM VALUE
SELECT id, id * 1000000 + n, CASE WHEN n % 100 = 0 THEN 'staff' ELSE 'resident' END, 'person ' || n, 'zh-CN'
FROM c, generate_series(1, (22000 * share)::int) n;
INSERT INTO contact_point (community_id, id, person_id, kind, address, consent, quality) OVERRIDING SYSTEM VALUE
SELECT community_id, id, id, 'mobile', '+861' || (3000000000 + id), '{alert,emergency,notice}'::text[], 'good' FROM person
UNION ALL
SELECT community_id, 100000000 + id, id, 'email', 'p' || id || '@example.org', '{alert,emergency}', 'unproven' FROM person WHERE id % 3 = 0;
INSERT INTO residence (community_id, person_id, home_id, role)
SELECT p.community_id, p.id, p.community_id * 1000000 + 1000 + 1 + (p.id % 1000000) / 2, 'owner' FROM person p
WHERE p.kind = 'resident' AND (p.id % 1000000) / 2 < (SELECT 11000 * share FROM c WHERE c.id = p.community_id) - 1;
INSERT INTO need_of_help (community_id, person_id, powered_device, reason, confirmer_role)
SELECT community_id, id, id % 4 = 0, 'x', 'guard' FROM person WHERE kind = 'resident' AND id % 97 = 0;
INSERT INTO department (community_id, id, key, names) OVERRIDING SYSTEM VALUE
SELECT c.id, c.id * 10 + n, (ARRAY['engineering', 'security', 'cleaning', 'finance', 'customer_service'])[n], '{}' FROM c, generate_series(1, 5) n;
INSERT INTO shift (community_id, department_id, tier, person_id, starts_at, ends_at, starts_local, ends_local)
SELECT c.id, c.id * 10 + 1 + n % 5, 'duty', c.id * 1000000 + 100 * (1 + n % 20), at, at + interval '12 hours', at AT TIME ZONE 'Asia/Shanghai',
       (at + interval '12 hours') AT TIME ZONE 'Asia/Shanghai'
FROM c, generate_series(1, (6000 * share)::int) n, LATERAL (SELECT story_now() + (n - 2900) * interval '12 hours' AS at) starting;
INSERT INTO outside_number (community_id, what, names, number, last_checked)
SELECT c.id, 'number_' || n, '{}', '119', '2026-01-01' FROM c, generate_series(1, 20) n;

INSERT INTO gateway (id, company_id, kind, name, settings, hook_key, sink, rate_per_second, burst, created_at) OVERRIDING SYSTEM VALUE
SELECT n, 1 + n % 3, 'http_sms', 'gateway ' || n, '{}', 'hook' || n, false, 100, 100, story_now() FROM generate_series(1, 12) n;
INSERT INTO gateway_permit (gateway_id, full_until, bulk_until) SELECT id, story_now(), story_now() FROM gateway;
INSERT INTO channel (community_id, id, gateway_id, kind, rank, sink) OVERRIDING SYSTEM VALUE
SELECT c.id, c.id * 10 + n, n, (ARRAY['sms', 'email', 'voice', 'by_hand'])[n], n, false FROM c, generate_series(1, 4) n;

-- Incidents: most are over. Each has its alerts; every tenth told residents.
INSERT INTO playbook_version (community_id, id, name, version, kind, source, sha256, state, created_at) OVERRIDING SYSTEM VALUE
SELECT c.id, c.id * 1000 + n, 'plan_' || n % 5, n, 'kind_' || n % 5, 'source', sha256('x'), CASE WHEN n > 95 THEN 'in_use' ELSE 'retired' END, story_now()
FROM c, generate_series(1, 100) n;
INSERT INTO incident (community_id, id, number, code, kind, severity, status, drill, place_id, facts, parent_id, head_no, head_hash, head_at,
                      declared_at, closed_at) OVERRIDING SYSTEM VALUE
SELECT c.id, c.id * 1000000 + n, n, 'K' || n, 'kind_' || n % 5, 'urgent', CASE WHEN n % 200 = 0 THEN 'open' ELSE 'closed' END, n % 10 = 3,
       c.id * 1000000 + n % 100, '{}', CASE WHEN n % 50 = 0 THEN c.id * 1000000 + n - 1 END, 8, sha256('x'),
       story_now() - n * interval '1 hour', story_now() - n * interval '1 hour', CASE WHEN n % 200 = 0 THEN NULL ELSE story_now() END
FROM c, generate_series(1, (8800 * share)::int) n;
INSERT INTO incident_code (company_id, code, community_id, incident_id)
SELECT 1, 'K' || id, community_id, id FROM incident WHERE status = 'open';
INSERT INTO incident_event (community_id, incident_id, no, at, happened_at, kind, cause, body, prev_hash, hash)
SELECT community_id, id, n, declared_at, declared_at, 'tick', 'timer', '{}', sha256('x'), sha256('y') FROM incident, generate_series(1, 3) n;
INSERT INTO event_detail (community_id, incident_id, no, salt, detail)
SELECT community_id, id, n, substring(sha256('x') FOR 16), '{}' FROM incident, generate_series(1, 2) n;
INSERT INTO report (community_id, incident_id, no, at, source, home_id)
SELECT community_id, id, n, declared_at, 'phone', community_id * 1000000 + 1000 + n FROM incident, generate_series(1, 2) n;
INSERT INTO repair (community_id, at, kind, place_id, words, taken_by)
SELECT c.id, story_now() - n * interval '1 hour', 'kind_' || n % 5, c.id * 1000000 + 1000 + n, '', 'desk' FROM c, generate_series(1, (6000 * share)::int) n;
INSERT INTO run (community_id, incident_id, playbook_version_id, state, folded_no, state_version, engine_version)
SELECT community_id, id, community_id * 1000 + 96 + id % 5, '{}', 8, 1, '1' FROM incident;
INSERT INTO timer (community_id, incident_id, key, due_at)
SELECT community_id, id, 'run', story_now() + (id % 1000 - 10) * interval '1 minute' FROM incident;
INSERT INTO task (community_id, incident_id, key, role, does, opened_at, done_at, done_by)
SELECT community_id, id, 'step#' || n, 'front_desk', '{}', declared_at, closed_at, CASE WHEN closed_at IS NOT NULL THEN 'somebody' END
FROM incident, generate_series(1, 2) n;
INSERT INTO answer (community_id, incident_id, alert_key, rung, message_id, person_id, kind, at, evidence, event_no)
SELECT community_id, id, 'engineers#1', 1, id, community_id * 1000000 + 100 * (1 + id % 20), 'received', declared_at, 'sms', 3 FROM incident;
INSERT INTO response (community_id, incident_id, message_id, member_no, person_id, home_id, kind, at, tallied_no)
SELECT community_id, id, id, n, community_id * 1000000 + n, community_id * 1000000 + 1000 + n, 'all_safe', declared_at,
       CASE WHEN n > 1 OR id % 100 > 0 THEN 5 END
FROM incident, generate_series(1, 2) n;
INSERT INTO confirmation (community_id, incident_id, name, by, at) SELECT community_id, id, 'everyone_out', 'desk', declared_at FROM incident;

-- Messages: an alert an incident, with two members; and a hundred broadcasts to eight hundred each, the last fifty of them on their way.
INSERT INTO message (community_id, id, subject, effect_key, kind, lane, means, audience, drill, life_safety, posted_at, expires_at)
    OVERRIDING SYSTEM VALUE
SELECT community_id, id, id, 'engineers#1/1', 'alert', 'alert', 'write', 'staff', drill, true, declared_at, declared_at + interval '1 hour' FROM incident
UNION ALL
SELECT 1, 90000000 + n, 1000000 + n * 80, 'tell#1', 'broadcast', 'urgent', 'write', 'residents', false, false, story_now(), story_now() + interval '1 day'
FROM generate_series(1, 100) n;
INSERT INTO message_text (community_id, message_id, language, key, variables, drill, text, segments)
SELECT community_id, id, language, 'key', '{}', drill, '【演练】', 1 FROM message, unnest('{zh-CN,en}'::text[]) language;
INSERT INTO message_route (community_id, message_id, channel_id, rank, contact_kinds, drill, sink, audience)
SELECT community_id, id, community_id * 10 + n, n, CASE n WHEN 2 THEN '{email}'::text[] ELSE '{mobile}' END, drill, false, audience
FROM message, generate_series(1, 3) n WHERE NOT drill OR audience = 'staff';
INSERT INTO alert (community_id, message_id, incident_id, alert_key, rung, posted_at, watched)
SELECT community_id, id, subject, 'engineers#1', 1, posted_at, id % 200 = 0 FROM message WHERE kind = 'alert';

INSERT INTO audience_member (community_id, message_id, member_no, person_id, home_id, language, reach, delivery_no, channel_id, contact_point_id, address)
SELECT community_id, id, n, community_id * 1000000 + 100 * n, NULL, 'zh-CN', 'handed_over', n, community_id * 10 + 1, community_id * 1000000 + n, '+8613000000000'
FROM message, generate_series(1, 2) n WHERE kind = 'alert'
UNION ALL
SELECT 1, id, n, 1000000 + n, 1001000 + n / 2, 'zh-CN', CASE WHEN id > 90000050 THEN 'trying' ELSE 'handed_over' END, n, 11, 1000000 + n, '+8613000000000'
FROM message, generate_series(1, 800) n WHERE kind = 'broadcast';
UPDATE message m SET sealed_at = posted_at, size = s.members, deliveries = s.members, to_fan_out = s.members, fanned_out = s.members,
                     trying = s.trying, handed_over = s.members - s.trying
FROM (SELECT community_id, message_id, count(*) AS members, count(*) FILTER (WHERE reach = 'trying') AS trying FROM audience_member GROUP BY 1, 2) s
WHERE m.community_id = s.community_id AND m.id = s.message_id;
INSERT INTO earlier_way (community_id, message_id, member_no, no, channel_id, address)
SELECT community_id, message_id, member_no, 10000 + delivery_no, channel_id, address FROM audience_member WHERE member_no % 20 = 1;

INSERT INTO delivery (community_id, message_id, no, lane, channel_id, person_id, address, language, state, token, due_at, lease_until)
SELECT 1, id, n, 'urgent', 11 + n % 2, 1000000 + n, '+8613000000000', 'zh-CN', CASE WHEN n <= 10 THEN 'sending' ELSE 'queued' END, 1,
       clock_timestamp() + (n - 400) * interval '100 milliseconds', CASE WHEN n <= 10 THEN clock_timestamp() + interval '20 seconds' END
FROM message, generate_series(1, 2000) n WHERE id > 90000050;
INSERT INTO delivery (community_id, message_id, no, lane, channel_id, person_id, address, language, state, token, due_at)
SELECT community_id, id, 1, 'alert', community_id * 10 + 1, community_id * 1000000 + 100, '+8613000000000', 'zh-CN', 'queued', 1, clock_timestamp()
FROM incident WHERE status = 'open';
INSERT INTO delivery_range (community_id, message_id, lane, channel_id, first_no, last_no, deliveries, due_at, lease_until)
SELECT 1, id, 'urgent', 11 + n % 2, 10000 + 100 * n, 10099 + 100 * n, 50, clock_timestamp() + (n - 4) * interval '100 milliseconds',
       CASE WHEN n = 1 AND id % 10 = 0 THEN clock_timestamp() + interval '20 seconds' END
FROM message, generate_series(1, 40) n WHERE id > 90000050;
INSERT INTO delivery_settled (community_id, message_id, no, channel_id, person_id, address, language, state, token, attempts, settled_at, state_at)
SELECT community_id, message_id, delivery_no, channel_id, person_id, address, language, 'accepted', 1, 1, story_now(), story_now()
FROM audience_member WHERE reach = 'handed_over';
INSERT INTO delivery_attempt (community_id, message_id, no, token, seq, outcome, at)
SELECT community_id, message_id, no, 1, 0, 'accepted', settled_at FROM delivery_settled WHERE no <= 300;
INSERT INTO receipt_bundle (community_id, gateway_id, dedupe, size, message_ids, nos, states, codes, raws, received_at, applied_at)
SELECT community_id, 1, sha256((message_id || '-' || no)::bytea), 1, ARRAY[message_id], ARRAY[no], '{delivered}', '{null}', ARRAY['{}'], settled_at,
       CASE WHEN message_id % 400 > 0 THEN settled_at END
FROM delivery_settled WHERE no <= 200;
INSERT INTO reply (community_id, gateway_id, dedupe, address, text, received_at, outcome, message_id, no, applied_at)
SELECT community_id, 1, sha256(id::text::bytea), '+8613000000000', '1', declared_at, CASE WHEN id % 100 = 0 THEN 'unmatched' ELSE 'matched' END,
       CASE WHEN id % 100 > 0 THEN id END, CASE WHEN id % 100 > 0 THEN 1 END, CASE WHEN id % 500 > 0 THEN declared_at END
FROM incident;
INSERT INTO open_code (gateway_id, phone_hash, code, community_id, message_id, no)
SELECT 1 + id % 12, sha256(id::text::bytea), 'K' || number, community_id, id, 1 FROM incident;

INSERT INTO account (id, company_id, login, display_name, created_at) OVERRIDING SYSTEM VALUE
SELECT n, 1 + n % 3, 'login' || n, 'name', story_now() FROM generate_series(1, 6000) n;
INSERT INTO membership (account_id, community_id, role) SELECT id, 1 + id % 10, 'clerk' FROM account;
INSERT INTO staff_number (community_id, account_id, number) SELECT community_id, account_id, account_id::text FROM membership;
INSERT INTO desk_log (community_id, at, what, account_id, by_name) SELECT 1, story_now(), 'signed_on', id, 'name' FROM account;
INSERT INTO session (token_hash, account_id, community_id, csrf, created_at, expires_at)
SELECT sha256(id::text::bytea), id, 1, 'x', story_now(), story_now() + interval '1 day' FROM account;
INSERT INTO api_token (token_hash, company_id, community_id, name, role, created_at)
SELECT sha256(id::text::bytea), company_id, 1, 'token' || id, 'clerk', story_now() FROM account WHERE id <= 500;
INSERT INTO login_link (token_hash, account_id, expires_at) SELECT sha256(id::text::bytea), id, story_now() FROM account;
INSERT INTO login_attempt (bucket, failures, retry_at) SELECT 'account:' || login, 1, story_now() FROM account;
INSERT INTO idempotency (community_id, principal, key, request_hash, status, body, created_at)
SELECT c.id, 'token:1', n::text, sha256('x'), 201, '{}', story_now() - n * interval '5 seconds' FROM c, generate_series(1, (22000 * share)::int) n;
INSERT INTO work (community_id, lane, due_at)
SELECT n, lane, clock_timestamp() + n * interval '1 second'
FROM generate_series(1, 100) n, unnest('{alert,correction,urgent,notice,fan_out,leases,receipts,replies,timers,outcomes,tallies}'::text[]) lane;

SET session_replication_role = origin;
VACUUM ANALYZE;
