"""The record is true: a changed byte, a removed row and a cut-off tail are found, and named."""

from pathlib import Path

import asyncpg
import pytest

from incidents.desk.changes import add_note, set_facts
from incidents.desk.declare import Declaration, declare
from incidents.timeline.anchors import anchor_file, mark_anew, read_anchors, write_anchors
from incidents.timeline.verify import Verdict, verify
from tests.harness.processes import SECRET_KEY
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.work import Wakeups

SECRETS = Secrets(SECRET_KEY)


@pytest.fixture
async def incident_id(database: Database, town: SmallTown, wakeups: Wakeups) -> int:
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"]), CLERK)
    async with database.community(town.community_id) as tx:
        await set_facts(desk_of(tx, wakeups), declared.incident_id, {"people_inside": 2})
        await add_note(desk_of(tx, wakeups), declared.incident_id, "王女士说里面灯亮着")
    return declared.incident_id


async def judge(database: Database, town: SmallTown, incident_id: int | None, folder: Path) -> list[Verdict]:
    anchors, _ = read_anchors(SECRETS, anchor_file(folder))
    async with database.community(town.community_id) as tx:
        return await verify(tx, incident_id, anchors)


async def anchor(database: Database, town: SmallTown, folder: Path) -> None:
    await write_anchors(database, SECRETS, anchor_file(folder), [town.community_id], None)


async def test_an_untouched_record_holds(database: Database, town: SmallTown, incident_id: int, tmp_path: Path) -> None:
    await anchor(database, town, tmp_path)
    [verdict] = await judge(database, town, incident_id, tmp_path)
    assert verdict.holds and verdict.events > 5 and verdict.erased == 0


async def test_a_changed_byte_is_found_at_its_event(
    database: Database, town: SmallTown, incident_id: int, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await owner.execute("UPDATE incident_event SET body = replace(body, '\"rung\":0', '\"rung\":1') WHERE no = 2")
    [verdict] = await judge(database, town, incident_id, tmp_path)
    assert [(fault.what, fault.no) for fault in verdict.faults] == [("changed", 2)]


async def test_a_removed_row_is_found_where_it_stood(
    database: Database, town: SmallTown, incident_id: int, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await owner.execute("DELETE FROM incident_event WHERE no = 3")
    [verdict] = await judge(database, town, incident_id, tmp_path)
    assert ("missing", 3) in [(fault.what, fault.no) for fault in verdict.faults]


async def test_a_cut_off_tail_with_a_forged_head_is_found_by_the_anchor(
    database: Database, town: SmallTown, incident_id: int, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await anchor(database, town, tmp_path)
    last = await owner.fetchval("SELECT max(no) FROM incident_event")
    await owner.execute("DELETE FROM incident_event WHERE no = $1", last)
    await owner.execute("UPDATE incident SET head_no = $1, head_hash = (SELECT hash FROM incident_event WHERE no = $1)", last - 1)
    assert all(verdict.holds for verdict in await judge(database, town, incident_id, tmp_path / "no anchors here"))
    [verdict] = await judge(database, town, incident_id, tmp_path)
    assert [(fault.what, fault.no) for fault in verdict.faults] == [("cut_off", last)]


async def test_a_whole_incident_that_vanished_is_found_by_the_anchor(
    database: Database, town: SmallTown, incident_id: int, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await anchor(database, town, tmp_path)
    for table in ("event_detail", "incident_event", "run", "alert", "task", "timer"):
        await owner.execute(f"DELETE FROM {table} WHERE incident_id = $1", incident_id)
    await owner.execute("DELETE FROM incident WHERE id = $1", incident_id)
    [verdict] = await judge(database, town, None, tmp_path)
    assert verdict.faults[0].what == "cut_off" and verdict.incident_id == incident_id


async def test_an_erased_detail_leaves_the_chain_whole_and_a_changed_one_does_not(
    database: Database, town: SmallTown, incident_id: int, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await owner.execute("SET ROLE tocsin_eraser")
    await owner.execute(f"SET app.community = '{town.community_id}'")
    await owner.execute("DELETE FROM event_detail WHERE incident_id = $1 AND no = 1", incident_id)
    [verdict] = await judge(database, town, incident_id, tmp_path)
    assert verdict.holds and verdict.erased == 1
    await owner.execute("RESET ROLE")
    await owner.execute("UPDATE event_detail SET detail = replace(detail, '灯', '门')")
    [verdict] = await judge(database, town, incident_id, tmp_path)
    assert [fault.what for fault in verdict.faults] == ["detail_changed"]


async def test_an_anchor_that_somebody_else_wrote_is_refused(database: Database, town: SmallTown, incident_id: int, tmp_path: Path) -> None:
    path = anchor_file(tmp_path)
    await write_anchors(database, Secrets("another key, as long as it has to be"), path, [town.community_id], None)
    assert read_anchors(SECRETS, path) == ([], 1)


async def test_anchors_outlive_the_key_that_marked_them(database: Database, town: SmallTown, incident_id: int, tmp_path: Path) -> None:
    path = anchor_file(tmp_path)
    await anchor(database, town, tmp_path)
    with path.open("a") as file:
        file.write('{"head_no": 9, "mark": "somebody else wrote this"}\n')
    new_key = "the next key, which is as long as the one before"
    assert mark_anew(Secrets(new_key, SECRET_KEY), path) == 1
    heads, refused = read_anchors(Secrets(new_key), path)
    assert ([head.incident_id for head in heads], refused) == ([incident_id], 1)
    assert read_anchors(SECRETS, path)[0] == []


async def test_the_service_itself_can_neither_change_nor_remove_an_event(database: Database, town: SmallTown, incident_id: int) -> None:
    for statement in ("UPDATE incident_event SET kind = 'x'", "DELETE FROM incident_event", "UPDATE event_detail SET detail = ''"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.community(town.community_id) as tx:
                await tx.connection.execute(statement)


async def test_nobody_sees_another_communitys_record(database: Database, town: SmallTown, incident_id: int) -> None:
    async with database.community(town.community_id + 1) as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM incident_event") == 0
    async with database.floor() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM incident_event") == 0
