-- The planner takes an emptied queue for a tiny table and reads it from end to end, by a plan that is kept while the next broadcast fills it
-- again. So its file stays as large as it was, and whoever tidies it or counts it comes when there was something worth counting.

ALTER TABLE delivery SET (vacuum_truncate = off, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_threshold = 5000);
ALTER TABLE delivery_range SET (vacuum_truncate = off, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_threshold = 5000);
