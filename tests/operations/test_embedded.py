"""PostgreSQL that comes along asks for no more than it needs of the machine that it runs on."""

import stat
import tempfile
from pathlib import Path

from tocsin.base.embedded import let_through


def test_a_closed_folder_above_its_data_is_passed_through_and_opened_to_nobodys_eyes() -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-closed-") as folder:
        closed = Path(folder)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        let_through(closed / "postgres")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o711


def test_a_folder_that_is_open_stays_as_it_is() -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-open-") as folder:
        Path(folder).chmod(0o755)
        let_through(Path(folder) / "postgres")
        assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o755
