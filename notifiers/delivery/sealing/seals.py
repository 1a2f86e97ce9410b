"""Seals messages: at once, or those that were left for later, each after the messages that its audience leans on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from notifiers.delivery.reach import lock_messages
from notifiers.delivery.sealing.meant import Meant, read_meant
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import lower

SQL = load_queries(__package__)
MANY = 300
"""Places and members from which on a message is sealed by itself, reading tables from end to end; a building's homes are fewer."""
MEMORY = "32MB"
"""What sorting the members of a message may take at once: of a hundred thousand they take a third of it, and PostgreSQL's own 4 MB go by the disk."""


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
    """A message that was left for later; `languages` of its texts. Raises MeantUnreadableError where it is looked at."""

    id: int
    to_seal: dict[str, object]
    languages: list[str]

    @property
    def meant(self) -> Meant:
        return read_meant(self.id, self.to_seal)


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


async def seal(tx: Tx, message_id: int, meant: Meant, languages: Sequence[str]) -> Sealed:
    """Seal one message that may mean very many, whose texts are in these languages; what it leans on is sealed already."""
    await tx.run(SQL.plan_for, "force_custom_plan", "off", MEMORY)
    sealed = await tx.maybe(
        SQL.seal, Sealed, tx.community, message_id, tx.now, languages, meant.held, meant.but_not_told_by,
        meant.people, meant.residents_of, meant.served_by, meant.priority, meant.powered, meant.homes, meant.told_by, meant.held_by,
        meant.without,
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


async def seal_now(tx: Tx, message_ids: Iterable[int]) -> int:
    """Seal those of these messages that were left for later, whoever comes first; how many. Before the caller holds or reads any of them."""
    if not (waiting := await _left_with_what_they_lean_on(tx, message_ids)):
        return 0
    await lock_messages(tx, waiting)
    left = await tx.rows(SQL.left, Left, tx.community, sorted(waiting))  # by now: another may have been first
    for one in left:
        sealed = await seal(tx, one.id, one.meant, one.languages)
        if sealed.to_fan_out:
            lower(tx, "fan_out")
    return len(left)


async def seal_all_about(tx: Tx, subjects: Iterable[int]) -> int:
    """The same for all messages about these subjects."""
    return await seal_now(tx, await tx.column(SQL.left_about, tx.community, sorted(set(subjects))))


async def _left_with_what_they_lean_on(tx: Tx, message_ids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    asked = set(message_ids)
    while asked:
        left = await tx.rows(SQL.left, Left, tx.community, sorted(asked))
        found |= {one.id for one in left}
        asked = {other for one in left for other in one.meant.leans_on} - found
    return found
