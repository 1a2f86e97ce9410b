"""What pages and the API show of incidents. Reads projections; writes nothing."""
