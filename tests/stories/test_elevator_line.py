"""The first line: an entrapment from declaration to acknowledgement, over real processes, and what a killed worker leaves."""

from tests.harness.processes import kill
from tests.stories.conftest import Line


async def declare(line: Line) -> str:
    status, declared = await line.post("/incidents", {"kind": "elevator_entrapment", "place": "3-2-L1", "facts": {}})
    assert status == 201, declared
    return str(declared["id"])


async def test_silence_reaches_the_backup_and_one_answers_for_all(line: Line) -> None:
    async with line.service.running("serve", "--no-worker"), line.service.running("worker"):
        incident = await declare(line)
        alert = await line.phone("zhang").receives("困人")
        assert "3栋2单元1号梯" in alert and "人数不详" in alert
        assert line.phone("li").messages == []

        await line.forward(minutes=2)
        await line.phone("li").receives("困人")
        await line.phone("li").replies("1")
        await line.phone("li").receives("已记您接单")
        await line.phone("zhang").receives("已由李强接单")

        await line.forward(minutes=4)
        assert line.phone("wang_jun").messages == []
        shown = await line.get(f"/incidents/{incident}/timeline")
        assert "answered" in str(shown)
        code, said = await line.service.command("timeline", "verify")
        assert code == 0, said


async def test_a_worker_killed_between_send_and_settle_leaves_unknown_and_tells_nobody_twice(line: Line) -> None:
    line.gateway.always = "hang"
    async with line.service.running("serve", "--no-worker"):
        async with line.service.running("worker") as worker:
            await declare(line)
            await line.phone("zhang").receives("困人")
            await line.until("SELECT EXISTS (SELECT 1 FROM delivery WHERE state = 'sending')")
            await kill(worker)
        line.gateway.always = None
        async with line.service.running("worker"):
            await line.until("SELECT EXISTS (SELECT 1 FROM delivery_attempt WHERE outcome = 'lease_expired')")
            await line.until("SELECT NOT EXISTS (SELECT 1 FROM delivery)")
            states = await line.owner.fetch(
                "SELECT s.state FROM delivery_settled s JOIN channel c ON c.id = s.channel_id WHERE c.kind = 'sms'"
            )
            assert [row["state"] for row in states] == ["unknown", "unknown"]
            assert line.gateway.repeated == []
            calls = await line.owner.fetchval(
                "SELECT count(*) FROM delivery_settled s JOIN channel c ON c.id = s.channel_id WHERE c.kind = 'by_hand'"
            )
            assert calls == 2
        code, said = await line.service.command("timeline", "verify")
        assert code == 0, said
