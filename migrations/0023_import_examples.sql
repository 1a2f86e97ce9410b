-- Of every verdict the first rows, as they were read: what a list would do is seen in them better than in its counts.
-- And the files themselves are forgotten before what became of their rows: they hold what the service never wanted.

ALTER TABLE import_run ADD COLUMN examples jsonb NOT NULL DEFAULT '[]';   -- [{"sheet", "line", "verdict", "said": [[field, text], …]}]
ALTER TABLE import_run ADD CONSTRAINT import_run_examples_are_few CHECK (jsonb_array_length(examples) <= 40);
