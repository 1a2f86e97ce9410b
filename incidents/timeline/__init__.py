"""The record of an incident: append-only, numbered, hash-chained, with details that can be erased and heads anchored outside."""
