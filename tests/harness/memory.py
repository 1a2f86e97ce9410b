"""Temporary files in memory, where there is enough of it: a database is hundreds of small files, and each test has one of its own.

On a disk that others use too, a clone costs half a second of processor time; in memory it costs a twentieth of that.
"""

import os
import shutil
import tempfile
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
_LEAST_BYTES = 3 * 2**30
"""Both test processes together hold at most about one: two clusters with their logs, the clones of a moment, and what tests write."""


def keep_temporary_files_in_memory(folder: Path = SHARED_MEMORY) -> bool:
    """From now on this process and whatever it starts make temporary files in `folder`; not where it is too small or TMPDIR is set."""
    if "TMPDIR" in os.environ or not os.access(folder, os.W_OK | os.X_OK) or _free_bytes(folder) < _LEAST_BYTES:
        return False
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    return True


def _free_bytes(folder: Path) -> int:
    """What `folder` can take: no more than there is of memory, which such a folder may promise without having it."""
    available = next(
        int(line.split()[1]) * 1024 for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable")
    )
    return min(shutil.disk_usage(folder).free, available)
