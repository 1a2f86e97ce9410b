"""The API is killed at each hop of what it does: what it had promised holds, what it had not promised does not exist."""

import asyncio

import aiohttp
import pytest

from tests.harness.cut_line import line_cut_before_answer
from tests.harness.processes import kill
from tests.stories.faults.conftest import TRAPPED, Scene


async def test_killed_before_its_commit_nothing_exists_and_the_repeat_declares_one_incident(scene: Scene) -> None:
    api, _ = await scene.starts_api(), await scene.starts_worker()
    async with scene.holding_work("alert") as hold:
        declaring = asyncio.create_task(scene.post("/incidents", TRAPPED, key="call-1"))
        await hold.caught("INSERT INTO work")
        await kill(api)
        with pytest.raises(aiohttp.ClientError):
            await declaring
        await hold.let_go()
    assert await scene.count("SELECT (SELECT count(*) FROM incident) + (SELECT count(*) FROM message)") == 0
    assert scene.gateway.sent == []

    await scene.starts_api()
    await scene.declares(key="call-1")
    await scene.declares(key="call-1")
    await scene.phone("zhang").receives("困人")
    assert await scene.count("SELECT count(*) FROM incident") == 1
    await scene.ends_well()


async def test_killed_after_its_commit_the_repeat_finds_the_incident_and_alerts_nobody_twice(scene: Scene) -> None:
    api, _ = await scene.starts_api(), await scene.starts_worker()
    async with line_cut_before_answer(scene.service.port, lambda: kill(api)) as url:
        headers = {"Authorization": f"Bearer {scene.token}", "Idempotency-Key": "call-1"}
        with pytest.raises(aiohttp.ClientError):
            await scene.session.post(f"{url}/api/v1/incidents", json=TRAPPED, headers=headers)
    committed = await scene.count("SELECT id FROM incident")

    await scene.starts_api()
    assert int(await scene.declares(key="call-1")) == committed
    await scene.phone("zhang").receives("困人")
    await scene.phone("zhao").receives("困人")
    assert await scene.count("SELECT count(*) FROM incident") == 1
    await scene.ends_well()
    assert scene.gateway.repeated == []


async def test_killed_while_it_folds_an_answer_by_link_the_answer_counts_once_when_it_is_given_again(scene: Scene) -> None:
    api, _ = await scene.starts_api(), await scene.starts_worker()
    incident = int(await scene.declares(key="call-1"))
    link = scene.link_in(await scene.phone("zhang").receives("困人"))
    async with scene.holding("LOCK TABLE answer IN SHARE MODE") as hold:
        pressing = asyncio.create_task(scene.presses(link, "on_the_way"))
        await hold.caught("INSERT INTO answer")
        await kill(api)
        with pytest.raises(aiohttp.ClientError):
            await pressing
        await hold.let_go()
    answered = "SELECT count(*) FROM incident_event WHERE incident_id = $1 AND kind = 'answered'"
    assert await scene.count(answered, incident) == 0

    await scene.starts_api()
    assert await scene.presses(link, "on_the_way") == 303
    assert await scene.presses(link, "on_the_way") == 303
    assert await scene.count(answered, incident) == 1
    await scene.forward(minutes=3)
    assert scene.phone("li").messages == []
    await scene.ends_well()


async def test_killed_while_it_takes_a_reply_the_gateway_comes_again_and_it_is_heard_once(scene: Scene) -> None:
    api, _ = await scene.starts_api(), await scene.starts_worker()
    incident = int(await scene.declares(key="call-1"))
    await scene.phone("zhang").receives("困人")
    reply: dict[str, object] = {"replies": [{"id": "in-1", "from": scene.phone("zhang").number, "text": "2"}]}
    async with scene.holding("LOCK TABLE reply IN SHARE MODE") as hold:
        posting = asyncio.create_task(scene.hook("replies", reply))
        await hold.caught("INSERT INTO reply")
        await kill(api)
        with pytest.raises(aiohttp.ClientError):
            await posting
        await hold.let_go()
    assert await scene.count("SELECT count(*) FROM reply") == 0

    await scene.starts_api()
    assert [await scene.hook("replies", reply) for _ in range(3)] == [200, 200, 200]
    await scene.phone("zhang").receives("已记您出发")
    assert await scene.count("SELECT count(*) FROM incident_event WHERE incident_id = $1 AND kind = 'answered'", incident) == 1
    await scene.ends_well()
    assert len(scene.phone("zhang").messages) == 2


async def test_killed_after_it_recorded_a_receipt_and_the_worker_while_it_applies_it_the_handset_s_word_still_counts(scene: Scene) -> None:
    api, worker = await scene.starts_api(), await scene.starts_worker()
    await scene.declares(key="call-1")
    await scene.phone("zhang").receives("困人")
    await scene.until("SELECT NOT EXISTS (SELECT FROM delivery)")
    await kill(worker)
    reference = next(one.reference for one in scene.gateway.sent if one.to == scene.phone("zhang").number)
    assert await scene.hook("receipts", {"receipts": [{"reference": reference, "state": "delivered"}]}) == 200
    await kill(api)
    assert await scene.count("SELECT count(*) FROM receipt_bundle WHERE applied_at IS NULL") == 1

    async with scene.holding("SELECT FROM delivery_settled FOR UPDATE") as hold:
        worker = await scene.starts_worker()
        await hold.caught("UPDATE delivery_settled")
        await kill(worker)
        await hold.let_go()
    assert await scene.count("SELECT count(*) FROM delivery_settled WHERE state = 'delivered'") == 0
    await scene.starts_worker()
    await scene.until("SELECT EXISTS (SELECT FROM delivery_settled WHERE state = 'delivered')")
    assert await scene.count("SELECT sum(confirmed) FROM message") == 1
    await scene.ends_well()


async def test_killed_with_a_stream_open_its_reader_goes_on_where_it_was(scene: Scene) -> None:
    api, _ = await scene.starts_api(), await scene.starts_worker()
    incident = await scene.declares(key="call-1")
    head = "SELECT head_no FROM incident WHERE id = $1"
    written = await scene.count(head, int(incident))
    seen: list[int] = []
    reading = asyncio.create_task(scene.follows(incident, seen))
    await scene.until_true(lambda: len(seen) == written)
    await kill(api)
    with pytest.raises(aiohttp.ClientError):
        await reading

    before = written
    await scene.forward(minutes=2)
    await scene.starts_api()
    reading = asyncio.create_task(scene.follows(incident, seen))
    written = await scene.count(head, int(incident))
    await scene.until_true(lambda: len(seen) >= written)
    reading.cancel()
    assert seen == list(range(1, written + 1)) and written > before
    await scene.ends_well()
