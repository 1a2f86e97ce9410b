"""Seals messages: at once, or those that were left for later, each after the messages that its audience leans on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from time import monotonic

import asyncpg

from notifiers.delivery.sealing.meant import Meant, MeantUnreadableError, read_meant
from tocsin.base.database import CONNECTION_LOST, Tx
from tocsin.base.logs import logger
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)
MANY = 300
"""Places and members from which on a message is sealed by itself, reading tables from end to end; a building's homes are fewer."""
MEMORY = "160MB"
"""What each sort and each table of a seal may take: in all, a hundred thousand members take 90 MB, a million 790 MB; PostgreSQL's own 4 MB go by the disk."""

FIRST_SECONDS = 8.0
PATIENT_SECONDS = 60.0
"""How long the lane waits for one seal: at first no longer than whoever wants to stop the message waits for it (10 seconds, `lock_timeout`), then as
long as a busy database may need for very many. A hundred thousand members take a second, a million eight."""
PAUSE_SHARE = 5.0
"""A message whose seal failed again rests at least so many times as long as the attempt took."""
LONGEST_DOUBLING = 6
LONGEST_PAUSE_SECONDS = 300.0
MENDED_BY_RETRY = (
    *CONNECTION_LOST,
    asyncpg.TransactionRollbackError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidTransactionStateError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.InsufficientResourcesError,
)
"""What says nothing about the message: a lost connection, a deadlock, a lock, a cancellation, a server that takes no writes or has no
memory or disk left, a table that was just migrated."""
log = logger("seals")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed message; `to_fan_out`: how many of its deliveries do not exist yet; `made`: how many do."""

    id: int
    size: int
    unreachable: int
    to_fan_out: int
    made: int


@dataclass(frozen=True, slots=True)
class Extent:
    """Whether a message means many, and whether it leans on one that is not sealed."""

    id: int
    many: bool
    unsealed: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A message that was left for later; `languages` of its texts; how often its seal failed. `takes_back`: it is a correction."""

    id: int
    takes_back: bool
    to_seal: dict[str, object]
    failures: int
    languages: list[str]

    @property
    def meant(self) -> Meant:
        """Whom it is for; raises MeantUnreadableError."""
        return read_meant(self.id, self.to_seal)

    @property
    def leans_on(self) -> set[int]:
        """The messages that are sealed before it; none where nobody can say."""
        try:
            return self.meant.leans_on
        except MeantUnreadableError:
            return set()


async def extents(tx: Tx, messages: Mapping[int, Meant]) -> dict[int, Extent]:
    """How far the audiences of these messages go. People named one by one are no more than their names, and are not looked at."""
    parts = [(id_, how, of) for id_, meant in messages.items() for how, of in meant.parts() if how not in ("people", "without")]
    found = await tx.rows(SQL.extents, Extent, tx.community, *_columns(parts), MANY) if parts else []
    return {id_: Extent(id_, many=False, unsealed=False) for id_ in messages} | {one.id: one for one in found}


def _columns(parts: Sequence[tuple[int, str, int]]) -> tuple[list[int], list[str], list[int]]:
    return [id_ for id_, _, _ in parts], [how for _, how, _ in parts], [of for _, _, of in parts]


async def leave(tx: Tx, message_id: int, meant: Meant) -> None:
    """Have the lane `fan_out` seal it once this transaction is committed."""
    await tx.run(SQL.leave, tx.community, message_id, asdict(meant))
    lower(tx, "fan_out")


async def seal(tx: Tx, message_id: int, meant: Meant, languages: Sequence[str], *, seconds: float | None = None) -> Sealed:
    """Seal one message that may mean very many, whose texts are in these languages; what it leans on is sealed already. Raises TimeoutError
    after `seconds`."""
    await tx.run(SQL.plan_for, "force_custom_plan", "off", MEMORY)
    sealed = await tx.maybe(
        SQL.seal, Sealed, tx.community, message_id, tx.now, languages, meant.held, meant.but_not_told_by,
        meant.people, meant.residents_of, meant.served_by, meant.priority, meant.powered, meant.homes, meant.told_by, meant.held_by,
        meant.without, seconds=seconds,
    )  # fmt: skip
    await tx.run(SQL.plan_for, "force_generic_plan", "on", None)
    if sealed is None:
        raise RuntimeError("a message was sealed twice")
    return sealed


