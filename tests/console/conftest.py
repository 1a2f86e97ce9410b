"""A served town with a log-in, a gateway that catches, a worker run by the story, and a browser to look with."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.sessions import open_session
from api.keys import Context
from api.press_connection import PressSite
from api.routes import make_app
from incidents.actors import Actor
from incidents.desk.changes import Desk, set_facts, tell_residents_now
from incidents.desk.declare import Declaration, Declared, declare
from notifiers.delivery.worker import Sender
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway
from notifiers.links import make_link
from tests.harness.browser import running_chromium
from tests.harness.clock import StoryClock
from tests.harness.forward import Story
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.harness.processes import SECRET_KEY, free_port
from tests.harness.small_town import SmallTown
from tocsin.app.worker import Worker
from tocsin.base.database import Database, Tx
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

CLERK = Actor("account", "陈静")


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at a page."""

    language: str = "zh-CN"
    theme: str = "light"
    width: int = 1440
    scripts: bool = True

    @property
    def name(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


LOOKS = (Look("zh-CN", "light", 390), Look("zh-CN", "dark", 1440), Look("en", "dark", 390), Look("en", "light", 1440))
"""Every language in every theme and at every width, every theme at every width: what may go wrong lies in two of the three."""


@dataclass
class Console:
    """Everything a test of the pages needs."""

    url: str
    context: Context
    town: SmallTown
    gateway: SmsGateway
    story: Story
    browser: Browser
    cookie: str
    runner: web.AppRunner | None = None

    async def serve(self) -> None:
        """Listen at the town's address."""
        self.runner = web.AppRunner(make_app(self.context), access_log=None, shutdown_timeout=0.5)
        await self.runner.setup()
        await PressSite(self.runner, self.context.settings.host, self.context.settings.port).start()

    async def stop_serving(self) -> None:
        """The server goes away; whoever watches loses it."""
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None

    async def visitor(self, look: Look | None = None, *, logged_in: bool = True) -> BrowserContext:
        """A browser of its own, logged in as the supervisor unless told otherwise."""
        look = look or Look()
        context = await self.browser.new_context(
            viewport={"width": look.width, "height": 900 if look.width > 500 else 844}, java_script_enabled=look.scripts
        )
        chosen = {"tocsin_language": look.language, "tocsin_theme": look.theme, **({"tocsin": self.cookie} if logged_in else {})}
        await context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in chosen.items()])
        return context

    async def page(self, path: str, look: Look | None = None, *, logged_in: bool = True) -> Page:
        """The page at `path`, opened in a browser of its own."""
        page = await (await self.visitor(look, logged_in=logged_in)).new_page()
        await page.goto(self.url + path)
        return page

    async def declare(self, kind: str, place: str, *, drill: bool = False) -> Declared:
        """Declared by the clerk, and everything due carried out."""
        async with self.community() as tx:
            declaration = Declaration(kind=kind, place_id=self.town.places[place], drill=drill)
            declared = await declare(tx, self.context.wakeups, declaration, CLERK)
        await self.story.settle()
        return declared

    async def tell_residents(self, declared: Declared) -> None:
        """Somebody takes it upon themselves that residents are told now."""
        async with self.community() as tx:
            await tell_residents_now(Desk(tx, self.context.wakeups, CLERK), declared.incident_id)
        await self.story.settle()

    async def know(self, declared: Declared, **facts: object) -> None:
        """The clerk notes answers of the caller."""
        async with self.community() as tx:
            await set_facts(Desk(tx, self.context.wakeups, CLERK), declared.incident_id, facts)
        await self.story.settle()

    async def loses_contact(self, name: str) -> None:
        """Nobody knows any more how to reach this person."""
        async with self.community() as tx:
            await tx.connection.execute("DELETE FROM contact_point WHERE person_id = $1", self.town.people[name])

    async def at_hour(self, hour: int) -> None:
        """It is tomorrow at `hour` on the wall, and the supervisor has just logged in: a session lasts for twelve hours of the story."""
        now = await self.story.clock.now()
        await self.story.clock.set_clock((now + timedelta(days=1)).replace(hour=(hour - 8) % 24, minute=0, second=0))
        await self.log_in_again()

    async def log_in_again(self) -> None:
        """A session that begins now."""
        async with self.context.database.floor() as tx:
            account = await tx.connection.fetchval("SELECT id FROM account WHERE login = 'sun'")
            self.cookie = await open_session(tx, account_id=account, community_id=self.town.community_id)

    def community(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction of the town."""
        return self.context.database.community(self.town.community_id)

    def answer_link(self, name: str) -> str:
        """The path of the link that somebody's handset received last."""
        number = self.town.phone(name)
        words = next(one.text for one in reversed(self.gateway.sent) if one.to == number and "/a/" in one.text)
        return "/a/" + words.rpartition("/a/")[2].split()[0]

    async def resident_link(self, name: str) -> str:
        """The path of a resident's page of what they were told last; the link an e-mail or a QR code carries."""
        async with self.community() as tx:
            member = await tx.connection.fetchrow(
                "SELECT message_id, delivery_no FROM audience_member WHERE person_id = $1 AND delivery_no IS NOT NULL"
                " ORDER BY message_id DESC", self.town.people[name],
            )  # fmt: skip
        assert member is not None
        return "/s/" + make_link(self.context.secrets, "s", self.town.community_id, member["message_id"], member["delivery_no"])


async def _add_ways(tx: Tx, company: int, gateway: SmsGateway, secrets: Secrets) -> tuple[int, int]:
    settings = NewGateway(
        company, "http_sms", "sms", gateway.settings(), "a gateway's secret of enough length", rate_per_second=1000, burst=1000
    )
    return await add_gateway(tx, settings, secrets), await add_gateway(tx, NewGateway(company, "by_hand", "desk"), secrets)


async def _log_in(tx: Tx, company: int, community: int) -> str:
    account = await create_account(tx, NewAccount(company, "sun", "孙主管"))
    await add_membership(tx, account_id=account, community_id=community, role="supervisor")
    return await open_session(tx, account_id=account, community_id=community)


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """The address of the browser of this test process: whoever leaves it leaves nothing behind."""
    with running_chromium() as address:
        yield address


@pytest.fixture
async def console(database: Database, database_url: str, small_town: SmallTown, chromium: str) -> AsyncIterator[Console]:
    """The town with its pages served on loopback."""
    port = free_port()
    secrets = Secrets(SECRET_KEY)
    settings = Settings(listen=f"127.0.0.1:{port}")
    context = Context(database, Wakeups(database), secrets, settings)
    town, community = small_town, small_town.community_id
    async with sms_gateway() as gateway, async_playwright() as playwright:
        async with database.floor() as tx:
            company = await tx.connection.fetchval("SELECT company_id FROM community")
            sms, by_hand = await _add_ways(tx, company, gateway, secrets)
            cookie = await _log_in(tx, company, community)
        async with database.community(community) as tx:
            await add_channel(tx, NewChannel(sms, rank=1, signature="安居物业"))
            await add_channel(tx, NewChannel(by_hand, rank=9))
        listening = asyncio.ensure_future(context.wakeups.listen())
        browser = await playwright.chromium.connect(chromium)
        worker = Worker(database, context.wakeups, secrets, settings)
        story = Story(StoryClock(database_url), database, worker, Sender(database, secrets, context.wakeups, settings))
        served = Console(settings.public_url, context, town, gateway, story, browser, cookie)
        await served.serve()
        yield served
        await story.sender.close()
        await browser.close()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await served.stop_serving()
