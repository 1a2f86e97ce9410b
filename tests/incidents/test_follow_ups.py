"""After the end whoever reported is called once more, each caller once a round, until they answer or count as unreachable."""

from datetime import UTC, datetime

import pytest

from incidents.desk import changes
from incidents.desk.declare import Declaration, declare
from incidents.desk.follow_ups import AGAIN_AFTER, FollowUp, FollowUpResult, after_follow_up, note_follow_up
from incidents.desk.reports import Reporter
from incidents.errors import ReportUnknownError
from incidents.handover.snapshot import what_is_open
from incidents.views.lists import timeline
from incidents.views.promises import open_follow_ups
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

NOW = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
DUE = FollowUp(NOW, 0, None, None, None)
MRS_WANG = Reporter(name="王女士", phone="13900000001", words="有人困住了")
SOMEBODY = Reporter(name="李女士", phone="13811112222", words="电梯不动了")
NO_NUMBER = Reporter(name="路人", words="电梯里有人喊")


@pytest.mark.parametrize(
    ("calls", "state", "satisfied"),
    [
        ([("satisfied", 1)], "spoken", True),
        ([("not_satisfied", 1), ("satisfied", 2)], "spoken", False),
        ([("no_answer", 1), ("no_answer", 1)], "waiting", None),
        ([("no_answer", 1), ("no_answer", 2), ("no_answer", 3)], "unreachable", None),
    ],
)
def test_a_follow_up_call_ends_with_what_they_said_or_as_unreachable(
    calls: list[tuple[FollowUpResult, int]], state: str, satisfied: bool | None
) -> None:
    stands = DUE
    for result, attempt in calls:
        stands = after_follow_up(stands, result, attempt, NOW)

    assert (stands.state, stands.satisfied) == (state, satisfied)
    if state == "waiting":
        assert stands.due == NOW + AGAIN_AFTER


async def _close(database: Database, town: SmallTown, wakeups: Wakeups, *, drill: bool = False) -> int:
    async with database.community(town.community_id) as tx:
        desk = desk_of(tx, wakeups)
        declared = await declare(
            tx, wakeups, Declaration("elevator_entrapment", town.places["3-2-L1"], reporter=MRS_WANG, drill=drill), CLERK
        )
        for reporter in (SOMEBODY, MRS_WANG, NO_NUMBER):
            await changes.add_report(desk, declared.incident_id, reporter)
        await changes.resolve(desk, declared.incident_id)
        for need in ("everyone_out", "elevator_inspected"):
            await changes.confirm(desk, declared.incident_id, need)
        await changes.close(desk, declared.incident_id)
    return declared.incident_id


async def test_each_caller_with_a_number_is_on_the_list_once_a_round_when_their_call_comes_due(
    database: Database, town: SmallTown, wakeups: Wakeups, database_url: str
) -> None:
    incident = await _close(database, town, wakeups)
    async with database.community(town.community_id) as tx:
        assert await open_follow_ups(tx) == [], "nobody is called a day ahead of time"
    await StoryClock(database_url).forward_clock(minutes=24 * 60)
    async with database.community(town.community_id) as tx:
        desk, listed = desk_of(tx, wakeups), await open_follow_ups(tx)
        assert [(one.round, one.caller_name) for one in listed] == [(1, "王女士"), (1, "李女士")]
        handed = [one.who for one in (await what_is_open(tx)).promises if one.what == "follow_up"]
        assert handed == ["王*", "李*"], "whoever comes on duty answers for them"
        mrs_wang, somebody = (one.no for one in listed)
        await note_follow_up(desk, incident, mrs_wang, 1, "not_satisfied", 1)
        for _ in range(2):
            await note_follow_up(desk, incident, somebody, 1, "no_answer", 1)
        [left] = await open_follow_ups(tx)
        assert (left.no, left.tries, left.due) == (somebody, 1, tx.now + AGAIN_AFTER)
        with pytest.raises(ReportUnknownError):
            await note_follow_up(desk, incident, somebody + 1, 1, "satisfied", 1)
        kinds = [one.kind for one in await timeline(tx, incident)]
    assert [kind for kind in kinds if kind.startswith("follow")] == ["follow_ups_planned", "followed_up_unwell", "follow_up_missed"]
    await StoryClock(database_url).forward_clock(minutes=48 * 60)
    async with database.community(town.community_id) as tx:
        assert {(one.no, one.round) for one in await open_follow_ups(tx)} == {(mrs_wang, 2), (somebody, 1), (somebody, 2)}


async def test_a_drill_calls_nobody_afterwards(database: Database, town: SmallTown, wakeups: Wakeups, database_url: str) -> None:
    await _close(database, town, wakeups, drill=True)
    await StoryClock(database_url).forward_clock(minutes=25 * 60)
    async with database.community(town.community_id) as tx:
        assert await open_follow_ups(tx) == []
