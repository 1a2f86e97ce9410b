"""Chore: a quarter of an hour after the front desk's shift changed by the roster, a handover that both signed must be there; else it is told.

Judged by story time. Only where handovers can be signed: since a desk of the community was enrolled, or the first one was signed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notifiers.announcements import Announcement, People, Text, To, announce
from people.communities import Community, get_community
from people.duty.shifts import shifts_between
from people.rosters import OnCall, holders, on_call
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.texts import say
from tocsin.base.work import Wakeups, hold, raise_to

SQL = load_queries(__package__)
DESK = "customer_service"
PATIENCE = timedelta(minutes=15)
EARLY = timedelta(hours=1)
"""A handover that was signed so long before the change counts for it."""
BACK = timedelta(hours=2)
"""After downtime, changes of so long ago are still told; older ones would help nobody."""
AHEAD = timedelta(days=3)
EXPIRES_SECONDS = 3600.0
TEXT_KEY = "handover.missed"


@dataclass(frozen=True, slots=True)
class Stint:
    """Somebody at the front desk, from an instant until before another (UTC)."""

    person_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """A change of shift that was not signed, and who was told of it."""

    changed_at: datetime
    noted_at: datetime
    told: str


def changes_of_shift(stints: Sequence[Stint]) -> list[datetime]:
    """The instants at which other people are at the desk than before, in order. Pure."""
    instants = sorted({at for one in stints for at in (one.starts_at, one.ends_at)})
    here = [frozenset(one.person_id for one in stints if one.starts_at <= at < one.ends_at) for at in instants]
    return [at for at, before, now in zip(instants, [frozenset[int](), *here], here, strict=False) if before != now]


def is_signed(changed_at: datetime, signed: Iterable[datetime]) -> bool:
    """Whether one of the handovers that both signed, at these instants, belongs to this change. Pure."""
    return any(changed_at - EARLY <= at <= changed_at + PATIENCE for at in signed)


async def run_once(database: Database, wakeups: Wakeups, community_id: int) -> int:
    """Note and tell what was not signed; how many. Looks again a quarter of an hour after the next change by the roster."""
    async with database.community(community_id) as tx:
        held = await hold(tx, "handovers")
        since: datetime | None = await tx.value(SQL.handovers_since, tx.community)
        changes = await _changes(tx) if since is not None else []
        late = [at for at in changes if since is not None and since <= at <= tx.now - PATIENCE]
        missed = [at for at in late if await _is_missed(tx, at)]
        for at in missed:
            await _tell(tx, wakeups, at)
        if held:
            await raise_to(tx, "handovers", next((at + PATIENCE for at in changes if at + PATIENCE > tx.now), None))
        return len(missed)


async def _changes(tx: Tx) -> list[datetime]:
    """From some hours back, so that it is known who was here before, to some days ahead."""
    start = tx.now - BACK
    stints = [
        Stint(one.person_id, one.starts_at, one.ends_at)
        for one in await shifts_between(tx, start - timedelta(days=1), tx.now + AHEAD, DESK) if one.tier == "duty"
    ]  # fmt: skip
    return [at for at in changes_of_shift(stints) if start <= at <= tx.now + AHEAD]


async def _is_missed(tx: Tx, changed_at: datetime) -> bool:
    signed = await tx.column(SQL.signed_between, tx.community, changed_at - EARLY, changed_at + PATIENCE)
    return not is_signed(changed_at, signed) and not await tx.value(SQL.is_noted, tx.community, changed_at)


async def _tell(tx: Tx, wakeups: Wakeups, changed_at: datetime) -> None:
    """Whoever supervises is told by a message of their own; there is no incident that it would belong to, and nothing is to be answered."""
    community, told = await get_community(tx, tx.community), await _whom(tx)
    if told and community.may_send:
        await announce(tx, Announcement(
            subject=None, effect_key=f"handover:{changed_at.isoformat()}", kind="notice", lane="urgent", means="write",
            audience_kind="staff", to=To(People(tuple(sorted({one.person_id for one in told})))), drill=False, life_safety=False,
            code="", link="", expires_seconds=EXPIRES_SECONDS,
            texts={language: _text(community, language, changed_at) for language in community.languages},
        ))  # fmt: skip
        wakeups.after_commit(tx, "urgent")
    await tx.run(SQL.note_missed, tx.community, changed_at, tx.now, ", ".join(one.name for one in told))
    wakeups.after_commit(tx, f"page:{tx.community}")


async def _whom(tx: Tx) -> list[OnCall]:
    """The supervisor; without one the desk's own lead, then the manager."""
    return (
        await holders(tx, "supervisor")
        or await on_call(tx, department=DESK, tier="lead", at=tx.now)
        or await holders(tx, "manager")
    )  # fmt: skip


def _text(community: Community, language: str, changed_at: datetime) -> Text:
    values = {
        "community": community.names.get(language) or next(iter(community.names.values()), ""),
        "at": changed_at.astimezone(ZoneInfo(community.zone)).strftime("%H:%M"),
        "phone": community.desk_phone,
    }
    return Text(TEXT_KEY, values, say(language, TEXT_KEY, **values), say(language, "handover.missed_subject", **values))


async def missed_handover(tx: Tx) -> Missed | None:
    """The last change of shift that was not signed, until a handover has been signed by both since."""
    return await tx.maybe(SQL.last_missed, Missed, tx.community)
