"""The whole road of docs/operations.md: an empty database, the commands of the page, an office's sheets, and the first alert leaves."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import aiohttp
import asyncpg

from tests.harness.gateways import SmsGateway, sms_gateway
from tests.harness.processes import ServiceProcesses
from tests.operations.commands import tocsin
from tests.stories.conftest import GATEWAY_SECRET

HOMES = "楼栋,单元,房号,姓名,手机\n3,2,1502,王女士,13900000001\n3,2,1503,周先生,13900000002\n"
ELEVATORS = "设施类型,名称,楼栋,单元,识别码\n电梯,1号梯,3,2,203117\n"
STAFF = "姓名,手机,部门,岗位\n张伟,13800000001,工程部,电工\n李强,13800000002,工程部,电工\n赵刚,13800000011,秩序部,秩序员\n钱经理,13800000021,,项目经理\n孙主管,13800000022,客服部,客服主管\n"


def roster() -> str:
    """Engineer and guard around the clock for three days, from yesterday on."""
    today = datetime.now(UTC).date()
    days = [today + timedelta(days=number) for number in (-1, 0, 1)]
    lines = [f"{day},{department},00:00,24:00,{duty},{backup}" for day in days for department, duty, backup in
             (("工程部", "张伟", "李强"), ("秩序部", "赵刚", ""))]  # fmt: skip
    return "日期,部门,开始,结束,值班人,备班人\n" + "\n".join(lines) + "\n"


async def bring_in(service: ServiceProcesses, folder: Path, kind: str, text: str) -> None:
    file = folder / f"{kind}.csv"
    file.write_text(text, "utf-8")
    code, said = await tocsin(service, "import", str(file), "--kind", kind, "--apply")
    assert code == 0, said


async def until_texted(gateway: SmsGateway, number: str, words: str, owner: asyncpg.Connection) -> None:
    """Wait for the message; looking at the database is what passes the time."""
    for _ in range(2000):
        if any(one.to == number and words in one.text for one in gateway.sent):
            return
        await owner.execute("SELECT pg_sleep(0.01)")
    raise AssertionError([(one.to, one.text) for one in gateway.sent])


async def test_from_an_empty_database_to_the_first_alert(database_url: str, owner: asyncpg.Connection, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    service = ServiceProcesses(database_url, tmp_path)
    code, said = await tocsin(
        service, "init", "--company", "安居物业", "--community", "云栖花园", "--login", "admin", "--desk-phone", "88001234"
    )
    assert code == 0, said
    for kind, text in (("residents", HOMES), ("facilities", ELEVATORS), ("staff", STAFF), ("rosters", roster())):
        await bring_in(service, tmp_path, kind, text)
    async with sms_gateway() as gateway, aiohttp.ClientSession() as session:
        settings = ("--settings", json.dumps(gateway.settings()), "--secret-stdin", "--signature", "安居物业")
        code, said = await tocsin(service, "channel", "add", "--kind", "http_sms", "--name", "sms", *settings, given=f"{GATEWAY_SECRET}\n")
        assert code == 0, said
        assert (await tocsin(service, "channel", "add", "--kind", "by_hand", "--name", "desk", "--rank", "9"))[0] == 0
        code, said = await tocsin(service, "token", "create", "set-up", "--role", "administrator", "--days", "1")
        assert code == 0, said
        headers = {"Authorization": f"Bearer {said.splitlines()[-1]}", "Idempotency-Key": f"road-{time()}"}
        async with service.running("serve"):
            number = {"what": "fire_rescue_119", "names": {"zh-CN": "消防", "en": "Fire service"}, "number": "119"}
            async with session.post(f"{service.url}/api/v1/outside-numbers", json=number, headers=headers) as answer:
                assert answer.status == 201, await answer.text()
            declaration = {"kind": "elevator_entrapment", "place": "3-2-L1", "facts": {"people_inside": 2}}
            headers["Idempotency-Key"] = f"alert-{time()}"
            async with session.post(f"{service.url}/api/v1/incidents", json=declaration, headers=headers) as answer:
                assert answer.status == 201, await answer.text()
            await until_texted(gateway, "+8613800000001", "困人", owner)
            await until_texted(gateway, "+8613800000011", "困人", owner)
        code, said = await tocsin(service, "timeline", "verify")
        assert code == 0, said
