"""PostgreSQL that comes along asks for no more than it needs of the machine that it runs on."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from tocsin.base.embedded import start_embedded


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only for root does PostgreSQL run as another user")
def test_started_by_root_it_passes_through_a_closed_folder_and_opens_it_to_nobodys_eyes() -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-closed-") as folder:
        closed = Path(folder)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        embedded = start_embedded(closed / "inner" / "postgres")
        embedded.stop()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o711
