"""What callers were promised: a call back, an answer to a complaint."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown
from api.route import Call
from api.v1.changes import desk_of
from api.v1.shapes import Done, Id, Line, PlaceText, Words, done, find_place
from incidents.desk.call_backs import MOST_TRIES, CallBackResult, note_call_back
from incidents.desk.callers import name_home
from incidents.desk.complaints import Complaint, Outcome, answer_complaint, hand_complaint_on
from incidents.desk.follow_ups import FollowUpResult, note_follow_up
from incidents.views.promises import open_call_backs, open_complaints, open_follow_ups


class OpenCallBackShown(Shown):
    """A call that was promised to the caller of this report; `due_at`: the next try, `tries`: those made so far."""

    incident: Id
    number: int
    report: int
    name: str | None
    phone: str | None
    due_at: datetime
    tries: int


class CallBackList(Shown):
    """All promised calls that have not ended, the earliest first."""

    items: list[OpenCallBackShown]


class OpenComplaintShown(Shown):
    """A complaint without an answer yet."""

    incident: Id
    number: int
    report: int
    at: datetime
    name: str | None
    phone: str | None
    words: str
    owner: str = Field(description="Who answers for it")
    due_at: datetime


class ComplaintList(Shown):
    """All complaints that wait for their answer, the earliest due first."""

    items: list[OpenComplaintShown]


class CallBackBody(Body):
    """How the call went."""

    result: CallBackResult
    attempt: int = Field(ge=1, le=MOST_TRIES, description="Which call this was, from 1; the same one sent again counts once")


class CallBackShown(Shown):
    """How the promised call stands; `due_at` is null once it ended."""

    report: int
    state: Literal["waiting", "told", "unreachable"]
    tries: int
    due_at: datetime | None


class FollowUpBody(Body):
    """How the call went, and what they said."""

    round: int = Field(1, ge=1, le=10, description="The first call after the end, or a later one where the playbook asks for more")
    result: FollowUpResult
    attempt: int = Field(ge=1, le=MOST_TRIES, description="Which try this was, from 1; the same one sent again counts once")


class FollowUpShown(Shown):
    """How the call stands; `due_at` is null once it ended."""

    report: int
    round: int
    state: Literal["waiting", "spoken", "unreachable"]
    satisfied: bool | None
    tries: int
    due_at: datetime | None


class OpenFollowUpShown(Shown):
    """A caller who is to be called once more."""

    incident: Id
    number: int
    report: int
    round: int
    name: str | None
    phone: str | None
    due_at: datetime
    tries: int


class FollowUpList(Shown):
    """All of them, the earliest first."""

    items: list[OpenFollowUpShown]


class CallerHomeBody(Body):
    """From which home the report came."""

    home: PlaceText | None = Field(description="null: from none that is known here", examples=["3-2-1502"])


class OwnerBody(Body):
    """Who answers for the complaint from now on."""

    owner: Annotated[Line, Field(min_length=1)]


class OutcomeBody(Body):
    """How the complaint ended."""

    outcome: Outcome
    words: Words = Field("", description="What the caller was told")


class ComplaintShown(Shown):
    """How the complaint stands."""

    report: int
    owner: str
    due_at: datetime
    answered_at: datetime | None
    outcome: Outcome | None


async def name_caller_home(call: Call, body: CallerHomeBody) -> Done:
    """Say from which home a report came, where its number has several; once said, it stays."""
    home = await find_place(call.tx, body.home, "/home") if body.home is not None else None
    if home is not None and home.kind != "home":
        raise BodyInvalidError([FieldFault("/home", "field.not_a_home", {}, body.home)])
    return done(await name_home(desk_of(call), call.id_of("incident"), call.id_of("report"), home.id if home else None))


async def list_call_backs(call: Call) -> CallBackList:
    """List whom the desk promised to call back and has neither told nor given up."""
    return CallBackList(
        items=[
            OpenCallBackShown(
                incident=str(one.incident_id), number=one.number, report=one.no, name=one.caller_name, phone=one.caller_phone,
                due_at=one.due, tries=one.tries,
            )
            for one in await open_call_backs(call.tx)
        ]
    )  # fmt: skip


async def list_follow_ups(call: Call) -> FollowUpList:
    """List the callers who are to be called once more after the end, as far ahead as a shift."""
    return FollowUpList(
        items=[
            OpenFollowUpShown(
                incident=str(one.incident_id), number=one.number, report=one.no, round=one.round, name=one.caller_name,
                phone=one.caller_phone, due_at=one.due, tries=one.tries,
            )
            for one in await open_follow_ups(call.tx)
        ]
    )  # fmt: skip


async def finish_follow_up(call: Call, body: FollowUpBody) -> FollowUpShown:
    """Say how a call after the end went; without an answer it is due again, after three it ends as unreachable."""
    report = call.id_of("report")
    stands = await note_follow_up(desk_of(call), call.id_of("incident"), report, body.round, body.result, body.attempt)
    due = stands.due if stands.state == "waiting" else None
    return FollowUpShown(
        report=report, round=body.round, state=stands.state, satisfied=stands.satisfied, tries=stands.tries, due_at=due
    )  # fmt: skip


async def list_complaints(call: Call) -> ComplaintList:
    """List the complaints that nobody has answered yet."""
    return ComplaintList(
        items=[
            OpenComplaintShown(
                incident=str(one.incident_id), number=one.number, report=one.no, at=one.at, name=one.caller_name, phone=one.caller_phone,
                words=one.words, owner=one.owner, due_at=one.due,
            )
            for one in await open_complaints(call.tx)
        ]
    )  # fmt: skip


async def finish_call_back(call: Call, body: CallBackBody) -> CallBackShown:
    """Say how a promised call went; without an answer it is due again, after three it ends as unreachable."""
    report = call.id_of("report")
    stands = await note_call_back(desk_of(call), call.id_of("incident"), report, body.result, body.attempt)
    due = stands.due if stands.state == "waiting" else None
    return CallBackShown(report=report, state=stands.state, tries=stands.tries, due_at=due)


async def give_complaint_owner(call: Call, body: OwnerBody) -> ComplaintShown:
    """Hand a complaint on to somebody else; the time by which it is answered stays."""
    report = call.id_of("report")
    return _complaint(report, await hand_complaint_on(desk_of(call), call.id_of("incident"), report, body.owner))


async def finish_complaint(call: Call, body: OutcomeBody) -> ComplaintShown:
    """Say how a complaint ended."""
    report = call.id_of("report")
    return _complaint(report, await answer_complaint(desk_of(call), call.id_of("incident"), report, body.outcome, body.words))


def _complaint(report: int, one: Complaint) -> ComplaintShown:
    return ComplaintShown(report=report, owner=one.owner, due_at=one.due, answered_at=one.answered_at, outcome=one.outcome)
