"""A call that breaks off is kept until somebody decides, and what was decided stays decided."""

from datetime import timedelta

import pytest

from incidents.desk.declare import Declaration, declare
from incidents.desk.drafts import (
    ASK_AFTER,
    CALL_BACK_AGAIN,
    CALL_BACK_WITHIN,
    RED_AFTER,
    discard_draft,
    discarded_drafts,
    end_draft,
    open_drafts,
    report_draft,
    ring_back,
    save_draft,
    take_over,
)
from incidents.desk.reports import Reporter
from incidents.errors import DraftEndedError, DraftUnknownError, ReasonMissingError
from incidents.views.promises import open_call_backs
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK, desk_of
from tocsin.base.database import Database
from tocsin.base.work import Wakeups


async def test_what_is_typed_is_asked_about_from_the_last_keystroke_on(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock
) -> None:
    async with database.community(town.community_id) as tx:
        picked_up = tx.now
        await save_draft(desk_of(tx, wakeups), "a", picked_up, {"kind": "fire", "q": "3"})
    await story.forward_clock(minutes=1)
    async with database.community(town.community_id) as tx:
        await save_draft(desk_of(tx, wakeups), "a", tx.now, {"kind": "fire", "q": "3.2"})
        typed_at = tx.now
    await story.forward_clock(minutes=1)
    async with database.community(town.community_id) as tx:
        desk = desk_of(tx, wakeups)
        await save_draft(desk, "a", tx.now, {"q": "3.2"})  # nothing new: no keystroke
        [draft] = await open_drafts(tx)
        assert (draft.typed, draft.picked_up_at) == ({"kind": "fire", "q": "3.2"}, picked_up)
        assert (draft.asks_at, draft.red_at) == (typed_at + ASK_AFTER, typed_at + RED_AFTER)

        await ring_back(desk, draft.id)
        assert (await open_drafts(tx))[0].red_at == tx.now + CALL_BACK_WITHIN
        await ring_back(desk, draft.id)
        [rung] = await open_drafts(tx)
        assert (rung.asks_at, rung.call_back_tries) == (tx.now + CALL_BACK_AGAIN, 1)
        await take_over(desk, draft.id)
        assert (await open_drafts(tx))[0].asks_at == tx.now + ASK_AFTER


async def test_it_is_discarded_with_a_reason_that_remains(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    async with database.community(town.community_id) as tx:
        desk = desk_of(tx, wakeups)
        await save_draft(desk, "a", tx.now, {"q": "3"})
        [draft] = await open_drafts(tx)
        with pytest.raises(ReasonMissingError):
            await discard_draft(desk, draft.id, "  ")
        await discard_draft(desk, draft.id, "打错了")

        await save_draft(desk, "a", tx.now, {"q": "5"})  # a keystroke that comes late opens nothing
        assert await open_drafts(tx) == []
        assert [(one.ended_by, one.reason) for one in await discarded_drafts(tx)] == [("陈静", "打错了")]
        with pytest.raises(DraftEndedError):
            await take_over(desk, draft.id)
        with pytest.raises(DraftUnknownError):
            await ring_back(desk, 10**9)


async def test_it_becomes_an_incident_or_a_report_with_a_promised_call(database: Database, town: SmallTown, wakeups: Wakeups) -> None:
    async with database.community(town.community_id) as tx:
        desk = desk_of(tx, wakeups)
        made = await declare(tx, wakeups, Declaration("power_cut", town.places["3"]), CLERK)
        await end_draft(desk, "never saved", "declared", made.incident_id, tx.now - timedelta(seconds=8))
        await save_draft(desk, "never saved", tx.now, {"q": "late"})
        assert await open_drafts(tx) == []

        await save_draft(desk, "b", tx.now, {"from": "13900000001", "words": "没电"})
        [draft] = await open_drafts(tx)
        cut_off = Reporter(phone="13900000001", home_id=town.places["3-2-1502"], call_back_minutes=5, told=False)
        await report_draft(desk, draft.id, made.incident_id, cut_off)

        assert [one.caller_phone for one in await open_call_backs(tx)] == ["+8613900000001"]
        assert await open_drafts(tx) == []
        with pytest.raises(DraftEndedError):
            await report_draft(desk, draft.id, made.incident_id, cut_off)
