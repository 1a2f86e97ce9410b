"""Programs that send the same messages another way: the ceiling, and what else one could use. Each is a process of its own."""
