"""The real chores and the real sender on one real PostgreSQL, one step at a time in an order that a seed decides."""
