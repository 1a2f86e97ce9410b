"""One module per source of events: the world (facts, night, reports), people (answers, work), confirmations and children."""
