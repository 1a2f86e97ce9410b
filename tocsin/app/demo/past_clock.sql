-- The demo's own, and no statements of the service: they change what story_now() is, which only the database's owner may.

-- name: make_movable
-- Story time is as far behind the present as the table says.
CREATE TABLE IF NOT EXISTS demo_clock (behind interval NOT NULL);
DELETE FROM demo_clock;
INSERT INTO demo_clock VALUES ('0');
GRANT SELECT ON demo_clock TO tocsin_service;
CREATE OR REPLACE FUNCTION story_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now() - behind FROM demo_clock';

-- name: make_real
-- As migration 0001 made it.
CREATE OR REPLACE FUNCTION story_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';
DROP TABLE IF EXISTS demo_clock;

-- name: is_movable
-- Whether a run was killed while it told its history.
SELECT to_regclass('demo_clock') IS NOT NULL;

-- name: set
-- Story time is $1, the present at most.
UPDATE demo_clock SET behind = greatest(interval '0', now() - $1);

-- name: now
-- The story's present.
SELECT story_now();
