"""Spreadsheets of offices brought into the directory: homes and residents, staff, rosters, facilities.

A file is parsed in a process of its own (`reading_process`), which knows no database and sends back clean rows; what stands in the
directory already is compared in chunks (`planning`), and one transaction applies all of it or nothing. A dry run is the same without
the writing.
"""
