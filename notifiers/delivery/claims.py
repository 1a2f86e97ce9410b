"""Claims deliveries. Claimed means on the wire: nothing is claimed before there is room and a permit for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from notifiers.delivery.ranges.claiming import InRange, claim_ranges, names_of
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.secrets import Secrets
from tocsin.base.work import Lane, hold, lower, raise_to

SQL = load_queries(__package__)

Place = tuple[datetime, int, int]
"""A place in a channel's queue: when due, message, number."""
BEFORE_ALL: Place = (datetime(1970, 1, 1, tzinfo=UTC), 0, 0)


@dataclass(frozen=True, slots=True)
class WaitingChannel:
    """A channel with deliveries due in a lane, of which some wait `in_ranges`; `kind` is its medium. `set_aside_at`: its gateway was then (machine time), and still is;
    `pause_seconds`: it asked to be left alone for so long."""

    channel_id: int
    gateway_id: int
    kind: str
    enabled: bool
    waiting: int
    in_ranges: int
    set_aside_at: datetime | None
    pause_seconds: float

    @property
    def set_aside(self) -> bool:
        """Whether its gateway is believed dead."""
        return self.set_aside_at is not None


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries of a channel may be claimed now, and whether its gateway tells repeats apart; those `behind` a place alone, because
    nothing is left before it: while somebody's old transaction is open, what was there would be passed over again at each claim.
    `in_ranges`: some wait there; `in_rows`: some wait by themselves.
    """

    channel_id: int
    room: int
    repeats_told_apart: bool
    behind: Place = BEFORE_ALL
    in_ranges: bool = True
    in_rows: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says in one language through one channel: the same for all deliveries that carry it.

    `about` is the message's subject, `template` the channel's mapping of this text, if it has one.
    """

    message_id: int
    language: str
    channel_id: int
    gateway_id: int
    about: int | None
    kind: str
    life_safety: bool
    code: str
    link: str
    text_key: str
    variables: Mapping[str, object]
    text: str
    subject: str
    signature: str
    template: object

    @property
    def calls_by_name(self) -> bool:
        """Whether a person's name is part of it."""
        return "{name}" in self.text or "{name}" in self.subject or "name" in str(self.template or "")


NO_WORDS = Words(0, "", 0, 0, None, "", False, "", "", "", {}, "", "", "", None)


@dataclass(slots=True)
class Claimed:
    """One delivery on the wire by claim number `token`; or one found `expired` and not claimed. `words`: what it carries, set by `claim`.

    Claimed as one of many, `range_id` is their claim, and `member_no` leads the members whom it reaches.
    """

    message_id: int
    no: int
    token: int
    attempts: int
    maybe_sent: bool
    channel_id: int
    address: str
    language: str
    expired: bool
    person_name: str | None
    words: Words = NO_WORDS
    range_id: int = 0
    member_no: int = 0
    person_id: int = 0
    due_at: datetime = BEFORE_ALL[0]

    @property
    def place(self) -> Place:
        """Where it stood in its channel's queue."""
        return (self.due_at, self.message_id, self.no)

    @property
    def alert(self) -> bool:
        return self.words.kind == "alert"

    @property
    def life_safety(self) -> bool:
        return self.words.life_safety


async def claim(tx: Tx, lane: Lane, rooms: Sequence[Room], *, now: datetime, lease_seconds: float) -> list[Claimed]:
    """Claim what is due in `lane`, as much as there is room for; may be sent once this transaction's commit is confirmed.

    `now` is machine time.
    """
    until = now + timedelta(seconds=lease_seconds)
    claimed = await _claim_rows(tx, lane, [one for one in rooms if one.in_rows], now, until)
    for room in rooms:
        left = room.room - sum(1 for one in claimed if one.channel_id == room.channel_id)
        if room.in_ranges and left > 0 and lane != "alert":
            many = await claim_ranges(tx, lane, room.channel_id, left, now=now, until=until, repeats_told_apart=room.repeats_told_apart)
            claimed += [_of_range(one, room.channel_id) for one in many]
    if claimed:
        if any(not one.expired for one in claimed):
            lower(tx, "leases", until)
        await _give_words(tx, claimed)
        await _give_names(tx, [one for one in claimed if one.range_id and one.words.calls_by_name])
    return claimed


async def _claim_rows(tx: Tx, lane: Lane, rooms: Sequence[Room], now: datetime, until: datetime) -> list[Claimed]:
    if not rooms:
        return []
    return await tx.rows(
        SQL.claim, Claimed, tx.community, lane, now, until, tx.now,
        [one.channel_id for one in rooms], [one.room for one in rooms], [one.repeats_told_apart for one in rooms],
        *([one.behind[part] for one in rooms] for part in range(3)),
    )  # fmt: skip


def _of_range(one: InRange, channel_id: int) -> Claimed:
    """The first try of one of many."""
    return Claimed(
        one.message_id, one.no, 1, 1, False, channel_id, one.address, one.language, False, None,
        range_id=one.range_id, member_no=one.member_no, person_id=one.person_id,
    )  # fmt: skip


async def _give_names(tx: Tx, claimed: Sequence[Claimed]) -> None:
    """A row brings its person's name; of many, names are read where their text calls people by name."""
    if claimed:
        names = await names_of(tx, (one.person_id for one in claimed))
        for one in claimed:
            one.person_name = names.get(one.person_id)


async def _give_words(tx: Tx, claimed: Sequence[Claimed]) -> None:
    """A text is read once, however many deliveries carry it."""
    keys = {(one.message_id, one.language, one.channel_id) for one in claimed}
    rows = await tx.rows(
        SQL.words, Words, tx.community,
        [message for message, _, _ in keys], [language for _, language, _ in keys], [channel for _, _, channel in keys],
    )  # fmt: skip
    words = {(one.message_id, one.language, one.channel_id): one for one in rows}
    for one in claimed:
        one.words = words[one.message_id, one.language, one.channel_id]


async def open_codes(tx: Tx, secrets: Secrets, claimed: Sequence[Claimed]) -> None:
    """Before they leave, note which telephones can answer with which code."""
    codes = {
        (one.words.gateway_id, secrets.digest("phone", one.address), one.words.code): one
        for one in claimed
        if one.words.code and not one.expired and one.address.startswith("+")
    }
    if codes:
        await tx.run(
            SQL.open_codes, tx.community,
            [gateway for gateway, _, _ in codes], [phone for _, phone, _ in codes], [code for _, _, code in codes],
            [one.message_id for one in codes.values()], [one.no for one in codes.values()],
        )  # fmt: skip


async def rest_lane(database: Database, community_id: int, lane: Lane) -> None:
    """Say when this community's lane is due next, holding its row while looking; when that is now, behind the others that wait.

    A transaction of its own: one that holds a row of `work` lowers none, so that no two can wait for each other.
    """
    async with database.community(community_id) as tx:
        await tx.run(SQL.may_be_lost)
        if await hold(tx, lane):
            due_at: datetime | None = await tx.value(SQL.next_due, community_id, lane)
            await raise_to(tx, lane, None if due_at is None else max(due_at, tx.machine_now))
