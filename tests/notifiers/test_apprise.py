"""Groups by Apprise: only addresses that we built, no redirects, no tokens in logs, and nothing believed but "handed over"."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import get_args

import pytest
from aiohttp import web
from apprise.plugins.discord import NotifyDiscord

from notifiers.channels.apprise.addresses import apprise_address
from notifiers.channels.apprise.plugins import PLUGINS, make_service
from notifiers.channels.apprise.settings import Service
from notifiers.channels.registry import KINDS
from notifiers.channels.shape import Accepted, Channel, NotSent, Outgoing, Refused, Unknown
from notifiers.errors import SettingError
from notifiers.setting_errors import check_settings
from tocsin.base.logs import configure_logs

TOKEN = "JHZ7lQml277CDHmQKMHI8qBe7bk2ZwO5UKjCiOAF7711o33MyqU344Qpgv7YTpadV"
SECRET = f"417429632418316298/{TOKEN}"
MESSAGE = Outgoing(
    "1-2s-1",
    "group",
    "zh-CN",
    "困人,3栋2单元1号梯 https://tocsin.example/a/x",
    "elevator.engineers",
    code="K7",
    link="https://tocsin.example/a/x",
)


@dataclass
class Discord:
    """A webhook of Discord. `answer`: its status; `hold`: it answers when this is set."""

    said: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answer: int = 204
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        self.said.append((await request.json()).get("content", ""))
        await self.hold.wait()
        return web.Response(status=self.answer, headers={"Location": "/elsewhere"} if self.answer == 307 else {})


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    service = Discord()
    service.hold.set()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", service.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://127.0.0.1:{runner.addresses[0][1]}/api/webhooks")
    yield service
    service.hold.set()
    await runner.cleanup()


def opened(secret: str = SECRET, **settings: object) -> Channel:
    kind = KINDS["apprise"]
    return kind.open(check_settings(kind.settings, {"service": "discord", **settings}), secret)


async def test_a_message_is_handed_over_without_its_link_and_with_its_note(discord: Discord) -> None:
    channel = opened()
    assert not channel.abilities.receipts and KINDS["apprise"].mirror
    assert await channel.send([MESSAGE]) == [Accepted()]
    assert discord.paths == [f"/api/webhooks/{SECRET}"]
    assert "困人,3栋2单元1号梯" in discord.said[0] and "此群消息不算接单" in discord.said[0] and "/a/x" not in discord.said[0]
    await channel.close()


@pytest.mark.parametrize("status", [307, 400, 404, 429, 500])
async def test_what_was_not_taken_is_unknown_and_no_redirect_is_followed(discord: Discord, status: int) -> None:
    discord.answer = status
    channel = opened()
    (outcome,) = await channel.send([MESSAGE])
    assert isinstance(outcome, Unknown) and "/elsewhere" not in discord.paths
    # Told that it was too much, the plugin for Discord asks once more by itself: nothing was taken then.
    assert len(discord.paths) == (2 if status == 429 else 1)
    await channel.close()


async def test_a_service_that_hangs_holds_up_nobody_for_longer_than_agreed(discord: Discord) -> None:
    discord.hold.clear()
    channel = opened(total_seconds=0.4)
    outcomes = await channel.send([MESSAGE] * 4)
    assert outcomes[:2] == [Unknown("no_answer_in_time")] * 2 and outcomes[2:] == [NotSent("unavailable")] * 2
    assert len(discord.paths) <= 2
    discord.hold.set()
    await channel.close()


async def test_tokens_reach_no_log(discord: Discord, caplog: pytest.LogCaptureFixture) -> None:
    logged = io.StringIO()
    configure_logs(as_json=True, level="DEBUG", stream=logged)
    caplog.set_level(logging.DEBUG)
    channel = opened()
    for status in (204, 400):
        discord.answer = status
        outcomes = await channel.send([MESSAGE])
        assert TOKEN not in repr(outcomes)
    assert TOKEN not in logged.getvalue() + caplog.text + repr(channel)
    await channel.close()


@pytest.mark.parametrize(
    "secret",
    [
        "", "127.0.0.1/x", f"{SECRET}?redirect=yes", f"{SECRET}?verify=no", f"{SECRET}?template=/etc/passwd", f"{SECRET}, json://127.0.0.1",
        f"{SECRET}/../x", f"user@{SECRET}", f"json://127.0.0.1/{SECRET}", f"{SECRET}\n", f" {SECRET}", f"{SECRET}#x", SECRET.replace("/", "%2F"),
    ],
)  # fmt: skip
async def test_whatever_is_not_exactly_a_service_s_tokens_is_refused_before_apprise_sees_it(discord: Discord, secret: str) -> None:
    assert apprise_address("discord", secret) is None
    channel = opened(secret)
    assert await channel.send([MESSAGE]) == [Refused("secret_malformed", "secret_malformed", account=True)]
    assert discord.paths == []
    await channel.close()


async def test_nobody_is_addressed_but_the_group(discord: Discord) -> None:
    channel = opened()
    for address in ("all", "+8613800000001", "mailto://x"):
        assert await channel.send([replace(MESSAGE, address=address)]) == [Refused("address_malformed", "address_malformed")]
    assert discord.paths == []
    await channel.close()


def test_nothing_else_of_apprise_is_open() -> None:
    assert set(PLUGINS) == set(get_args(Service))
    for schema in ("json", "syslog", "mailto", "rsyslog", "mqtt", "form", "apprise", "macosx", "windows", "workflow", ""):
        with pytest.raises(SettingError):
            check_settings(KINDS["apprise"].settings, {"service": schema})


@pytest.mark.parametrize(
    ("service", "secret"),
    [
        ("slack", "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"),
        ("tgram", "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/-1001234567890"),
        ("discord", SECRET),
    ],
)
def test_the_services_tokens_are_known_to_apprise_and_follow_no_redirect(service: Service, secret: str) -> None:
    address = apprise_address(service, secret)
    assert address is not None
    made = make_service(PLUGINS[service], address)
    assert made.redirects is False and made.verify_certificate is True and made.retry == 0
