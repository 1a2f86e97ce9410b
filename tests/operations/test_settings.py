"""What an operator sets: secrets may come from files, and whatever is wrong is named with the way out."""

from pathlib import Path

import pytest

from tocsin.base.errors import SettingsError
from tocsin.base.settings import load_settings

KEY = "a secret key that is long enough for anybody"
OLD_KEY = "the key before it, which is as long as the other"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No TOCSIN_ variable and no .env of this machine reaches these tests."""
    import os

    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def written(folder: Path, text: str) -> str:
    """A file with this text, as a container's secret lies there."""
    path = folder / "secret"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refusal_of(act: object) -> tuple[str, str]:
    """The setting that was refused and why."""
    with pytest.raises(SettingsError) as refused:
        assert callable(act)
        act()
    return str(refused.value.values["name"]), str(refused.value.values["reason"])


def test_the_secret_key_comes_from_its_variable_or_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_SECRET_KEY", KEY)
    assert load_settings().require_secret_key() == KEY
    monkeypatch.delenv("TOCSIN_SECRET_KEY")
    monkeypatch.setenv("TOCSIN_SECRET_KEY_FILE", written(tmp_path, f"{KEY}\n"))
    assert load_settings().require_secret_key() == KEY
    assert load_settings().previous_secret_key() is None


def test_the_key_before_it_comes_from_a_file_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_SECRET_KEY_PREVIOUS_FILE", written(tmp_path, OLD_KEY))
    assert load_settings().previous_secret_key() == OLD_KEY


def test_a_variable_left_empty_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_SECRET_KEY", "")
    monkeypatch.setenv("TOCSIN_SECRET_KEY_FILE", "")
    monkeypatch.setenv("TOCSIN_DATABASE_URL", "")
    assert load_settings().database_address() is None
    assert refusal_of(load_settings().require_secret_key) == ("TOCSIN_SECRET_KEY", "missing")


def test_a_key_given_twice_too_short_or_in_a_file_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_SECRET_KEY_FILE", written(tmp_path, "short"))
    assert refusal_of(load_settings().require_secret_key) == ("TOCSIN_SECRET_KEY", "shorter than 32 characters")
    monkeypatch.setenv("TOCSIN_SECRET_KEY", KEY)
    assert refusal_of(load_settings().require_secret_key)[0] == "TOCSIN_SECRET_KEY"
    monkeypatch.delenv("TOCSIN_SECRET_KEY")
    missing = tmp_path / "missing"
    monkeypatch.setenv("TOCSIN_SECRET_KEY_FILE", str(missing))
    assert refusal_of(load_settings().require_secret_key) == ("TOCSIN_SECRET_KEY_FILE", f"{missing}: No such file or directory")
    monkeypatch.setenv("TOCSIN_SECRET_KEY_FILE", written(tmp_path, "\n"))
    assert refusal_of(load_settings().require_secret_key)[1].endswith("empty")


def test_the_database_password_from_a_file_may_hold_any_character(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", "postgresql://tocsin_app@db:5432/tocsin")
    monkeypatch.setenv("TOCSIN_DATABASE_PASSWORD_FILE", written(tmp_path, "p@ss/w:rd %\n"))
    assert load_settings().database_address() == "postgresql://tocsin_app:p%40ss%2Fw%3Ard%20%25@db:5432/tocsin"


@pytest.mark.parametrize("address", ["postgresql://db/tocsin", "postgresql://tocsin_app:known@db/tocsin"])
def test_a_password_file_needs_an_address_with_a_user_and_no_password(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", address)
    monkeypatch.setenv("TOCSIN_DATABASE_PASSWORD_FILE", written(tmp_path, "secret"))
    assert refusal_of(load_settings().database_address)[0] == "TOCSIN_DATABASE_URL"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOCSIN_LISTEN", "everywhere"),
        ("TOCSIN_LISTEN", "127.0.0.1:70000"),
        ("TOCSIN_PUBLIC_URL", "tocsin.example.com"),
        ("TOCSIN_PUBLIC_URL", "https://tocsin.example.com/?x=1"),
        ("TOCSIN_LEASE_SECONDS", "1"),
        ("TOCSIN_LOG_JSON", "perhaps"),
        ("TOCSIN_TRUSTED_PROXIES", "127.0.0.1, everybody"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert refusal_of(load_settings)[0] == name


def test_links_begin_with_the_public_address_without_a_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().public_url == "http://127.0.0.1:8080"
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://tocsin.example.com/")
    assert load_settings().public_url == "https://tocsin.example.com"


@pytest.mark.parametrize(
    ("listen", "host", "port"), [("0.0.0.0:8080", "0.0.0.0", 8080), ("[::1]:81", "::1", 81), (":8080", "127.0.0.1", 8080)]
)
def test_where_it_listens_is_an_address_and_a_port(listen: str, host: str, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LISTEN", listen)
    assert (load_settings().host, load_settings().port) == (host, port)
