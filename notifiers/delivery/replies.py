"""What people send back. Every reply is kept; one is matched only when there is no doubt which alert it answers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from notifiers.channels.shape import ReplyIn
from notifiers.delivery.reach import SQL
from notifiers.delivery.reply_text import ParsedReply, parse_reply
from notifiers.errors import ReferenceWrongError
from notifiers.links import LinkTarget, read_reference
from people.errors import AddressWrongError
from people.persons import normalise_phone
from tocsin.base.database import Database, Tx
from tocsin.base.secrets import Secrets

ReplyOutcome = Literal["matched", "ambiguous", "not_understood", "unmatched"]


@dataclass(frozen=True, slots=True)
class RecordedReply:
    """A reply as it was understood.

    `message_id`, `no` and `person_ids` (whom that delivery had reached) only where it is matched; `codes` are the open
    ones where it could be any of several. `language` is the one to write back in. `duplicate`: the gateway repeats itself.
    """

    id: int
    outcome: ReplyOutcome
    message_id: int | None
    no: int | None
    person_ids: tuple[int, ...]
    parsed: ParsedReply
    codes: tuple[str, ...]
    address: str
    language: str
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A reply that was recorded before."""

    id: int
    outcome: ReplyOutcome
    message_id: int | None
    no: int | None
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenCode:
    """An alert that a telephone can answer."""

    code: str
    message_id: int
    no: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a delivery was: its language, address, code and gateway, and whom it reached."""

    language: str
    address: str
    code: str
    gateway_id: int
    person_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Reading:
    outcome: ReplyOutcome
    parsed: ParsedReply
    target: OpenCode | None = None
    codes: tuple[str, ...] = ()


async def community_of(database: Database, secrets: Secrets, gateway_id: int, reply: ReplyIn) -> int | None:
    """The community a reply belongs to: by its reference, its code, or the only community in which the telephone is alerted.

    With several it is the one that its code names, else the first (which then finds it ambiguous). Without any open alert it is the
    gateway's company's only community, or None.
    """
    if reply.reference is not None:
        try:
            return read_reference(reply.reference).community_id
        except ReferenceWrongError:
            return None
    phone = secrets.digests("phone", _address(reply.address))
    async with database.floor() as tx:
        communities = await tx.column(SQL.communities_of_phone, gateway_id, phone)
        if len(communities) > 1:
            named = await tx.value(SQL.code_of_phone, gateway_id, phone, parse_reply(reply.text).code or "")
            return int(named if named is not None else min(communities))
        if not communities:
            communities = await tx.column(SQL.communities_of_gateway, gateway_id)
        return int(communities[0]) if len(communities) == 1 else None


async def record(tx: Tx, secrets: Secrets, gateway_id: int, reply: ReplyIn) -> RecordedReply:
    """Keep a reply and say which alert it answers. A gateway that repeats itself gets the same word again."""
    reply = replace(reply, address=_address(reply.address))
    dedupe = hashlib.sha256(reply.dedupe.encode()).digest()
    reading = await _read(tx, secrets, gateway_id, reply)
    target = reading.target
    new_id = await tx.value(
        SQL.insert_reply, tx.community, gateway_id, dedupe, reply.address, reply.text, reading.outcome,
        target.message_id if target else None, target.no if target else None, tx.machine_now,
    )  # fmt: skip
    if new_id is None:
        return await _repeated(tx, gateway_id, dedupe)
    told = await _told(tx, target.message_id, target.no) if target else None
    return RecordedReply(
        id=new_id,
        outcome=reading.outcome,
        message_id=target.message_id if target else None,
        no=target.no if target else None,
        person_ids=tuple(told.person_ids) if told else (),
        parsed=reading.parsed,
        codes=reading.codes,
        address=reply.address,
        language=told.language if told else await _language(tx, reply.address),
        duplicate=False,
    )


async def _read(tx: Tx, secrets: Secrets, gateway_id: int, reply: ReplyIn) -> _Reading:
    if reply.reference is not None:
        return await _read_referenced(tx, gateway_id, reply, reply.reference)
    phone = secrets.digests("phone", reply.address)
    opened = {one.code: one for one in await tx.rows(SQL.codes_open_for, OpenCode, gateway_id, phone, tx.community)}
    return choose(parse_reply(reply.text, opened), opened, elsewhere=await _open_elsewhere(tx, gateway_id, phone))


def choose(parsed: ParsedReply, opened: dict[str, OpenCode], *, elsewhere: bool) -> _Reading:
    """Which of the open alerts a reply answers. `elsewhere`: the telephone is alerted in another community too. Pure."""
    if parsed.code is not None and parsed.code not in opened:
        return _Reading("unmatched" if parsed.understood else "not_understood", parsed, codes=tuple(sorted(opened)))
    if not opened:
        return _Reading("unmatched", parsed)
    if not parsed.understood:
        return _Reading("not_understood", parsed, codes=tuple(sorted(opened)))
    if parsed.code is None and (len(opened) > 1 or elsewhere):
        return _Reading("ambiguous", parsed, codes=tuple(sorted(opened)))
    target = opened[parsed.code] if parsed.code is not None else next(iter(opened.values()))
    return _Reading("matched", ParsedReply(target.code, parsed.digit, parsed.minutes), target, (target.code,))


async def _read_referenced(tx: Tx, gateway_id: int, reply: ReplyIn, reference: str) -> _Reading:
    """The gateway itself says which delivery was answered: a key pressed during the call."""
    parsed = parse_reply(reply.text)
    try:
        named: LinkTarget = read_reference(reference)
    except ReferenceWrongError:
        return _Reading("unmatched", parsed)
    told = await tx.maybe(SQL.delivery_facts, Told, tx.community, named.message_id, named.no)
    if named.community_id != tx.community or told is None or told.gateway_id != gateway_id:
        return _Reading("unmatched", parsed)
    if not parsed.understood:
        return _Reading("not_understood", parsed, codes=(told.code,))
    target = OpenCode(told.code, named.message_id, named.no)
    return _Reading("matched", ParsedReply(told.code, parsed.digit, parsed.minutes), target, (told.code,))


async def _open_elsewhere(tx: Tx, gateway_id: int, phone: list[bytes]) -> bool:
    communities = await tx.column(SQL.communities_of_phone, gateway_id, phone)
    return any(community != tx.community for community in communities)


async def _repeated(tx: Tx, gateway_id: int, dedupe: bytes) -> RecordedReply:
    stored = await tx.maybe(SQL.reply_by_dedupe, Stored, tx.community, gateway_id, dedupe)
    if stored is None:
        raise RuntimeError("the reply that stood in the way is not there")
    told = await _told(tx, stored.message_id, stored.no) if stored.message_id is not None and stored.no is not None else None
    return RecordedReply(
        id=stored.id,
        outcome=stored.outcome,
        message_id=stored.message_id,
        no=stored.no,
        person_ids=tuple(told.person_ids) if told else (),
        parsed=parse_reply(stored.text, [told.code] if told else []),
        codes=(),
        address=stored.address,
        language=told.language if told else await _language(tx, stored.address),
        duplicate=True,
    )


async def _told(tx: Tx, message_id: int, no: int) -> Told:
    told = await tx.maybe(SQL.delivery_facts, Told, tx.community, message_id, no)
    if told is None:
        raise RuntimeError("an open code names a delivery that is not there")
    return told


def _address(address: str) -> str:
    """Gateways write numbers with or without the country's code; what is no number stays as it is."""
    try:
        return normalise_phone(address)
    except AddressWrongError:
        return address


async def _language(tx: Tx, address: str) -> str:
    language: str | None = await tx.value(SQL.language_of_address, tx.community, address)
    return language or "zh-CN"
