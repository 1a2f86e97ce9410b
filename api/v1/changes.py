"""What is said and decided about an incident after it was declared."""

from typing import Annotated, Literal

from pydantic import Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import Done, Id, Language, Moment, PlaceText, ReporterBody, SaidText, Words, find_place, reporter_of
from incidents.answers.answers import Means, SaidToDesk, answer_for_somebody
from incidents.desk import changes
from incidents.desk.changes import Desk
from incidents.desk.reports import Reporter
from incidents.views.lists import summary
from playbooks.engine.events import AnswerWord
from playbooks.language.model import Severity


class FactsBody(Body):
    """Answers to the plan's questions; null means that the caller does not know."""

    facts: Annotated[dict[str, object], Field(min_length=1, max_length=100, examples=[{"people_inside": 2}])]


class UpdateBody(Body):
    """News for exactly those residents who were told; whoever reads no language given here gets the community's own."""

    texts: Annotated[dict[Language, SaidText], Field(min_length=1, examples=[{"zh-CN": "预计19:30恢复供电。", "en": "Power by 19:30."}])]
    next_by: Moment | None = Field(None, description="By when there will be news again")


class SeverityBody(Body):
    """How bad it is."""

    severity: Severity


class PlaceBody(Body):
    """Where it really is."""

    place: PlaceText


class NoteBody(Body):
    """A word on the record that is sent to nobody."""

    words: Annotated[Words, Field(min_length=1)]


class ConfirmationBody(Body):
    """One of the confirmations that closing waits for."""

    name: str = Field(max_length=60, examples=["everyone_out"])
    withdrawn: bool = False


class AnswerBody(Body):
    """What somebody said by radio or telephone; the desk writes it down for them."""

    person: Id
    kind: AnswerWord
    minutes: int | None = Field(None, ge=1, le=240, description="Until they are there")
    means: Means


class CancelBody(Body):
    """Why it was a false alarm."""

    reason: Annotated[Words, Field(min_length=1)]


class Empty(Body):
    """Nothing needs to be said."""


class ReportNumber(Shown):
    """Where the report stands on the timeline."""

    incident: Id
    no: int


class UpdatePosted(Shown):
    """The message that carries the news."""

    incident: Id
    message: Id


class AnswerTaken(Shown):
    """The answer as it counts; `others` hold the same alert."""

    incident: Id
    code: str
    kind: str
    at: Moment
    promised_at: Moment | None
    others: list[str]
    repeated: bool


class StatusShown(Shown):
    """The incident's state now."""

    incident: Id
    status: Literal["open", "relieved", "closed", "cancelled"]
    head: int


def desk_of(call: Call) -> Desk:
    """The caller at the desk, in this transaction."""
    return Desk(call.tx, call.context.wakeups, call.caller.actor)


async def _done(call: Call, incident_id: int) -> Done:
    return Done(incident=str(incident_id), head=(await summary(call.tx, incident_id)).head_no)


async def _status(call: Call, incident_id: int) -> StatusShown:
    row = await summary(call.tx, incident_id)
    return StatusShown.model_validate({"incident": str(incident_id), "status": row.status, "head": row.head_no})


async def add_report(call: Call, body: ReporterBody) -> ReportNumber:
    """Add one more call about the incident."""
    incident_id = call.id_of("incident")
    reporter = await reporter_of(call.tx, body, "") or Reporter()
    no = await changes.add_report(desk_of(call), incident_id, reporter)
    return ReportNumber(incident=str(incident_id), no=no)


async def set_facts(call: Call, body: FactsBody) -> Done:
    """Note answers to the plan's questions; an answer that matters moves the plan on."""
    incident_id = call.id_of("incident")
    await changes.set_facts(desk_of(call), incident_id, body.facts)
    return await _done(call, incident_id)


async def post_update(call: Call, body: UpdateBody) -> UpdatePosted:
    """Send news to exactly those residents who were told."""
    incident_id = call.id_of("incident")
    if body.next_by is not None and body.next_by <= call.tx.now:
        raise BodyInvalidError([FieldFault("/next_by", "field.in_the_past", {}, body.next_by.isoformat())])
    words = {str(language): text for language, text in body.texts.items()}
    message = await changes.post_update(desk_of(call), incident_id, words, body.next_by)
    return UpdatePosted(incident=str(incident_id), message=str(message))


async def set_severity(call: Call, body: SeverityBody) -> Done:
    """Raise or lower the severity."""
    incident_id = call.id_of("incident")
    await changes.set_severity(desk_of(call), incident_id, body.severity)
    return await _done(call, incident_id)


async def set_place(call: Call, body: PlaceBody) -> Done:
    """It is elsewhere: what is told from now on goes to the people of the new place."""
    incident_id = call.id_of("incident")
    place = await find_place(call.tx, body.place, "/place")
    await changes.set_place(desk_of(call), incident_id, place.id)
    return await _done(call, incident_id)


async def add_note(call: Call, body: NoteBody) -> ReportNumber:
    """Put a word on the record, also after the end."""
    incident_id = call.id_of("incident")
    return ReportNumber(incident=str(incident_id), no=await changes.add_note(desk_of(call), incident_id, body.words))


async def give_confirmation(call: Call, body: ConfirmationBody) -> Done:
    """Give or withdraw a confirmation that closing waits for."""
    incident_id = call.id_of("incident")
    act = changes.withdraw_confirmation if body.withdrawn else changes.confirm
    await act(desk_of(call), incident_id, body.name)
    return await _done(call, incident_id)


async def tell_residents(call: Call, body: Empty) -> Done:
    """Tell the residents now, on the caller's own word."""
    incident_id = call.id_of("incident")
    await changes.tell_residents_now(desk_of(call), incident_id)
    return await _done(call, incident_id)


async def write_answer(call: Call, body: AnswerBody) -> AnswerTaken:
    """Write down what somebody who was alerted said by radio or telephone."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    said = SaidToDesk(incident_id, int(body.person), body.kind, body.minutes, body.means)
    taken = await answer_for_somebody(call.tx, call.context.wakeups, said, call.caller.actor)
    return AnswerTaken(
        incident=str(taken.incident_id), code=taken.code, kind=taken.kind, at=taken.at, promised_at=taken.promised_at,
        others=taken.others, repeated=taken.repeated,
    )  # fmt: skip


async def resolve_incident(call: Call, body: Empty) -> StatusShown:
    """The danger is over; what closing waits for goes on."""
    incident_id = call.id_of("incident")
    await changes.resolve(desk_of(call), incident_id)
    return await _status(call, incident_id)


async def reopen_incident(call: Call, body: Empty) -> StatusShown:
    """It failed again."""
    incident_id = call.id_of("incident")
    await changes.reopen(desk_of(call), incident_id)
    return await _status(call, incident_id)


async def close_incident(call: Call, body: Empty) -> StatusShown:
    """End it; refused with the names of what is lacking."""
    incident_id = call.id_of("incident")
    await changes.close(desk_of(call), incident_id)
    return await _status(call, incident_id)


async def cancel_incident(call: Call, body: CancelBody) -> StatusShown:
    """It was a false alarm: everything stops, and exactly those who were told are told so."""
    incident_id = call.id_of("incident")
    await changes.cancel(desk_of(call), incident_id, body.reason)
    return await _status(call, incident_id)
