"""The outside watcher hears from the service while all is well, and nothing when it is not."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from api.service_state import LaneState, ServiceState
from notifiers.delivery.reports import WorkerSeen
from notifiers.delivery.worker import Sender
from tests.harness.processes import SECRET_KEY
from tests.harness.small_town import SmallTown
from tocsin.app import audit
from tocsin.app.cli.status_words import check_of_beat
from tocsin.app.heartbeat import Heartbeat, last_beat
from tocsin.app.reporting import Reporter
from tocsin.base.database import Database
from tocsin.base.errors import SettingsError
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import DELIVERY_LANES, Wakeups

Beats = Callable[..., Heartbeat]
NOW = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
WORKER = WorkerSeen("one", NOW, 1.0, 0, 0.0, 0.0, 16, 2)
WELL = audit.Looked(
    ServiceState(dict.fromkeys(DELIVERY_LANES, LaneState(9, 30.0)), 0, (), (WORKER,), (), ()), 2.0, 1.0, True, 2**33, NOW - timedelta(minutes=50), NOW
)  # fmt: skip


@pytest.mark.parametrize(
    ("looked", "found"),
    [
        (WELL, []),
        (replace(WELL, state=replace(WELL.state, held=(1,))), ["sending_held"]),
        (replace(WELL, state=replace(WELL.state, workers=())), ["no_worker"]),
        (replace(WELL, state=replace(WELL.state, lanes={**WELL.state.lanes, "alert": LaneState(1, 61.0)})), ["alerts_late"]),
        (replace(WELL, state=replace(WELL.state, lanes={**WELL.state.lanes, "notice": LaneState(90_000, 5000.0)})), []),
        (replace(WELL, timers_late_seconds=61.0, durable=False), ["timers_late", "not_durable"]),
        (replace(WELL, news_late_seconds=61.0), ["news_late"]),
        (replace(WELL, state=replace(WELL.state, set_apart=1)), ["quarantine"]),
        (replace(WELL, free_bytes=2**20), ["disk_full"]),
        (replace(WELL, verified_at=NOW - timedelta(hours=3)), ["timelines_not_verified"]),
    ],
)
def test_what_an_audit_finds(looked: audit.Looked, found: list[str]) -> None:
    assert audit.findings(looked) == found


@dataclass
class Watcher:
    """A real watcher on loopback: it notes who called, and answers as it is told."""

    url: str = ""
    status: int = 200
    paths: list[str] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    watcher = Watcher()
    app = web.Application()
    app.router.add_get("/{path:.*}", watcher.hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    watcher.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/secret-of-the-watcher"
    yield watcher
    await runner.cleanup()


@pytest.fixture
async def heartbeat(database: Database, watcher: Watcher, tmp_path: Path) -> AsyncIterator[Callable[..., Heartbeat]]:
    """Makes the heartbeat of a worker."""
    made: list[Heartbeat] = []

    def make(allowed: str = "127.0.0.1") -> Heartbeat:
        settings = Settings(data_dir=tmp_path, heartbeat_url=SecretStr(watcher.url), heartbeat_allow_private=allowed)
        made.append(Heartbeat(database, settings))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def due_again(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE heartbeat SET due_at = clock_timestamp()")


@pytest.fixture
async def at_work(database: Database, small_town: SmallTown, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has reported, on a disk that keeps what is written (the tests' own does not, so that they are quick)."""
    sender = Sender(database, Secrets(SECRET_KEY), Wakeups(database), Settings())
    await Reporter(database, sender).report_once()

    async def is_durable(_tx: object) -> bool:
        return True

    monkeypatch.setattr(audit, "is_durable", is_durable)


@pytest.mark.usefixtures("at_work")
async def test_all_is_well_once_a_minute_by_one_of_all_workers(database: Database, watcher: Watcher, heartbeat: Beats) -> None:
    beats = [heartbeat() for _ in range(2)]
    assert [await one.beat_once() for one in beats] == [True, False]
    assert watcher.paths == ["/ping/secret-of-the-watcher"]
    async with database.floor() as tx:
        last = await last_beat(tx)
    assert last.sent_at is not None and last.verified_at is not None and not last.withheld
    assert check_of_beat(last, watched=True)["heartbeat"]["ok"] is True


@pytest.mark.usefixtures("at_work")
async def test_silence_where_something_is_wrong_and_the_reason_for_who_asks(
    database: Database, owner: asyncpg.Connection, watcher: Watcher, heartbeat: Beats
) -> None:
    beat = heartbeat()
    await owner.execute("UPDATE community SET may_send = false")
    with capture_logs() as logs:
        assert not await beat.beat_once()
    assert watcher.paths == [] and [(one["event"], one["found"]) for one in logs] == [("heartbeat_withheld", ["sending_held"])]
    async with database.floor() as tx:
        shown = check_of_beat(await last_beat(tx), watched=True)["heartbeat"]
    assert shown["ok"] is False and shown["sent"] == "never" and len(str(shown["withheld"])) > 20
    await owner.execute("UPDATE community SET may_send = true")
    await due_again(owner)
    assert await beat.beat_once()


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize(("status", "problem"), [(500, "http_500"), (302, "http_302")])
async def test_a_watcher_that_does_not_take_it_is_no_alarm_of_its_own(
    watcher: Watcher, heartbeat: Beats, status: int, problem: str
) -> None:
    watcher.status = status
    with capture_logs() as logs:
        assert not await heartbeat().beat_once()
    assert len(watcher.paths) == 1, "no redirect is followed"
    assert [(one["event"], one["problem"]) for one in logs] == [("heartbeat_not_taken", problem)]
    assert "secret-of-the-watcher" not in str(logs)


async def test_a_watcher_within_the_house_has_to_be_named(database: Database, watcher: Watcher, heartbeat: Beats) -> None:
    with pytest.raises(SettingsError) as refused:
        heartbeat(allowed="")
    assert "TOCSIN_HEARTBEAT_ALLOW_PRIVATE" in str(refused.value.values) and "secret-of-the-watcher" not in str(refused.value.values)


@pytest.mark.usefixtures("at_work")
async def test_a_record_that_is_not_whole_withholds_it(
    database: Database, owner: asyncpg.Connection, small_town: SmallTown, watcher: Watcher, heartbeat: Beats
) -> None:
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "INSERT INTO incident (community_id, number, code, kind, severity, status, drill, place_id, facts, head_no, head_hash, head_at, declared_at)"
        " SELECT $1, 1, 'K1', 'power_cut', 'urgent', 'open', false, min(id), '{}', 3, sha256('x'), story_now(), story_now()"
        " FROM place WHERE community_id = $1",
        small_town.community_id,
    )
    with capture_logs() as logs:
        assert not await heartbeat().beat_once()
    assert [one["event"] for one in logs] == ["timeline_broken", "heartbeat_withheld"] and watcher.paths == []


async def test_a_disk_that_loses_what_is_written_is_seen(database: Database) -> None:
    async with database.floor() as tx:
        assert not await audit.is_durable(tx), "the tests' own PostgreSQL runs with fsync off"
