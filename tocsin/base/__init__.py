"""What everything else stands on: settings, the database, statements, clocks, texts, secrets, logs and errors."""
