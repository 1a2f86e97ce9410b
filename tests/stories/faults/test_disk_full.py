"""The disk of PostgreSQL is full, for its tables or for its log: nothing is acknowledged that is not kept, and all goes on once there is room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from tests.harness.filled import Filled
from tests.harness.nursery import Nursery, QuickProcesses
from tests.harness.small_disk import SmallDisk, can_mount, small_disk
from tests.harness.small_town import SmallTown, add_residents
from tests.stories.conftest import PATIENCE_SECONDS
from tests.stories.faults.conftest import TRAPPED, Scene, scene_elsewhere
from tocsin.base.embedded import Embedded

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not can_mount(), reason="Linux alone gives a test a file system of its own, and not everywhere"),
]
NAME = "tocsin_small_town"
RESIDENTS = 200


@dataclass
class Site:
    """A scene, and the disk that its PostgreSQL has for itself."""

    disk: SmallDisk
    scene: Scene
    promised: dict[str, int]

    async def declares(self, key: str) -> tuple[int, object]:
        """Declare an incident; the status, and the code of a refusal. What was acknowledged is noted."""
        status, answer = await self.scene.post("/incidents", TRAPPED, key=key)
        if status == 201:
            self.promised[key] = int(str(answer["id"]))
        return status, answer.get("code") if status != 201 else None

    async def until_declared(self, key: str) -> None:
        """Declare it again and again until it is acknowledged."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while key not in self.promised:
                with suppress(aiohttp.ClientError):
                    status, code = await self.declares(key)
                    assert status in (201, 409, 503), code
                await asyncio.sleep(0.05)

    async def ready(self) -> tuple[int, str]:
        """What /readyz says."""
        async with self.scene.session.get(f"{self.scene.service.url}/readyz") as answer:
            return answer.status, await answer.text()

    async def ends_well(self) -> None:
        """The judge finds nothing wrong, and each promise is kept once."""
        await self.scene.ends_well()
        there = [
            row["id"] for row in await self.scene.owner.fetch("SELECT id FROM incident WHERE kind = 'elevator_entrapment' ORDER BY id")
        ]
        assert there == sorted(self.promised.values())


@pytest.fixture
async def site(postgres: Embedded, filled: Filled, midwife: Nursery, tmp_path: Path) -> AsyncIterator[Site]:
    """The town, its API and a worker; its gateway takes eight at a time."""
    tmp_path.chmod(0o755)
    await filled.template_of("small_town")
    town = filled.value_of("small_town")
    assert isinstance(town, SmallTown)
    with small_disk(postgres) as disk:
        url = disk.host.url(NAME)
        service = QuickProcesses(url, tmp_path, extra={"TOCSIN_LEASE_SECONDS": "30"}, nursery=midwife)
        async with scene_elsewhere(url, url, town, service, in_flight=8) as scene:
            await scene.starts_api()
            await scene.starts_worker()
            yield Site(disk, scene, {})


async def test_full_in_the_middle_of_a_broadcast_nothing_is_half_done_and_nobody_is_told_twice(site: Site) -> None:
    scene = site.scene
    await add_residents(scene.owner, scene.town, RESIDENTS)
    scene.gateway.latency_seconds = 0.02
    await scene.tells_residents()
    await scene.until_true(lambda: len(scene.gateway.sent) > RESIDENTS // 10)
    site.disk.fill()
    refused = None
    for number in range(200):
        status, refused = await site.declares(f"call-{number}")
        assert (status, refused) in ((201, None), (503, "disk_full"))
        if refused:
            break
    assert refused, "a disk that is full was not noticed"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "disk_full" not in _log(scene, "worker"):
            await asyncio.sleep(0.02)
    status, said = await site.ready()
    assert status == 503 and "DiskFullError" in said
    async with scene.session.get(f"{scene.service.url}/metrics") as answer:
        assert "tocsin_database_disk_full 1.0" in await answer.text()

    site.disk.make_room()
    await site.until_declared(f"call-{number}")
    await site.ends_well()
    assert (await site.ready())[0] == 200
    assert not {one for one in scene.gateway.repeated if one.startswith("+86170")}
    log = _log(scene, "worker")
    assert [one.returncode for one in scene.processes] == [None, None]
    assert "Traceback" not in log and log.count("disk_full") < 100, "the worker spins"


async def test_with_no_room_for_its_log_postgresql_ends_itself_and_the_service_waits_for_it(site: Site) -> None:
    scene = site.scene
    await site.until_declared("before")
    site.disk.fill()
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        while True:
            await scene.owner.execute("SELECT pg_logical_emit_message(false, 'tests', repeat('x', 1000000)) FROM generate_series(1, 16)")
    status, code = await site.declares("meanwhile")
    assert (status, code) in ((503, "unavailable"), (503, "disk_full"))
    site.disk.make_room()
    await asyncio.to_thread(site.disk.start_again)
    await scene.meets_owner_again()
    await site.until_declared("meanwhile")
    await scene.phone("zhang").receives("困人", times=2)
    await site.ends_well()
    assert [one.returncode for one in scene.processes] == [None, None]


def _log(scene: Scene, process: str) -> str:
    return (scene.service.data_dir / f"{process}.log").read_text("utf-8")
