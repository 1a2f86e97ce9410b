"""A gateway's settings are typed by a company's administrator: they lead out of the house, or nowhere."""

import socket

import pytest

from notifiers.channels.registry import KINDS
from notifiers.channels.shape import NotSent
from notifiers.errors import SettingError, SettingNotEncryptedError, SettingPrivateError, SettingUnknownError
from notifiers.setting_errors import check_settings
from tests.notifiers.conformance.adapter import Adapter, Fake
from tests.notifiers.conformance.adapters import having
from tests.notifiers.conformance.test_faults import _is_url

NETWORKED = having(lambda adapter: adapter.start)
INSIDE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "[::1]", "[fd00::1]",
          "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]"]  # fmt: skip


def leading_to(fake: Fake, host: str, scheme: str = "https") -> dict[str, object]:
    """The settings with this host in every place that holds an address, and nothing allowed."""
    settings = {**fake.settings(), "allow_private_addresses": []}
    if "host" in settings:
        return {**settings, "host": host.strip("[]"), "security": "starttls" if scheme == "https" else "none"}
    return {name: f"{scheme}://{host}/x" if _is_url(value) else value for name, value in settings.items()}


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("host", INSIDE)
def test_an_address_of_the_own_network_is_refused_when_it_is_typed(kind: str, adapter: Adapter, fake: Fake, host: str) -> None:
    with pytest.raises(SettingPrivateError):
        check_settings(KINDS[kind].settings, leading_to(fake, host))


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_public_gateway_is_reached_by_tls_only(kind: str, adapter: Adapter, fake: Fake) -> None:
    check_settings(KINDS[kind].settings, leading_to(fake, "gateway.example"))
    with pytest.raises(SettingNotEncryptedError):
        check_settings(KINDS[kind].settings, leading_to(fake, "gateway.example", "http"))


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"])
async def test_a_name_that_leads_into_the_house_is_not_followed(
    kind: str, adapter: Adapter, fake: Fake, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind_of = KINDS[kind]
    channel = kind_of.open(check_settings(kind_of.settings, leading_to(fake, "gateway.example")), adapter.secret)
    family = socket.AF_INET6 if ":" in inside else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", (inside, 443))])
    assert await channel.send([adapter.message(1)]) == [NotSent("address_forbidden")]
    assert fake.script.calls == 0
    await channel.close()


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_wrong_setting_is_refused_by_name_and_shows_no_value(kind: str, adapter: Adapter, fake: Fake) -> None:
    with pytest.raises(SettingUnknownError) as unknown:
        check_settings(KINDS[kind].settings, {**fake.settings(), "pasword": "hunter2-in-the-wrong-place"})
    assert "hunter2" not in str(unknown.value) and unknown.value.values["name"] == "pasword"
    with pytest.raises(SettingError):
        check_settings(KINDS[kind].settings, {**fake.settings(), "total_seconds": "for ever"})
