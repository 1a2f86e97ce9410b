"""Whether this database may send: a restored copy may not until an operator says so."""
