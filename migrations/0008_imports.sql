-- Spreadsheets that were brought in: what was asked, what was understood, and what became of every row. Same walls as 0005_walls.sql.

CREATE TABLE import_run (
    community_id   bigint NOT NULL,
    id             bigint GENERATED ALWAYS AS IDENTITY,
    kind           text CHECK (kind IN ('residents', 'staff', 'rosters', 'facilities')),  -- null: not understood yet
    file_name      text NOT NULL,
    file_sha256    bytea NOT NULL CHECK (length(file_sha256) = 32),
    file           bytea,                                  -- kept for the workbook of reasons, and dropped with the rows
    by             text NOT NULL,                          -- account:3, token:…, cli
    options        jsonb NOT NULL,
    dry            boolean NOT NULL,
    state          text NOT NULL CHECK (state IN ('reading', 'done', 'asks', 'refused', 'failed')),
    refusal        text,                                   -- why the file as a whole was refused
    refusal_values jsonb NOT NULL DEFAULT '{}',
    understood     jsonb,
    counts         jsonb NOT NULL DEFAULT '{}',
    rows_read      int NOT NULL DEFAULT 0,
    started_at     timestamptz NOT NULL,
    seen_at        timestamptz NOT NULL,                   -- machine time at which the process that reads was last at work
    finished_at    timestamptz,
    applied_at     timestamptz,
    PRIMARY KEY (community_id, id),
    CONSTRAINT import_run_dry_applies_nothing CHECK (NOT dry OR applied_at IS NULL),
    CONSTRAINT import_run_applied_is_done CHECK (applied_at IS NULL OR state = 'done'),
    CONSTRAINT import_run_refused_says_why CHECK ((state = 'refused') = (refusal IS NOT NULL)),
    CONSTRAINT import_run_ends_once CHECK ((state = 'reading') = (finished_at IS NULL))
);

CREATE TABLE import_row (
    community_id bigint NOT NULL,
    run_id       bigint NOT NULL,
    sheet        smallint NOT NULL,
    line         int NOT NULL CHECK (line >= 1),           -- as the spreadsheet counts
    verdict      text NOT NULL CHECK (verdict IN ('new', 'changed', 'unchanged', 'refused')),
    reasons      jsonb NOT NULL DEFAULT '[]',              -- [{"code", "column", "value", …}] of a refused row
    hints        jsonb NOT NULL DEFAULT '[]',              -- what was taken all the same
    PRIMARY KEY (community_id, run_id, sheet, line),
    FOREIGN KEY (community_id, run_id) REFERENCES import_run (community_id, id) ON DELETE CASCADE,
    CONSTRAINT import_row_refused_says_why CHECK ((verdict = 'refused') = (reasons <> '[]'))
);

DO $$
DECLARE
    wall text;
BEGIN
    FOREACH wall IN ARRAY ARRAY['import_run', 'import_row']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', wall);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', wall);
        EXECUTE format(
            'CREATE POLICY one_community ON %I USING (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)'
            ' WITH CHECK (community_id = nullif(current_setting(''app.community'', true), '''')::bigint)', wall);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON import_run TO tocsin_service;
GRANT SELECT, INSERT, DELETE ON import_row TO tocsin_service;
