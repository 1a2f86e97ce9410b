"""A town with a real service in real processes, a real SMS gateway on loopback, and phones one can read and answer with."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import time

import aiohttp
import asyncpg
import pytest

from api.auth.tokens import NewToken, create_token
from notifiers.gateways import NewChannel, NewGateway, add_channel, add_gateway
from tests.harness.clock import StoryClock
from tests.harness.gateways import SmsGateway, sms_gateway
from tests.harness.processes import SECRET_KEY, ServiceProcesses
from tests.harness.small_town import SmallTown
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets

GATEWAY_SECRET = "a gateway's secret of enough length"
PATIENCE_SECONDS = 30.0
MUCH = 100_000
"""A gateway's rate, where the story is not about it."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One handset: what the gateway sent to it, and what it sends back."""

    number: str
    place: "Line"

    @property
    def messages(self) -> list[str]:
        """Texts in the order of their arrival."""
        return [one.text for one in self.place.gateway.sent if one.to == self.number]

    async def receives(self, words: str, *, times: int = 1) -> str:
        """Wait until a message with these words is there; the last such text."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found := [text for text in self.messages if words in text]) < times:
                await asyncio.sleep(0.02)
        return found[-1]

    async def replies(self, text: str) -> None:
        """The gateway posts this phone's SMS to the hook."""
        await self.place.hook("replies", {"replies": [{"id": f"in-{time()}", "from": self.number, "text": text}]})


@dataclass
class Line:
    """Everything a story needs to be told."""

    town: SmallTown
    gateway: SmsGateway
    service: ServiceProcesses
    owner: "asyncpg.Connection[asyncpg.Record]"
    clock: StoryClock
    token: str
    hook_key: str
    session: aiohttp.ClientSession
    said: list[dict[str, object]] = field(default_factory=list)

    def phone(self, name: str) -> Phone:
        """The handset of one of the cast."""
        return Phone(self.town.phone(name), self)

    async def post(self, path: str, body: dict[str, object], *, key: str | None = None) -> tuple[int, dict[str, object]]:
        """POST to the API as the desk; status and body."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or f"story-{time()}"}
        async with self.session.post(f"{self.service.url}/api/v1{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def get(self, path: str) -> dict[str, object]:
        """GET from the API as the desk."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.get(f"{self.service.url}/api/v1{path}", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, object] = await answer.json()
            return found

    async def hook(self, what: str, document: dict[str, object], *, secret: str = GATEWAY_SECRET) -> int:
        """Post as the gateway, signed; the status."""
        body, timestamp = json.dumps(document).encode(), str(int(time()))
        signature = hmac.new(secret.encode(), f"{timestamp}\n{what}\n".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Tocsin-Timestamp": timestamp, "Tocsin-Signature": signature}
        async with self.session.post(f"{self.service.url}/hooks/{self.hook_key}/{what}", data=body, headers=headers) as answer:
            return answer.status

    async def forward(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Story time goes on, stopping at each instant at which a timer is due until the worker has fired it."""
        until = await self.clock.now() + timedelta(minutes=minutes, seconds=seconds)
        while (due := await self.owner.fetchval("SELECT min(due_at) FROM timer")) is not None and due <= until:
            if due > await self.clock.now():
                await self.clock.set_clock(due)
            await self.until("SELECT NOT EXISTS (SELECT 1 FROM timer WHERE due_at <= $1)", due)
        await self.clock.set_clock(until)

    async def until(self, question: str, *values: object) -> None:
        """Wait until the owner's question is answered with true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.owner.fetchval(question, *values):
                await asyncio.sleep(0.02)


@asynccontextmanager
async def town_line(
    database: Database, service: ServiceProcesses, owner: "asyncpg.Connection[asyncpg.Record]", town: SmallTown,
    given: SmsGateway | None = None, **settings: object,
) -> AsyncIterator[Line]:  # fmt: skip
    """The town with its SMS gateway (a plain one, or the `given`; with these settings beside the usual ones), the desk's telephone and a token."""
    community = town.community_id
    async with sms_gateway(given) as gateway, aiohttp.ClientSession() as session:
        async with database.floor() as tx:
            company = await tx.connection.fetchval("SELECT company_id FROM community WHERE id = $1", community)
            secrets = Secrets(SECRET_KEY)
            by_sms = NewGateway(
                company, "http_sms", "sms", gateway.settings(**settings), GATEWAY_SECRET, rate_per_second=MUCH, burst=MUCH
            )  # fmt: skip
            sms = await add_gateway(tx, by_sms, secrets)
            by_hand = await add_gateway(tx, NewGateway(company, "by_hand", "desk"), secrets)
            token = await create_token(tx, NewToken(company, community, "desk", "supervisor"))
        async with database.community(community) as tx:
            await add_channel(tx, NewChannel(sms, rank=1, signature="安居物业"))
            await add_channel(tx, NewChannel(by_hand, rank=9))
        hook_key = await owner.fetchval("SELECT hook_key FROM gateway WHERE id = $1", sms)
        yield Line(town, gateway, service, owner, StoryClock(service.database_url), token, hook_key, session)


@pytest.fixture
async def line(
    database: Database, database_url: str, owner: asyncpg.Connection, small_town: SmallTown, tmp_path: Path
) -> AsyncIterator[Line]:  # fmt: skip
    """The town, its gateway and its token; the processes are started by the story."""
    tmp_path.chmod(0o755)
    service = ServiceProcesses(database_url, tmp_path, extra={"TOCSIN_LEASE_SECONDS": "2"})
    async with town_line(database, service, owner, small_town) as told:
        yield told
