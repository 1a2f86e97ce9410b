"""A whole story with every log there is: no line holds a secret, a link's mark or a whole telephone number of anybody in it."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import asyncpg
import orjson
import pytest
import structlog
from aiohttp.test_utils import TestClient, TestServer

from api.keys import Context
from api.routes import make_app
from notifiers.canaries.named import name_canary
from notifiers.canaries.sending import send_test_now
from notifiers.channels.http_sms.channel import HttpSmsChannel
from notifiers.channels.wire.signatures import sign
from notifiers.delivery.worker import Sender
from notifiers.quality import chore as quality
from tests.api.conftest import ENTRAPMENT, GATEWAY_SECRET, SECRET_KEY, Api
from tests.harness.clock import StoryClock
from tests.harness.gateways import SmsGateway
from tests.harness.small_town import RESIDENTS, STAFF, SmallTown
from tocsin.app.chores import CHORES
from tocsin.app.worker import Worker
from tocsin.base.database import Database
from tocsin.base.logs import configure_logs
from tocsin.base.secrets import Secrets

NEXT_KEY = "the next key, which is as long as the one before"
CALLER, STRANGER = "13955556666", "+8613712345678"


@pytest.fixture
def said() -> Iterator[StringIO]:
    """Everything that is logged meanwhile, by us and by the libraries, down to the smallest."""
    lines, root = StringIO(), logging.getLogger()
    configure_logs(as_json=True, level="DEBUG", stream=lines)
    handler, level = logging.StreamHandler(lines), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


async def test_no_line_holds_a_secret_or_a_whole_number(
    said: StringIO, clerk: Api, supervisor: Api, town: SmallTown, context: Context, database: Database, database_url: str, sms: SmsGateway,
    owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sms.faults.extend(["error", "nonsense"])
    await clerk.declare({**ENTRAPMENT, "reporter": {"name": "路人", "phone": CALLER, "call_back_minutes": 5}})
    wakeups, rotated = context.wakeups, replace(context, secrets=Secrets(NEXT_KEY, SECRET_KEY))
    sender, worker = (
        Sender(database, context.secrets, wakeups, context.settings),
        Worker(database, wakeups, context.secrets, context.settings),
    )
    await sender.run_once()
    await worker.run_once()
    await sender.run_once()
    hook_key = await owner.fetchval("SELECT hook_key FROM gateway WHERE kind = 'http_sms'")
    answered = next(one for one in sms.sent if "/a/" in one.text)
    link = "/a/" + answered.text.rpartition("/a/")[2].split()[0]

    served = TestServer(make_app(rotated))
    await served.start_server(access_log=None)  # as the service does: addresses of hooks and links are keys
    async with TestClient(served) as after_rotation:
        for number, (sender_number, text) in enumerate([(answered.to, "1"), (STRANGER, "谁啊 13612341234"), (answered.to, "nonsense")]):
            body = orjson.dumps({"replies": [{"from": sender_number, "text": text, "id": f"r{number}"}, {"odd": sender_number}]})
            headers = sign(GATEWAY_SECRET, "replies", body)
            assert (await after_rotation.post(f"/hooks/{hook_key}/replies", data=body, headers=headers)).status == 200
        body = orjson.dumps({"receipts": [{"reference": f"1-{answered.to.removeprefix('+86')}-1", "state": "delivered"}]})
        await after_rotation.post(f"/hooks/{hook_key}/receipts", data=body, headers=sign(GATEWAY_SECRET, "receipts", body))
        forged = await after_rotation.post(
            f"/hooks/{hook_key}/replies", data=b"{}", headers=sign("not the secret of the gateway", "x", b"")
        )
        assert forged.status == 401
        assert (await after_rotation.get(link)).status == 200
        assert (await after_rotation.post(link, data={"kind": "on_the_way", "minutes": "5"}, allow_redirects=False)).status == 303
        assert (await after_rotation.get(link[:-1] + "x")).status in (404, 410)
    assert await owner.fetchval("SELECT count(*) FROM answer WHERE evidence IN ('sms', 'link')") == 2, (
        "the SMS of before the rotation counts"
    )

    point = await owner.fetchval("SELECT id FROM contact_point WHERE address = $1", town.phone("mrs_wang"))
    whole = await (await supervisor.post(f"/contact-points/{point}/look", {"why": f"call back {town.phone('mrs_wang')}"})).json()
    assert whole["address"] == town.phone("mrs_wang")

    async def breaks(*_: object) -> None:
        raise RuntimeError(f"cannot reach {town.phone('zhang')} nor {town.phone('mrs_wang').removeprefix('+86')}")

    monkeypatch.setattr(HttpSmsChannel, "send", breaks)
    async with database.community(town.community_id) as tx:
        await name_canary(tx, town.places["3"], town.people["mrs_wang"], by="孙主管")
        await send_test_now(tx)
    await sender.run_once()
    await StoryClock(database_url).forward_clock(minutes=40)
    for _ in range(3):
        await worker.run_once()
    monkeypatch.setattr(quality, "run_once", breaks)
    await worker._fenced(next(one for one in CHORES if one.lane == "quality"), town.community_id)  # noqa: SLF001
    await sender.close()

    lines = said.getvalue()
    assert {"request", "channel_raised", "way_not_proven", "chore_failed"} <= set(re.findall(r'"event": ?"(\w+)"', lines))
    secrets = [GATEWAY_SECRET, SECRET_KEY, NEXT_KEY, clerk.token, supervisor.token, hook_key, link.rpartition("-")[2]]
    assert [one for one in secrets if one in lines] == []
    numbers = [row[1] for row in (*STAFF.values(), *RESIDENTS.values())] + [CALLER, STRANGER, "13612341234"]
    digits = re.sub(r"(?<=\d)[ -](?=\d)", "", lines)
    assert [one for one in numbers if one.removeprefix("+86") in digits] == []
