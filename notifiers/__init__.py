"""How people are told: announcements, delivery and channels. Knows nothing of incidents."""
