"""Plays a playbook on a virtual clock: people answer by a stated distribution or by a script. Pure: no clock, no database."""
