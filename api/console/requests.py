"""Messages that wait for a second person: what was asked, by whom, and deciding on it."""

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from api.console.caller import whole_number
from api.console.page import local_path, see_other
from api.console.visit import Visit
from api.errors import NotFoundError
from incidents.desk import second_person
from incidents.desk.second_person import BroadcastRequest, requests_of, requests_to_decide
from incidents.desk.telling import Whom
from people.communities import is_night
from people.places import name_of, places_by_id

SHOWN_AFTER = timedelta(hours=2)
"""So long what was decided, or lapsed, stays in sight of whoever asked."""


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """One request in the visitor's language. `own`: the visitor asked, and so cannot approve. `night`: send, morning or rule where a night
    may hold it back, else ''."""

    request: BroadcastRequest
    whom: str
    texts: tuple[tuple[str, str], ...]
    own: bool
    night: str


async def show_requests(visit: Visit, incident_id: int | None = None) -> list[ShownRequest]:
    """What waits, of all incidents or of one; of one also what was decided within two hours."""
    if incident_id is None:
        found = await requests_to_decide(visit.tx)
    else:
        since = visit.tx.now - SHOWN_AFTER
        found = [one for one in await requests_of(visit.tx, incident_id) if one.state == "waiting" or (one.decided_at or since) > since]
    return [await _shown(visit, one) for one in found]


async def _shown(visit: Visit, request: BroadcastRequest) -> ShownRequest:
    wish = request.wish
    texts = tuple((language, wish.words[language]) for language in visit.community.languages if language in wish.words)
    night = wish.night or ("rule" if is_night(visit.community, visit.tx.now) else "")
    own = request.asked_account == visit.session.actor().account_id
    return ShownRequest(request, await whom_in_words(visit, wish.whom), texts, own, night)


async def whom_in_words(visit: Visit, whom: Whom) -> str:
    """An audience as it is read out."""
    places = await places_by_id(visit.tx, [*whom.residents_of, *whom.homes_served_by, *whom.homes, *whom.priority_in])
    names = [visit.say("console.tell.told")] if whom.told else []
    names += [name_of(places[one], visit.language) for one in (*whom.residents_of, *whom.homes) if one in places]
    names += [visit.say("console.tell.served", place=name_of(places[one], visit.language)) for one in whom.homes_served_by if one in places]
    names += [visit.say("console.tell.first_in", place=name_of(places[one], visit.language)) for one in whom.priority_in if one in places]
    words = visit.say("console.comma").join(names)
    return visit.say("console.tell.but_not_told", whom=words) if whom.except_told and words else words


async def do_request(visit: Visit) -> web.Response:
    """POST /requests/{request}: approve, refuse with a reason, or withdraw one's own."""
    request_id, act = whole_number(visit.request.match_info["request"]), visit.field("do")
    request = await second_person.request_of(visit.tx, request_id)
    back = local_path(visit.field("back"), f"/i/{request.number}/messages")
    if act == "withdraw":
        await second_person.withdraw(visit.desk, request_id)
    elif act == "approve":
        visit.must("steer")
        approved = await second_person.approve(visit.desk, request_id)
        if approved.told is not None:
            back = f"/i/{request.number}/messages?sent={approved.told.message_id}#m-{approved.told.message_id}"
    elif act == "refuse":
        visit.must("steer")
        await second_person.refuse(visit.desk, request_id, visit.field("why")[:400])
    else:
        raise NotFoundError(value=act[:20])
    return see_other(back)
