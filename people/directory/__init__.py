"""One place or one person as a whole, and how it is changed: each row carries a version, so that nobody overwrites what they have not seen."""
