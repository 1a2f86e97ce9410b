"""How large a file may be, packed and unpacked, and what its parsing may cost."""

PACKED_BYTES = 20 * 1024 * 1024
"""OWASP ASVS 5.0, 5.2.1 asks for a limit; 100,000 residents are about 6 MB."""
TEXT_BYTES = 64 * 1024 * 1024
UNPACKED_BYTES = 200 * 1024 * 1024
"""ASVS 5.0, 5.2.3: checked against the archive's own list before anything is unpacked."""
MEMBERS = 1000
RATIO = 100
"""Unpacked to packed size of a whole archive; sheets of real lists reach 30."""
RATIO_FREE_BYTES = 4 * 1024 * 1024
"""A small archive may be packed as tightly as it likes."""
ROWS = 1_000_000
COLUMNS = 256
"""Columns beyond are not read; a spreadsheet whose used area is wider is a mistake of its formatting."""
MEMORY_BYTES = 1024**3
"""Address space of the process that parses (RLIMIT_AS)."""
CPU_SECONDS = 120
"""Of the process that parses (RLIMIT_CPU)."""
SILENT_SECONDS = 150
"""How long that process may send nothing: longer than all the time it may compute."""
