"""The image and its compose file: what runs there is all that is needed, as nobody in particular, with secrets from files.

No container engine is needed: the files are read, and what the image would hold is put in a folder by itself and run there.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from tests.harness.processes import ROOT
from tocsin.app.cli.commands import app
from tocsin.app.web import DRAIN_SECONDS
from tocsin.base.settings import Settings

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text("utf-8"))
OURS = ("migrate", "web", "worker")
COMMANDS: set[str] = set(getattr(get_command(app), "commands", {}))


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = COMPOSE["services"][name]
    return found


def seconds(length: str) -> int:
    match = re.fullmatch(r"(\d+)s", length)
    assert match is not None, length
    return int(match[1])


def last_stage() -> list[str]:
    """The instructions of the image itself, one a line."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line for line in joined.rpartition("\nFROM ")[2].splitlines() if line and not line.startswith("#")]


def copied() -> list[str]:
    """What of this folder the image holds."""
    lines = [line.split()[1:-1] for line in last_stage() if line.startswith("COPY ") and "--from" not in line]
    return [source for line in lines for source in line]


def let_through() -> set[str]:
    """What .dockerignore lets through."""
    return {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's /srv/tocsin."""
    folder = tmp_path_factory.mktemp("srv")
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(source, folder / name)
    return folder


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The image's entry point with these arguments, in its folder and with nothing else set."""
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **settings}
    return subprocess.run(
        [sys.executable, "-m", "tocsin", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_docker_lets_through_what_the_image_copies_and_nothing_else() -> None:
    assert let_through() == {*copied(), "requirements.lock"}
    assert (ROOT / ".dockerignore").read_text("utf-8").splitlines()[1] == "*"


def test_the_image_runs_without_the_rest_of_the_folder(image: Path, postgres: Any, database_url: str) -> None:
    done = run(image, "playbook", "show", "playbooks/library/power_cut.yaml")
    assert done.returncode == 0, done.stderr
    done = run(image, "migrate", TOCSIN_DATABASE_URL=database_url)
    assert done.returncode == 0 and "up to date" in done.stdout, done.stdout + done.stderr
    done = run(
        image, "status", "--ready", TOCSIN_DATABASE_URL=database_url, TOCSIN_SECRET_KEY="a key that only this test uses, long enough"
    )
    assert done.returncode == 0, done.stderr


def test_the_image_runs_as_nobody_in_particular() -> None:
    [user] = [line.split()[1] for line in last_stage() if line.startswith("USER ")]
    assert re.fullmatch(r"\d+:\d+", user) and not user.startswith("0:")
    assert last_stage()[-2:] == ['ENTRYPOINT ["tocsin"]', 'CMD ["serve"]']


@pytest.mark.parametrize("name", OURS)
def test_our_services_can_write_nothing_but_their_data(name: str) -> None:
    ours = service(name)
    assert ours["read_only"] is True and ours["tmpfs"] == ["/tmp"] and ours["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in ours["security_opt"] and "privileged" not in ours and "user" not in ours
    assert [volume.split(":")[1] for volume in ours.get("volumes", [])] in ([], ["/var/lib/tocsin"])


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_commands_that_exist_and_read_settings_that_exist(name: str) -> None:
    assert service(name)["command"][0] in COMMANDS
    known = {f"TOCSIN_{field.upper()}" for field in Settings.model_fields}
    assert {variable for variable in service(name)["environment"] if variable.startswith("TOCSIN_")} <= known
    in_image = {word.partition("=")[0] for line in last_stage() if line.startswith("ENV ") for word in line.split()[1:]}
    assert {variable for variable in in_image if variable.startswith("TOCSIN_")} <= known


def test_every_secret_comes_from_a_file_and_nothing_has_a_password_of_its_own() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert not re.search(r"(PASSWORD|SECRET_KEY)(_PREVIOUS)?: ", text), "a secret among the variables"
    assert not re.search(r"postgresql://[^@\s]*:[^@\s]*@", text), "a password in an address"
    for name in COMPOSE["services"]:
        files = {value for key, value in service(name)["environment"].items() if key.endswith("_FILE")}
        assert files <= {f"/run/secrets/{secret}" for secret in service(name)["secrets"]}
        assert set(service(name)["secrets"]) <= set(COMPOSE["secrets"])
    assert "secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "owner_password" not in {secret for name in ("web", "worker") for secret in service(name)["secrets"]}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_service_waits_for_the_schema_and_is_given_time_to_end(name: str) -> None:
    assert service(name)["depends_on"] == {
        "db": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }
    lease: int = Settings.model_fields["lease_seconds"].default
    assert seconds(service(name)["stop_grace_period"]) > max(lease, DRAIN_SECONDS)
    assert service(name)["init"] is True and service(name)["restart"] == "unless-stopped"


def test_every_long_running_service_says_how_it_is() -> None:
    assert service("worker")["healthcheck"]["test"] == ["CMD", "tocsin", "status", "--ready"]
    assert "/readyz" in service("web")["healthcheck"]["test"][-1]
    assert service("db")["healthcheck"]["test"][1] == "pg_isready"


def test_the_database_is_not_reachable_from_outside() -> None:
    assert service("db")["networks"] == ["inner"] and "ports" not in service("db")
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    assert service("web")["ports"][0].startswith("127.0.0.1:")


def test_the_example_of_settings_names_settings_that_exist() -> None:
    named = set(re.findall(r"^#?(TOCSIN_\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    known = {f"TOCSIN_{field.upper()}" for field in Settings.model_fields}
    assert named <= known
    by_file = {"TOCSIN_SECRET_KEY", "TOCSIN_SECRET_KEY_PREVIOUS"}
    assert known - named == {"TOCSIN_DEMO", "TOCSIN_DEMO_CATCHER_URL", *by_file}