async def seal_few(tx: Tx, messages: Mapping[int, Meant], *, rows_below: int) -> list[Sealed]:
    """Seal several messages that mean few each, with one statement; of alerts and of what has fewer than `rows_below` deliveries those exist
    then. What they lean on is sealed already."""
    if not messages:
        return []
    parts = [(id_, how, of) for id_, meant in messages.items() for how, of in meant.parts()]
    held = [meant.held for meant in messages.values()]
    return await tx.rows(SQL.seal_few, Sealed, tx.community, list(messages), tx.now, tx.machine_now, held, *_columns(parts), rows_below)


async def seal_now(tx: Tx, message_ids: Iterable[int], *, patient: bool = False) -> int:
    """Seal those of these messages that were left for later, whoever comes first; how many. Before the caller holds or reads any of them.

    A message that cannot be sealed holds up nobody: it is marked, has told nobody, and is tried again later. Raises what a retry mends: a lost
    connection, a lock, a cancellation, and TimeoutError, where the caller is not `patient`; one who is takes that for the message's own fault too.
    """
    if not (waiting := await _left_with_what_they_lean_on(tx, message_ids)):
        return 0
    await tx.run(SQL.hold_left, tx.community, sorted(waiting))
    left = await tx.rows(SQL.left, Left, tx.community, sorted(waiting), tx.machine_now)  # by now: another may have been first
    return sum([await _is_sealed(tx, one, patient=patient) for one in left])


async def seal_all_about(tx: Tx, subjects: Iterable[int]) -> int:
    """The same for all messages about these subjects."""
    return await seal_now(tx, await tx.column(SQL.left_about, tx.community, sorted(set(subjects))))


async def _is_sealed(tx: Tx, one: Left, *, patient: bool) -> bool:
    begun = monotonic()
    try:
        async with tx.undone_alone():
            sealed = await seal(tx, one.id, one.meant, one.languages, seconds=_patience(one.failures) if patient else None)
    except Exception as problem:
        if isinstance(problem, MENDED_BY_RETRY) and not (patient and isinstance(problem, TimeoutError)):
            raise
        took = monotonic() - begun
        pause = pause_seconds(one.failures + 1, took)
        log.exception("news_not_sealed", community=tx.community, message=one.id, failures=one.failures + 1, again_seconds=round(pause, 1))
        await tx.run(SQL.note_failure, tx.community, one.id, tx.machine_now + timedelta(seconds=took + pause))
        return False
    if one.takes_back:
        await give_up_unsealed(tx, one.leans_on)
    if sealed.to_fan_out:
        lower(tx, "fan_out")
    return True


async def give_up_unsealed(tx: Tx, message_ids: Iterable[int]) -> None:
    """Stop those of these messages that could not be sealed: what takes them back was sealed past them, and they must not come after it."""
    await tx.run(SQL.give_up_unsealed, tx.community, sorted(set(message_ids)), tx.now)


def _patience(failures: int) -> float:
    return PATIENT_SECONDS if failures else FIRST_SECONDS


def pause_seconds(failures: int, took_seconds: float) -> float:
    """Until a message that could not be sealed is tried again, so that others have most of the lane's time. Pure."""
    share = took_seconds * PAUSE_SHARE if failures > 1 else 0.0
    return min(max(2.0 ** min(failures - 1, LONGEST_DOUBLING), share), LONGEST_PAUSE_SECONDS)


async def _left_with_what_they_lean_on(tx: Tx, message_ids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    asked = set(message_ids)
    while asked:
        left = await tx.rows(SQL.left, Left, tx.community, sorted(asked), tx.machine_now)
        found |= {one.id for one in left}
        asked = {other for one in left for other in one.leans_on} - found
    return found
