-- Which database this is, as the service saw it last. A restored copy differs, and sends nothing until an operator says so.

CREATE TABLE database_identity (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    cluster      text NOT NULL,                            -- pg_control_system().system_identifier; '' where the server does not tell
    database_oid bigint NOT NULL,
    seen_at      timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON database_identity TO tocsin_service;

-- Names and hashes of the files in this folder: whoever can log in may see whether the schema is up to date.
GRANT SELECT ON schema_migration TO PUBLIC;
