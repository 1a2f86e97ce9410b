"""What happens to several incidents in one transaction is what happens to each in one of its own."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from incidents.conductor.case import open_case, open_free_cases
from incidents.conductor.timers import _fire_cases
from incidents.desk.declare import Declaration, declare
from tests.harness.clock import StoryClock
from tests.harness.small_town import SmallTown
from tests.incidents.conftest import CLERK
from tocsin.base.database import Database
from tocsin.base.work import Wakeups

KINDS = (("elevator_entrapment", "3-2-L1"), ("elevator_entrapment", "3-2-L2"), ("power_cut", "3"), ("elevator_entrapment", "5-1-L1"), ("water_cut", "5"))  # fmt: skip
WRITTEN = {
    "incident_event": "SELECT incident_id, no, at, kind, cause, body FROM incident_event ORDER BY incident_id, no",
    "message": "SELECT subject, effect_key, kind, lane, life_safety, expires_at, size, trying, excluded, to_fan_out, fanned_out FROM message ORDER BY 1, 2",
    "message_text": "SELECT m.subject, m.effect_key, t.language, t.text FROM message_text AS t JOIN message AS m ON m.id = t.message_id ORDER BY 1, 2, 3",
    "audience_member": (
        "SELECT m.subject, m.effect_key, a.member_no, a.person_id, a.home_id, a.reach, a.reason, a.delivery_no, a.address"
        " FROM audience_member AS a JOIN message AS m ON m.id = a.message_id ORDER BY 1, 2, 3"
    ),
    "delivery": (
        "SELECT m.subject, m.effect_key, d.no, d.lane, d.address, d.state FROM delivery AS d JOIN message AS m ON m.id = d.message_id ORDER BY 1, 2, 3"
    ),
    "alert": "SELECT incident_id, alert_key, rung, watched FROM alert ORDER BY 1, 2, 3",
    "task": "SELECT incident_id, key, role, does, opened_at, due_at, cancelled_at FROM task ORDER BY 1, 2",
    "timer": "SELECT incident_id, regexp_replace(key, '[0-9]+$', ''), due_at FROM timer ORDER BY 1, 2, 3",
    "run": "SELECT incident_id, state, folded_no FROM run ORDER BY 1",
}


@pytest.mark.parametrize("local", [time(12), time(22, 22)], ids=["by day", "as the night begins"])
async def test_timers_of_a_handful_do_what_they_do_one_by_one(
    database: Database, town: SmallTown, wakeups: Wakeups, story: StoryClock, local: time
) -> None:
    await story.set_clock(datetime.combine((await story.now()).date(), local, UTC) - timedelta(hours=8))
    incidents = []
    for kind, place in KINDS:
        async with database.community(town.community_id) as tx:
            incidents.append((await declare(tx, wakeups, Declaration(kind, town.places[place]), CLERK)).incident_id)
    await story.forward_clock(minutes=12)
    await story.freeze()
    together = await what_is_written(database, town, wakeups, [incidents])
    assert together == await what_is_written(database, town, wakeups, [[one] for one in incidents])
    happened = [row["kind"] for row in together["incident_event"]]
    assert {"tick", "alert", "broadcast", "task"} <= set(happened)
    assert happened.count("broadcast") >= 4 and ("night_changed" in happened) == (local.hour == 22)


async def what_is_written(
    database: Database, town: SmallTown, wakeups: Wakeups, handfuls: Sequence[Sequence[int]]
) -> dict[str, list[dict[str, Any]]]:
    """Everything that stands in the tables when these have been fired, one handful after the other, with messages by their effects instead of
    their ids. Taken back."""
    found: dict[str, list[dict[str, Any]]] = {}
    with suppress(LookupError):
        async with database.community(town.community_id) as tx:
            for few in handfuls:
                alone = len(few) == 1
                cases = [await open_case(tx, wakeups, few[0])] if alone else await open_free_cases(tx, wakeups, few)
                await _fire_cases(tx, cases)
            keys = {row["id"]: row["effect_key"] for row in await tx.connection.fetch("SELECT id, effect_key FROM message")}
            for table, statement in WRITTEN.items():
                found[table] = [dict(row) for row in await tx.connection.fetch(statement)]
            for row in found["incident_event"]:
                row["body"] = re.sub(r'"message":(\d+)', lambda id_: f'"message":"{keys[int(id_[1])]}"', row["body"])
            raise LookupError("taken back")
    return found
