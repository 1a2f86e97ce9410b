"""What a caller was promised is shown until it ends: a call back as told or unreachable, a complaint with an outcome."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.desk import changes
from incidents.desk.call_backs import AGAIN_AFTER, CallBack, CallBackResult, after_call, note_call_back
from incidents.desk.complaints import answer_complaint, hand_complaint_on
from incidents.desk.declare import Declaration, declare
from incidents.desk.merging import merge
from incidents.desk.reports import Reporter
from incidents.errors import ComplaintEndedError, ReportUnknownError
from incidents.views.lists import timeline
from incidents.views.promises import open_call_backs, open_complaints
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

NOW = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
PROMISED = CallBack(NOW, 0, None, None)
ANNOYED = Reporter(name="王女士", phone="13900000001", words="第三次停电了", wish="complain", call_back_minutes=20)


@pytest.mark.parametrize(
    ("calls", "state", "tries"),
    [
        ([("told", 1)], "told", 1),
        ([("no_answer", 1)], "waiting", 1),
        ([("no_answer", 1), ("no_answer", 1)], "waiting", 1),
        ([("no_answer", 1), ("no_answer", 2), ("told", 3)], "told", 3),
        ([("no_answer", 1), ("no_answer", 2), ("no_answer", 3)], "unreachable", 3),
        ([("no_answer", 1), ("no_answer", 2), ("no_answer", 3), ("told", 4)], "unreachable", 3),
        ([("told", 1), ("no_answer", 2)], "told", 1),
    ],
)
def test_a_promised_call_ends_as_told_or_after_three_tries_as_unreachable(
    calls: list[tuple[CallBackResult, int]], state: str, tries: int
) -> None:
    stands = PROMISED
    for minutes, (result, attempt) in enumerate(calls):
        stands = after_call(stands, result, attempt, NOW + timedelta(minutes=minutes))

    assert (stands.state, stands.tries) == (state, tries)
    if state == "waiting":
        assert stands.due == NOW + AGAIN_AFTER


async def test_what_was_promised_outlives_the_incident_and_moves_with_a_merger(
    database: Database, town: SmallTown, wakeups: Wakeups
) -> None:
    async with database.community(town.community_id) as tx:
        desk = desk_of(tx, wakeups)
        first = await declare(tx, wakeups, Declaration("power_cut", town.places["3"], reporter=ANNOYED), CLERK)
        other = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), CLERK)
        [complaint] = await open_complaints(tx)
        [call] = await open_call_backs(tx)
        assert (complaint.owner, complaint.due - complaint.at) == ("陈静", timedelta(hours=24))
        await note_call_back(desk, first.incident_id, call.no, "no_answer", 1)
        await merge(desk, first.incident_id, other.incident_id)
        await changes.cancel(desk, other.incident_id, "测试")

        [moved], [again] = await open_complaints(tx), await open_call_backs(tx)
        assert (moved.incident_id, moved.words, moved.owner) == (other.incident_id, "第三次停电了", "陈静")
        assert (again.incident_id, again.tries) == (other.incident_id, 1)
        assert again.due - tx.now == AGAIN_AFTER
        await note_call_back(desk, other.incident_id, again.no, "told", 2)
        await hand_complaint_on(desk, other.incident_id, moved.no, "孙主管")
        await answer_complaint(desk, other.incident_id, moved.no, "explained", "道歉，说明了原因")
        await answer_complaint(desk, other.incident_id, moved.no, "explained")

        assert (await open_complaints(tx), await open_call_backs(tx)) == ([], [])
        with pytest.raises(ComplaintEndedError):
            await answer_complaint(desk, other.incident_id, moved.no, "resolved")
        with pytest.raises(ReportUnknownError):
            await note_call_back(desk, other.incident_id, 1, "told", 1)
        said = [event.kind for event in await timeline(tx, other.incident_id)]
        assert [said.count(kind) for kind in ("called_back", "complaint_handed_on", "complaint_answered")] == [1, 1, 1]
