"""What the tests proved: a receipt from the handset or mailbox, a press of the link, an answer by SMS. And what was not proven in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.announcements import confirm
from notifiers.canaries.plan import SQL
from notifiers.errors import LinkRefusedError
from notifiers.links import LinkTarget
from tocsin.base.database import Tx

LATE_PROOF = timedelta(days=1)
"""For so long a test that was missed is still looked at: the way is open again as soon as its proof comes."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test that may still prove something; `judged_at`: its time was up before."""

    id: int
    sent_at: datetime
    due_at: datetime
    judged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proven:
    """A way that a test proved; `late`: it had been said that it was not."""

    test_id: int
    place_id: int
    channel_id: int
    late: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """A way that a test did not prove in time; `reach` and `reason` of the canary that came furthest."""

    test_id: int
    place_id: int
    channel_id: int
    place_code: str
    gateway: str
    reach: str | None
    reason: str | None


async def open_tests(tx: Tx) -> list[Test]:
    """The tests of which something is still to be heard, the oldest first."""
    return await tx.rows(SQL.open_tests, Test, tx.community, tx.now - LATE_PROOF)


async def prove(tx: Tx, test_ids: Sequence[int]) -> list[Proven]:
    """Note what these tests have proven by now, each way once."""
    return await tx.rows(SQL.prove, Proven, tx.community, list(test_ids), tx.now) if test_ids else []


async def judge(tx: Tx, test_ids: Sequence[int]) -> list[Missed]:
    """The time of these tests is up: note what they did not prove, and why; what is news of it."""
    if not test_ids:
        return []
    missed = await tx.rows(SQL.missed, Missed, tx.community, list(test_ids))
    await tx.run(
        SQL.note_missed, tx.community, [one.test_id for one in missed], [one.place_id for one in missed],
        [why_missed(one.reach, one.reason) for one in missed],
    )  # fmt: skip
    await tx.run(SQL.mark_judged, tx.community, list(test_ids), tx.now)
    return missed


def why_missed(reach: str | None, reason: str | None) -> str:
    """Why no proof came, from where the canary stands: its reason's code, or a word for its place. Pure."""
    if reach is None:
        return "withdrawn"
    return reason or {"handed_over": "no_receipt", "trying": "not_sent"}.get(reach, reach)


async def press(tx: Tx, target: LinkTarget) -> None:
    """A canary pressed the link under its test. Raises LinkRefusedError where it leads to no test."""
    test_id = await tx.value(SQL.test_of_message, tx.community, target.message_id)
    if test_id is None:
        raise LinkRefusedError()
    await confirm(tx, target.message_id, delivery_no=target.no)
    await prove(tx, [int(test_id)])


async def was_pressed(tx: Tx, target: LinkTarget) -> bool:
    """Whether this very canary proved the way before. Raises LinkRefusedError where the link leads to no test."""
    if await tx.value(SQL.test_of_message, tx.community, target.message_id) is None:
        raise LinkRefusedError()
    return bool(await tx.value(SQL.delivery_is_confirmed, tx.community, target.message_id, target.no))
