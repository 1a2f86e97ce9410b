"""A shift is handed over: frozen as it was, signed by two, and missed when it is not signed in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from incidents.desk import changes
from incidents.desk.declare import Declaration, declare
from incidents.desk.reports import Reporter
from incidents.errors import HandoverOldError, HandoverSignedError, SameSignerError, SignerMissingError
from incidents.handover import shift_changes
from incidents.handover.shift_changes import Stint, changes_of_shift, is_signed, missed_handover
from incidents.handover.signing import Signer, hand_over, handover, sign_handover, waiting_handover
from people.rosters import NewShift, add_shift
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

CHEN, LI = Signer(1, "陈静", "pin"), Signer(2, "李静", "pin")
AT = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def stint(person: int, start: float, end: float) -> Stint:
    return Stint(person, AT + start * HOUR, AT + end * HOUR)


@pytest.mark.parametrize(
    ("stints", "hours"),
    [
        ([stint(1, 0, 8), stint(2, 8, 20)], [0, 8, 20]),
        ([stint(1, 0, 8), stint(1, 8, 20)], [0, 20]),
        ([stint(1, 0, 8.25), stint(2, 8, 20)], [0, 8, 8.25, 20]),
        ([stint(1, 0, 8), stint(2, 10, 20)], [0, 8, 10, 20]),
        ([], []),
    ],
    ids=["one after another", "the same person goes on", "both for a quarter of an hour", "nobody in between", "no roster"],
)
def test_a_shift_changes_when_other_people_are_at_the_desk(stints: list[Stint], hours: list[float]) -> None:
    assert changes_of_shift(stints) == [AT + hour * HOUR for hour in hours]


@pytest.mark.parametrize(("minutes", "counts"), [(-61, False), (-60, True), (0, True), (15, True), (16, False)])
def test_a_handover_counts_from_an_hour_before_to_a_quarter_after(minutes: int, counts: bool) -> None:
    assert is_signed(AT, [AT + timedelta(minutes=minutes)]) is counts


async def test_what_was_handed_over_stays_as_it_was_and_is_signed_by_two(
    database: Database, town: SmallTown, wakeups: Wakeups, owner: asyncpg.Connection
) -> None:
    caller = Reporter(name="王女士", phone="13900000001", words="快点", wish="complain", call_back_minutes=20)
    async with database.community(town.community_id) as tx:
        declared = await declare(tx, wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"], reporter=caller), CLERK)
        waits = await hand_over(tx, wakeups, CHEN, None, "泵房钥匙在抽屉", "前台1号机")
        with pytest.raises(SameSignerError):
            await sign_handover(tx, wakeups, waits, CHEN)
        with pytest.raises(SignerMissingError):
            await sign_handover(tx, wakeups, waits, replace(LI, account_id=None))
        found = await waiting_handover(tx)
        assert found is not None and found.id == waits
        await changes.cancel(desk_of(tx, wakeups), declared.incident_id, "误报")
    async with database.community(town.community_id) as tx:
        await sign_handover(tx, wakeups, waits, LI)
        with pytest.raises(HandoverSignedError):
            await sign_handover(tx, wakeups, waits, replace(LI, account_id=3))
        row = await handover(tx, waits)
        assert await waiting_handover(tx) is None
    [incident] = row.handed.incidents
    assert (incident.about.place["zh-CN"], len(incident.nobody) > 0, incident.reports) == ("3栋2单元1号梯", True, 1)
    assert {(one.what, one.who) for one in row.handed.promises if one.what != "news"} == {("call_back", "王*"), ("complaint", "王*")}
    assert row.handed.tasks and "王女士" not in str(row.snapshot) and "139" not in str(row.snapshot)
    assert (row.gone_name, row.come_name, row.notes, row.device) == ("陈静", "李静", "泵房钥匙在抽屉", "前台1号机")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.community(town.community_id) as tx:
            await tx.connection.execute("UPDATE handover SET notes = ''")


async def test_a_handover_of_yesterday_is_not_signed_for_todays(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock
) -> None:
    async with database.community(town.community_id) as tx:
        waits = await hand_over(tx, wakeups, CHEN, None, "")
    await story.forward_clock(minutes=13 * 60)
    async with database.community(town.community_id) as tx:
        with pytest.raises(HandoverOldError):
            await sign_handover(tx, wakeups, waits, LI)
        assert (await handover(tx, waits)).come_at is None


@pytest.mark.parametrize("signs", [True, False])
async def test_a_change_of_shift_that_nobody_signed_is_told_to_the_supervisor_once(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock, owner: asyncpg.Connection, signs: bool
) -> None:
    async with database.community(town.community_id) as tx:
        changes_at = tx.now + timedelta(minutes=90)
        for person, start, end in (("zhao", changes_at - 8 * HOUR, changes_at), ("li", changes_at, changes_at + 8 * HOUR)):
            await add_shift(tx, NewShift("customer_service", "duty", town.people[person], start, end))
        await hand_over(tx, wakeups, CHEN, LI, "")
    told = []
    for minutes in (0, 89, 15, 2, 60):
        await story.forward_clock(minutes=minutes)
        told.append(await shift_changes.run_once(database, wakeups, town.community_id))
        if minutes == 0:
            assert await owner.fetchval("SELECT due_at FROM work WHERE lane = 'handovers'") == changes_at + timedelta(minutes=15)
        if minutes == 89 and signs:
            async with database.community(town.community_id) as tx:
                await hand_over(tx, wakeups, LI, CHEN, "")
    assert told == ([0, 0, 0, 0, 0] if signs else [0, 0, 0, 1, 0])
    async with database.community(town.community_id) as tx:
        missed = await missed_handover(tx)
        messages = await tx.connection.fetch(
            "SELECT t.text, m.size FROM message m JOIN message_text t ON t.community_id = m.community_id AND t.message_id = m.id"
            " WHERE m.effect_key LIKE 'handover:%' AND t.language = 'zh-CN'"
        )
        if signs:
            assert missed is None and messages == []
            return
        assert missed is not None and (missed.changed_at, missed.told) == (changes_at, "孙主管")
        assert len(messages) == 1 and "换班" in messages[0]["text"] and messages[0]["size"] == 1
        await hand_over(tx, wakeups, LI, CHEN, "")
        assert await missed_handover(tx) is None, "signed late it is no longer red"


async def test_where_no_handover_was_ever_signed_and_no_desk_is_enrolled_nobody_is_told(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock
) -> None:
    async with database.community(town.community_id) as tx:
        await add_shift(tx, NewShift("customer_service", "duty", town.people["li"], tx.now - HOUR, tx.now + 8 * HOUR))
    await story.forward_clock(minutes=60)
    assert await shift_changes.run_once(database, wakeups, town.community_id) == 0
