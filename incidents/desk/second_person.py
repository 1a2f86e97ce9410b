"""A message to many homes waits for a second person: asked for, seen by everybody at the desk, approved or refused by another account.

It is bound to the figure that was seen. When another one would be sealed by the time somebody approves, nothing is sent and it is asked
anew. Nobody waits for ever: a request that nobody decided lapses, and says so.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from incidents.conductor.case import Case, open_case, save, set_timer
from incidents.conductor.timers import REQUEST_TIMER
from incidents.desk.changes import Desk
from incidents.desk.own_words import check_words
from incidents.desk.ready_texts import Chosen
from incidents.desk.telling import Telling, Told, Whom, foresee_telling, tell
from incidents.errors import AudienceChangedError, AudienceEmptyError, OwnRequestError, RequestDecidedError, RequestUnknownError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)
LAPSES_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class BroadcastRequest:
    """One request as it lies in the database. `state`: waiting, approved, refused, withdrawn, expired, or changed (the figure was another)."""

    id: int
    incident_id: int
    number: int
    telling: Mapping[str, object]
    homes: int
    asked_at: datetime
    asked_by: str
    asked_account: int | None
    expires_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str | None
    why: str
    message_id: int | None

    @property
    def wish(self) -> Telling:
        """What is asked for, bound to the figure that was seen."""
        return replace(_read(self.telling), confirmed_homes=self.homes)


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of an approval: the message, or the figure that it would have now, for which it has to be asked anew."""

    told: Told | None
    homes: int


async def ask(desk: Desk, incident_id: int, telling: Telling) -> int:
    """Ask for somebody else's approval; the request's id. Raises what `tell` raises for a wrong text, audience or figure."""
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    check_words(case.plan.playbook, case.community.languages, telling.words, insist=telling.insist)
    homes = (await foresee_telling(desk.tx, incident_id, telling)).forecast.homes
    if homes == 0:
        raise AudienceEmptyError(field="/audience")
    if telling.confirmed_homes is not None and telling.confirmed_homes != homes:
        raise AudienceChangedError(field="/confirmed_homes", value=telling.confirmed_homes, homes=homes)
    lapses = desk.tx.now + LAPSES_AFTER
    request_id: int = await desk.tx.value(
        SQL.insert_request,
        desk.tx.community,
        incident_id,
        _write(telling),
        homes,
        desk.tx.now,
        desk.actor.name,
        desk.actor.account_id,
        lapses,
    )
    await set_timer(desk.tx, incident_id, f"{REQUEST_TIMER}{request_id}", lapses)
    _record(case, desk, "telling_asked", {"request": request_id, "homes": homes}, telling.words)
    await save(case)
    return request_id


async def approve(desk: Desk, request_id: int) -> Approved:
    """Send what was asked for. Raises RequestUnknownError, RequestDecidedError, OwnRequestError, and what `tell` raises."""
    case, request = await _hold(desk, request_id)
    if desk.actor.account_id is None or desk.actor.account_id == request.asked_account:
        raise OwnRequestError()
    homes = (await foresee_telling(desk.tx, request.incident_id, request.wish)).forecast.homes
    if homes != request.homes:
        await _decide(case, desk, request, "changed", why=str(homes))
        return Approved(None, homes)
    await _decide(case, desk, request, "approved")
    told = await tell(desk, request.incident_id, replace(request.wish, approved=True))
    await desk.tx.run(SQL.note_message_of_request, desk.tx.community, request_id, told.message_id)
    return Approved(told, homes)


async def refuse(desk: Desk, request_id: int, why: str) -> None:
    """Do not send it, and say why. Raises RequestUnknownError, RequestDecidedError."""
    case, request = await _hold(desk, request_id)
    await _decide(case, desk, request, "refused", why=why)


async def withdraw(desk: Desk, request_id: int) -> None:
    """Who asked no longer asks. Raises RequestUnknownError, RequestDecidedError, and OwnRequestError for somebody else."""
    case, request = await _hold(desk, request_id)
    if desk.actor.account_id != request.asked_account:
        raise OwnRequestError()
    await _decide(case, desk, request, "withdrawn")


async def request_of(tx: Tx, request_id: int) -> BroadcastRequest:
    """The request; raises RequestUnknownError."""
    found = await tx.maybe(SQL.one_request, BroadcastRequest, tx.community, request_id)
    if found is None:
        raise RequestUnknownError(value=request_id)
    return found


async def requests_to_decide(tx: Tx) -> list[BroadcastRequest]:
    """What waits for a second person in this community, the soonest to lapse first."""
    return await tx.rows(SQL.waiting_requests, BroadcastRequest, tx.community)


async def requests_of(tx: Tx, incident_id: int) -> list[BroadcastRequest]:
    """Every request about this incident, the newest first."""
    return await tx.rows(SQL.requests_of_incident, BroadcastRequest, tx.community, incident_id)


async def _hold(desk: Desk, request_id: int) -> tuple[Case, BroadcastRequest]:
    """The incident first, as always; then what the request has become by now."""
    incident_id = (await request_of(desk.tx, request_id)).incident_id
    case = await open_case(desk.tx, desk.wakeups, incident_id)
    request = await request_of(desk.tx, request_id)
    if request.state != "waiting":
        raise RequestDecidedError(value=request_id, state=request.state)
    if request.expires_at <= desk.tx.now:
        raise RequestDecidedError(value=request_id, state="expired")
    return case, request


async def _decide(case: Case, desk: Desk, request: BroadcastRequest, state: str, *, why: str = "") -> None:
    await desk.tx.run(SQL.decide_request, desk.tx.community, request.id, state, desk.tx.now, desk.actor.name, why)
    _record(case, desk, f"telling_{state}", {"request": request.id, "homes": request.homes}, {"reason": why} if why else {})
    await save(case)


def _record(case: Case, desk: Desk, kind: str, body: Mapping[str, object], words: Mapping[str, str]) -> None:
    detail = {"by_name": desk.actor.name, **words}
    case.ledger.append(desk.tx.now, kind, "outside", {**body, "by": desk.actor.as_ids()}, detail=detail)


def _write(telling: Telling) -> dict[str, object]:
    wish = {
        name: value
        for name, value in asdict(telling).items()
        if name in ("whom", "words", "night", "asks_safety", "insist", "undo_seconds")
    }
    if telling.next_by is not None:
        wish["next_by"] = telling.next_by.isoformat()
    if telling.ready is not None:
        wish["ready"] = {**asdict(telling.ready), "at": telling.ready.at.isoformat()}
    return wish


def _read(wish: Mapping[str, object]) -> Telling:
    known = dict(wish)
    whom, ready, next_by = known.pop("whom"), known.pop("ready", None), known.pop("next_by", None)
    assert isinstance(whom, Mapping)
    chosen = Chosen(**{**ready, "at": datetime.fromisoformat(ready["at"])}) if isinstance(ready, Mapping) else None
    return Telling(
        whom=Whom(**{name: tuple(value) if isinstance(value, list) else value for name, value in whom.items()}),  # type: ignore[arg-type]
        ready=chosen,
        next_by=datetime.fromisoformat(next_by) if isinstance(next_by, str) else None,
        **known,  # type: ignore[arg-type]
    )
