"""The primary fails in the middle of a broadcast and a standby is promoted: in three ways, and nothing that was acknowledged is lost."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic

import aiohttp
import asyncpg
import pytest

from tests.harness.clock import StoryClock
from tests.harness.failover import Host, Lab, Line, lab, line_to
from tests.harness.filled import Filled
from tests.harness.nursery import Nursery, QuickProcesses
from tests.harness.small_town import SmallTown, add_residents, list_outside_numbers
from tests.stories.conftest import PATIENCE_SECONDS
from tests.stories.faults.conftest import TRAPPED, Scene, scene_elsewhere
from tocsin.base.database import connect
from tocsin.base.embedded import Embedded
from tocsin.base.patience import CLIENT_SECONDS

pytestmark = pytest.mark.timeout(180)
NAME = "tocsin_small_town"
WRITING_AGAIN_SECONDS = 5.0
COMMIT_IS_CUT_OFF_SECONDS = 20.0
RESIDENTS = 300


@dataclass
class Site:
    """A scene on a primary with two standbys; the service reaches the primary over a line that can fall silent."""

    lab: Lab
    line: Line
    scene: Scene

    @property
    def first(self) -> Host:
        """The primary at the beginning."""
        return self.lab.hosts["a"]


@pytest.fixture
async def site(postgres: Embedded, filled: Filled, midwife: Nursery, tmp_path: Path) -> AsyncIterator[Site]:
    """The town on three hosts, its API and a worker."""
    tmp_path.chmod(0o755)
    await filled.template_of("small_town")
    town = filled.value_of("small_town")
    assert isinstance(town, SmallTown)
    with lab(postgres) as made:
        async with line_to(made.hosts["a"].port) as line:
            ports = (line.port, made.hosts["b"].port, made.hosts["c"].port)
            url = f"postgresql://postgres@{','.join(f'127.0.0.1:{port}' for port in ports)}/{NAME}"
            direct = made.hosts["a"].url(NAME)
            service = QuickProcesses(url, tmp_path, extra={"TOCSIN_LEASE_SECONDS": "4"}, nursery=midwife)
            async with scene_elsewhere(url, direct, town, service) as scene:
                yield Site(made, line, scene)


def killed(site: Site) -> None:
    site.first.signal(signal.SIGKILL)


def frozen(site: Site) -> None:
    site.first.signal(signal.SIGSTOP)


def silent(site: Site) -> None:
    site.line.silent = True


@pytest.mark.parametrize("fails", [killed, frozen, silent])
async def test_a_standby_takes_over_in_the_middle_of_a_broadcast(site: Site, fails: Callable[[Site], None]) -> None:
    scene, promised = site.scene, list[int]()
    await add_residents(scene.owner, scene.town, RESIDENTS)
    await scene.starts_api()
    await scene.starts_worker()
    await scene.tells_residents()
    promised += [row["id"] for row in await scene.owner.fetch("SELECT id FROM incident")]
    load = [asyncio.create_task(_declares(scene, f"{client}", promised)) for client in range(3)]
    await scene.until_true(lambda: len(promised) >= 4 and len(scene.gateway.sent) > RESIDENTS // 10)

    fails(site)
    promoted = await site.lab.promote_best()
    begun, before = monotonic(), len(promised)
    scene.owner.terminate()
    scene.clock, scene.owner = StoryClock(promoted.url(NAME)), await asyncpg.connect(promoted.url(NAME))
    await scene.until_true(lambda: len(promised) > before)
    assert monotonic() - begun < WRITING_AGAIN_SECONDS
    for task in load:
        task.cancel()
    await asyncio.gather(*load, return_exceptions=True)

    site.line.silent = False
    if fails is frozen:
        site.first.signal(signal.SIGCONT)
    if fails is killed:
        site.first.folder.joinpath("postmaster.pid").unlink(missing_ok=True)
        site.lab.start(site.first)
    incident = await _insists(scene, "after")
    old = await asyncpg.connect(site.first.url(NAME))
    assert not await old.fetchval("SELECT EXISTS (SELECT FROM incident WHERE id = $1)", incident), "the old primary takes no part"
    await old.close()
    await scene.ends_well()
    there = {row["id"] for row in await scene.owner.fetch("SELECT id FROM incident")}
    assert set(promised) <= there, "acknowledged, and lost"


async def _declares(scene: Scene, client: str, promised: list[int]) -> None:
    """Declare one incident after the other."""
    for number in count():
        promised.append(await _insists(scene, f"{client}-{number}"))
        await asyncio.sleep(0.1)


async def _insists(scene: Scene, key: str) -> int:
    """Declare an incident, again and again until it is acknowledged; its id."""
    while True:
        try:
            async with asyncio.timeout(4):
                status, answer = await scene.post("/incidents", TRAPPED, key=key)
        except (aiohttp.ClientError, TimeoutError):
            continue
        if status == 201:
            return int(str(answer["id"]))
        assert status in (409, 503), answer
        await asyncio.sleep(0.1)


async def test_with_both_standbys_frozen_nothing_is_acknowledged_and_nothing_is_sent_until_one_thaws(site: Site) -> None:
    scene = site.scene
    await scene.starts_api()
    await scene.starts_worker()
    for name in ("b", "c"):
        site.lab.hosts[name].signal(signal.SIGSTOP)
    begun = monotonic()
    status, answer = await scene.post("/incidents", TRAPPED, key="call-1")
    assert (status, answer["code"]) == (503, "not_durable"), "a 2xx that no standby has"
    assert CLIENT_SECONDS <= monotonic() - begun < COMMIT_IS_CUT_OFF_SECONDS, "the client is told after a moment, and the commit waits on"
    status, _ = await scene.post("/incidents", TRAPPED, key="call-2")
    assert (status, _log(scene).count("commit_unconfirmed")) == (503, 1), "where one waits, another would only wait as well"
    assert (await scene.get("/incidents"))["items"] == [], "what is there can be read"
    assert scene.gateway.sent == []
    site.lab.hosts["b"].signal(signal.SIGCONT)
    await scene.until_true(lambda: "commit_confirmed_late" in _log(scene))
    status, answer = await scene.post("/incidents", TRAPPED, key="call-1")
    assert (status, answer["id"]) == (201, str(await scene.count("SELECT id FROM incident")))
    await scene.phone("zhang").receives("困人")
    assert await scene.count("SELECT count(*) FROM incident") == 1
    site.lab.hosts["c"].signal(signal.SIGCONT)
    await scene.ends_well()


async def test_a_commit_that_waits_for_a_standby_is_not_cut_off_by_the_time_limit_of_statements(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.base.database.COMMAND_SECONDS", 0.5)
    database = await connect(site.first.url(NAME))

    async def writes() -> None:
        async with database.community(site.scene.community) as tx:
            await list_outside_numbers(tx)

    numbers = "SELECT count(*) FROM outside_number"
    before = await site.scene.count(numbers)
    for name in ("b", "c"):
        site.lab.hosts[name].signal(signal.SIGSTOP)
    writing = asyncio.create_task(writes())
    done, _ = await asyncio.wait({writing}, timeout=1.5)
    seen = await site.scene.count(numbers)
    for name in ("b", "c"):
        site.lab.hosts[name].signal(signal.SIGCONT)
    assert not done and seen == before, "cut off, it would be there for everybody, and on no standby"
    await writing
    assert await site.scene.count(numbers) > before
    await database.close()


async def test_an_old_primary_that_is_the_only_one_left_is_refused(site: Site) -> None:
    scene = site.scene
    await scene.starts_api()
    await scene.declares(key="call-1")
    promoted = await site.lab.promote_best()
    await scene.until_true(lambda: "database_moved" in _log(scene))
    await _insists(scene, "call-2")
    for name in ("b", "c"):
        site.lab.hosts[name].signal(signal.SIGKILL)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "old_primary_refused" not in _log(scene):
            status, _ = await scene.post("/incidents", TRAPPED, key="call-3")
            assert status == 503
    old = await asyncpg.connect(site.first.url(NAME))
    assert await old.fetchval("SELECT count(*) FROM incident") == 1
    await old.close()
    assert promoted.name in ("b", "c")


def _log(scene: Scene) -> str:
    return (scene.service.data_dir / "serve.log").read_text("utf-8")
