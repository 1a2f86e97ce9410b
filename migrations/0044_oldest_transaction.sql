-- Whose transaction has been open for longest in this database: it keeps every dead row that came after it, and the service's role may not see
-- other users' sessions. A role of its own may, and reads nothing else; where the owner may not give it that right, only its own sessions are
-- seen. By machine time.

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tocsin_watch') THEN
        CREATE ROLE tocsin_watch NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
    BEGIN
        GRANT pg_read_all_stats TO tocsin_watch;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'tocsin_watch sees no other users'' sessions: GRANT pg_read_all_stats TO tocsin_watch';
    END;
END $$;
GRANT tocsin_watch TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO tocsin_watch;

CREATE FUNCTION oldest_transaction() RETURNS TABLE (seconds double precision, pid integer, who text, state text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT extract(epoch FROM clock_timestamp() - o.since)::float8, o.pid, o.who, o.state
    FROM (
        SELECT a.xact_start AS since, a.pid, concat_ws('/', a.usename, nullif(a.application_name, '')) AS who, coalesce(a.state, '') AS state
        FROM pg_stat_activity AS a
        WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()
        UNION ALL
        SELECT x.prepared, 0, x.owner::text, 'prepared: ' || x.gid FROM pg_prepared_xacts AS x WHERE x.database = current_database()
    ) AS o ORDER BY o.since LIMIT 1
$$;
REVOKE ALL ON FUNCTION oldest_transaction() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION oldest_transaction() TO tocsin_service;
GRANT CREATE ON SCHEMA public TO tocsin_watch;
ALTER FUNCTION oldest_transaction() OWNER TO tocsin_watch;
REVOKE CREATE ON SCHEMA public FROM tocsin_watch;
