"""The tests: stories that users live through, one folder per package, and the rules of the house."""
