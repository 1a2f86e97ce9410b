-- Row-level security above the floor, and who may do what. The service owns nothing.

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY[
        'place', 'place_within', 'serves', 'person', 'contact_point', 'residence', 'need_of_help', 'department', 'shift',
        'post', 'outside_number',
        'channel', 'message', 'message_text', 'message_route', 'audience_member', 'earlier_way', 'delivery', 'delivery_settled',
        'delivery_attempt', 'receipt', 'reply',
        'playbook_version', 'incident', 'incident_event', 'event_detail', 'report', 'repair', 'run', 'timer', 'task', 'alert',
        'answer', 'response', 'confirmation', 'idempotency']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE
    ON place, place_within, serves, person, contact_point, residence, department, shift, post, outside_number,
       channel, message_route, delivery, run, timer, response
    TO tocsin_service;
GRANT SELECT, INSERT, UPDATE
    ON message, audience_member, delivery_settled, receipt, reply, report, repair, task, alert
    TO tocsin_service;
GRANT SELECT, INSERT ON message_text, delivery_attempt, earlier_way, answer TO tocsin_service;
GRANT SELECT, INSERT, DELETE ON confirmation TO tocsin_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO tocsin_service;
GRANT SELECT ON delivery_all TO tocsin_service;

-- The timeline is append-only by privilege; details can be erased, by another role and never changed.
GRANT SELECT, INSERT ON incident_event, event_detail TO tocsin_service;
GRANT SELECT, DELETE ON event_detail TO tocsin_eraser;
GRANT SELECT ON incident TO tocsin_eraser;

-- What a version holds and whether an incident is a drill never change.
GRANT SELECT, INSERT ON playbook_version, incident TO tocsin_service;
GRANT UPDATE (state) ON playbook_version TO tocsin_service;
GRANT UPDATE (severity, status, place_id, facts, head_no, head_hash, head_at, relieved_at, closed_at, next_news_by)
    ON incident TO tocsin_service;

-- Health reasons are not the service's to read in passing.
GRANT SELECT (community_id, person_id, powered_device, confirmer_role) ON need_of_help TO tocsin_service;
GRANT INSERT, DELETE ON need_of_help TO tocsin_service;

GRANT SELECT ON schema_migration TO tocsin_service;
