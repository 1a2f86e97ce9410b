"""What is said and decided about an incident after it was declared."""

from typing import Annotated

from pydantic import Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body, Shown
from api.route import Call
from api.v1.shapes import (
    Done,
    Id,
    Insist,
    Led,
    Links,
    Moment,
    PlaceText,
    ReporterBody,
    Texts,
    Words,
    done,
    find_place,
    incident_address,
    links_of,
    message_address,
    reporter_of,
    show_alerted,
)
from incidents.answers.answers import Means, SaidToDesk, answer_for_somebody
from incidents.desk import changes
from incidents.desk.changes import Desk
from incidents.desk.merging import merge
from incidents.desk.reports import Reporter
from incidents.views.lists import summary
from playbooks.engine.events import AnswerWord
from playbooks.language.model import Severity


class FactsBody(Body):
    """Answers to the plan's questions; null means that the caller does not know."""

    facts: Annotated[dict[str, object], Field(min_length=1, max_length=100, examples=[{"people_inside": 2}])]


class UpdateBody(Body):
    """News for exactly those residents who were told; whoever reads no language given here gets the community's own."""

    texts: Texts
    next_by: Moment | None = Field(None, description="By when there will be news again")
    insist: Insist = False


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


class MergeIncidentBody(Body):
    """Which incident goes on."""

    into: Id


class ReportNumber(Led):
    """Where the report stands on the timeline."""

    no: int
    links: Links


class NoteNumber(Shown):
    """Where the note stands on the timeline."""

    incident: Id
    no: int
    links: Links


class UpdatePosted(Shown):
    """The message that carries the news."""

    incident: Id
    message: Id
    links: Links


class AnswerTaken(Shown):
    """The answer as it counts; `others` hold the same alert."""

    incident: Id
    code: str
    kind: str
    at: Moment
    promised_at: Moment | None
    others: list[str]
    repeated: bool
    links: Links


class MergedShown(Done):
    """The incident that goes on; `merged` is over, and so many of its reports stand here now."""

    merged: Id
    reports: int


def desk_of(call: Call) -> Desk:
    """The caller at the desk, in this transaction."""
    return Desk(call.tx, call.context.wakeups, call.caller.actor)


async def add_report(call: Call, body: ReporterBody) -> ReportNumber:
    """Add one more call about the incident; whoever spoke with the desk counts as told."""
    incident_id = call.id_of("incident")
    reporter = await reporter_of(call.tx, body, "") or Reporter()
    noted = await changes.add_report(desk_of(call), incident_id, reporter)
    return ReportNumber(
        incident=str(incident_id), no=noted.no, links=links_of(incident_id, noted.no), alerted=show_alerted(noted.changed.alerted),
        red=noted.changed.red,
    )  # fmt: skip


async def set_facts(call: Call, body: FactsBody) -> Done:
    """Note answers to the plan's questions; an answer that matters moves the plan on."""
    return done(await changes.set_facts(desk_of(call), call.id_of("incident"), body.facts))


async def post_update(call: Call, body: UpdateBody) -> UpdatePosted:
    """Send news to exactly those residents who were told."""
    incident_id = call.id_of("incident")
    if body.next_by is not None and body.next_by <= call.tx.now:
        raise BodyInvalidError([FieldFault("/next_by", "field.in_the_past", {}, body.next_by.isoformat())])
    words = {str(language): text for language, text in body.texts.items()}
    message = await changes.post_update(desk_of(call), incident_id, words, body.next_by, insist=body.insist)
    links = Links(self=message_address(message), incident=incident_address(incident_id))
    return UpdatePosted(incident=str(incident_id), message=str(message), links=links)


async def set_severity(call: Call, body: SeverityBody) -> Done:
    """Raise or lower the severity."""
    return done(await changes.set_severity(desk_of(call), call.id_of("incident"), body.severity))


async def set_place(call: Call, body: PlaceBody) -> Done:
    """It is elsewhere: those alerted hear where, those wrongly told are corrected, those newly concerned are told."""
    incident_id = call.id_of("incident")
    place = await find_place(call.tx, body.place, "/place")
    return done(await changes.set_place(desk_of(call), incident_id, place.id))


async def add_note(call: Call, body: NoteBody) -> NoteNumber:
    """Put a word on the record, also after the end."""
    incident_id = call.id_of("incident")
    no = await changes.add_note(desk_of(call), incident_id, body.words)
    return NoteNumber(incident=str(incident_id), no=no, links=links_of(incident_id, no))


async def give_confirmation(call: Call, body: ConfirmationBody) -> Done:
    """Give or withdraw a confirmation that closing waits for."""
    act = changes.withdraw_confirmation if body.withdrawn else changes.confirm
    return done(await act(desk_of(call), call.id_of("incident"), body.name))


async def tell_residents(call: Call, body: Empty) -> Done:
    """Tell the residents now, on the caller's own word."""
    return done(await changes.tell_residents_now(desk_of(call), call.id_of("incident")))


async def write_answer(call: Call, body: AnswerBody) -> AnswerTaken:
    """Write down what somebody who was alerted said by radio or telephone."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    said = SaidToDesk(incident_id, int(body.person), body.kind, body.minutes, body.means)
    taken = await answer_for_somebody(call.tx, call.context.wakeups, said, call.caller.actor)
    address = incident_address(incident_id)
    return AnswerTaken(
        incident=str(taken.incident_id), code=taken.code, kind=taken.kind, at=taken.at, promised_at=taken.promised_at,
        others=taken.others, repeated=taken.repeated, links=Links(self=f"{address}/timeline", incident=address),
    )  # fmt: skip


async def resolve_incident(call: Call, body: Empty) -> Done:
    """The danger is over; what closing waits for goes on."""
    return done(await changes.resolve(desk_of(call), call.id_of("incident")))


async def reopen_incident(call: Call, body: Empty) -> Done:
    """It failed again."""
    return done(await changes.reopen(desk_of(call), call.id_of("incident")))


async def close_incident(call: Call, body: Empty) -> Done:
    """End it; refused with the names of what is lacking."""
    return done(await changes.close(desk_of(call), call.id_of("incident")))


async def cancel_incident(call: Call, body: CancelBody) -> Done:
    """It was a false alarm: everything stops, and exactly those who were told are told so."""
    return done(await changes.cancel(desk_of(call), call.id_of("incident"), body.reason))


async def merge_incident(call: Call, body: MergeIncidentBody) -> MergedShown:
    """This incident is the same emergency as another: it becomes part of that one; reports move, alerts are not sent again."""
    merged = await merge(desk_of(call), call.id_of("incident"), int(body.into))
    return MergedShown(**done(merged.into).model_dump(), merged=str(merged.gone.incident_id), reports=merged.reports)
