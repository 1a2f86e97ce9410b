"""What to do about an emergency: the language, the engine and the shipped playbooks. Pure: no database, no network, no clock."""
