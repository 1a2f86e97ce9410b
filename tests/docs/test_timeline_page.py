"""What docs/timeline.md gives to those who would rather not trust us: its SQL and its Python, run as they stand."""

import subprocess
import sys

import asyncpg

from incidents.desk.changes import add_note
from incidents.desk.declare import Declaration, declare
from tests.docs.pages import blocks, read_page
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

PAGE = read_page("docs/timeline.md")
[SQL] = [block.text for block in blocks(PAGE, "sql")]
[PROGRAM] = [block.text for block in blocks(PAGE, "python")]


async def lines(owner: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await owner.fetch(SQL)]


def judged(events: list[str]) -> tuple[int, str]:
    """The program's exit code and what it said."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], input="\n".join(events), capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stdout + done.stderr


async def test_the_record_can_be_recomputed_by_the_page_alone(database: Database, small_town: SmallTown, owner: asyncpg.Connection) -> None:
    wakeups = Wakeups(database)
    async with database.community(small_town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("elevator_entrapment", small_town.places["3-2-L1"]), CLERK)
    async with database.community(small_town.community_id) as tx:
        await add_note(desk_of(tx, wakeups), declared.incident_id, '王女士说："灯亮着\\不慌"')
    assert (small_town.community_id, declared.incident_id) == (1, 1), "the page's example names the first incident of the first community"

    code, said = judged(await lines(owner))
    head = await owner.fetchval("SELECT encode(head_hash, 'hex') FROM incident")
    assert code == 0 and said.rstrip().endswith(head), said

    without_one = await lines(owner)
    del without_one[2]
    assert judged(without_one) == (1, "event 3 is not what was written\n")
    await owner.execute("UPDATE incident_event SET happened_at = happened_at + interval '1 microsecond' WHERE no = 2")
    assert judged(await lines(owner)) == (1, "event 2 is not what was written\n")
