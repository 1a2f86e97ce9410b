"""Rosters as they are worked with: shifts and who takes over, hours that must be covered, certificates, and what is not ready."""
