"""The calls that the desk has to make by hand, over the interface: how to talk to whom, page by page, and none that nobody needs any more."""

import asyncpg

from api.keys import Context
from notifiers.delivery.worker import Sender
from tests.api.conftest import Api, problem_of
from tests.harness.clock import StoryClock
from tests.harness.forward import Story
from tests.harness.gateways import SmsGateway
from tests.harness.small_town import SmallTown
from tocsin.app.worker import Worker
from tocsin.base.database import Database


async def test_a_call_says_how_to_talk_and_goes_when_somebody_has_taken_the_job(
    clerk: Api, town: SmallTown, context: Context, database: Database, database_url: str, sms: SmsGateway, owner: asyncpg.Connection
) -> None:  # fmt: skip
    sms.always = "refuse"
    await owner.execute("UPDATE person SET language = 'en', dialect = '温州话', preferred_means = 'family' WHERE name = '张伟'")
    await owner.execute("UPDATE contact_point SET proxy_name = '张小明', proxy_relation = '儿子' WHERE address = $1", town.phone("zhang"))
    declared = await clerk.declare()
    sender = Sender(database, context.secrets, context.wakeups, context.settings)
    story = Story(StoryClock(database_url), database, Worker(database, context.wakeups, context.secrets, context.settings), sender)
    await story.settle()
    await sender.close()
    path = f"/incidents/{declared['id']}/calls"
    everybody = await (await clerk.get(path)).json()
    assert len(everybody["items"]) > 1 and everybody["next"] is None
    called = next(one for one in everybody["items"] if one["name"] == "张伟")
    assert (called["language"], called["speaks"], called["dialect"], called["preferred_means"]) == ("en", "en", "温州话", "family")
    assert called["proxy"] == {"name": "张小明", "relation": "儿子"}
    assert "{" not in called["text"]

    paged, after = [], None
    while True:
        page = await (await clerk.get(path, limit="1", **({"after": after} if after else {}))).json()
        paged += page["items"]
        after = page["next"]
        if after is None:
            break
    assert paged == everybody["items"]
    await problem_of(await clerk.get(path, after="nonsense"), 400, "cursor_wrong")

    answer = {"person": called["person"], "kind": "received", "means": "phone"}
    assert (await clerk.post(f"/incidents/{declared['id']}/answers", answer)).status == 201
    left = await (await clerk.get(path)).json()
    assert {one["message"] for one in left["items"]}.isdisjoint({called["message"]}), "whoever need not come is not called"
