"""Doors that were knocked on."""

from pydantic import Field

from api.errors import BodyInvalidError, FieldFault
from api.fields import Body
from api.route import Call
from api.v1.changes import desk_of
from api.v1.shapes import Id, Led, Links, Moment, PlaceText, Words, find_place, links_of, show_alerted
from incidents.desk.visits import Visit, VisitResult, note_visit
from incidents.views.lists import summary


class VisitBody(Body):
    """One knock on one door."""

    home: PlaceText = Field(examples=["3-2-1503"])
    result: VisitResult = Field(
        description="seen: somebody was met and told. note_left and no_answer: nobody was told. vacant: nobody lives there"
    )
    visitor: Id | None = Field(None, description="The member of staff who knocked; null: whoever writes it down")
    at: Moment | None = Field(None, description="When; null: now")
    words: Words = ""


class VisitNumber(Led):
    """Where the visit stands on the timeline; `messages` count this household as told at the door."""

    no: int
    messages: int
    links: Links


async def add_visit(call: Call, body: VisitBody) -> VisitNumber:
    """Write down that somebody knocked on a door, and what came of it."""
    incident_id = call.id_of("incident")
    await summary(call.tx, incident_id)
    home = await find_place(call.tx, body.home, "/home")
    if home.kind != "home":
        raise BodyInvalidError([FieldFault("/home", "field.not_a_home", {}, body.home)])
    if body.at is not None and body.at > call.tx.now:
        raise BodyInvalidError([FieldFault("/at", "field.in_the_future", {}, body.at.isoformat())])
    visitor = int(body.visitor) if body.visitor is not None else None
    noted = await note_visit(desk_of(call), incident_id, Visit(home.id, home.code, body.result, visitor, body.at, body.words))
    return VisitNumber(
        incident=str(incident_id), no=noted.no, messages=noted.messages, links=links_of(incident_id, noted.no),
        alerted=show_alerted(noted.changed.alerted), red=noted.changed.red,
    )  # fmt: skip
