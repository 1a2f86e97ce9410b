"""What residents were told about an incident: each message with where it stands, and stopping, pausing, resuming and correcting it."""

from dataclasses import dataclass

from aiohttp import web

from api.console.caller import whole_number
from api.console.page import local_path, see_other
from api.console.requests import show_requests
from api.console.sure import rehearse
from api.console.visit import Visit
from api.console.words import without_slots
from api.errors import NotFoundError
from incidents.conductor.words import Voice
from incidents.desk import changes
from incidents.desk import messages as desk
from incidents.desk.ready_texts import ready_correction
from incidents.desk.telling import voice_of_incident
from incidents.errors import MessageOfAnotherError
from incidents.views.lists import incident
from incidents.views.message_board import BoardMessage, message_board
from incidents.views.messages import one_message
from people.communities import night_ends_at
from people.places import name_of
from playbooks.engine.decide import State
from tocsin.base.texts import has_text

ACTS = ("stop", "pause", "resume", "correct", "now")


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """One message as the page shows it. `title`: what it is; `plan_holds`: the plan keeps it for the morning, and lets it go by itself."""

    one: BoardMessage
    title: str
    text: str
    plan_holds: bool

    @property
    def state(self) -> str:
        return "held" if self.plan_holds and self.one.state == "sent" else self.one.state

    @property
    def percent(self) -> int:
        """How much of it has left."""
        row, waiting = self.one.row, self.one.left.waiting
        total = max(1, row.size - row.excluded - row.opted_out)
        return max(0, min(100, round(100 * (total - waiting) / total)))


async def show_messages(visit: Visit) -> web.Response:
    """GET /i/{number}/messages"""
    incident_id = await visit.incident_id()
    view = await incident(visit.tx, incident_id)
    voice = await voice_of_incident(visit.tx, view.summary, visit.community)
    state = State.model_validate(view.summary.state)
    held = {name for name, record in state.steps.items() if "held" in record.outcomes and "sent" not in record.outcomes}
    board = await message_board(visit.tx, incident_id)
    return visit.page(
        "messages.html",
        row=view.summary,
        title=voice.playbook.title[visit.language],
        place=name_of(voice.place, visit.language),
        over=view.summary.status in ("closed", "cancelled"),
        messages=[_shown(visit, voice, one, held) for one in board],
        sent=whole_number(visit.query("sent")),
        asked=whole_number(visit.query("asked")),
        requests=await show_requests(visit, incident_id),
        morning=night_ends_at(visit.community, visit.tx.now),
        correction=ready_correction(voice),
        languages=visit.community.languages,
        may={name: visit.session.may(name) for name in ("desk", "steer")},
    )


def _shown(visit: Visit, voice: Voice, one: BoardMessage, held: set[str]) -> ShownMessage:
    step = one.row.effect_key.partition("#")[0].partition("/")[0]
    known = voice.playbook.steps.get(step)
    key = f"console.messages.what.{step.replace('-', '_')}"
    title = (
        known.title[visit.language] if known is not None else visit.say(key) if has_text(key) else visit.say("console.messages.what.other")
    )
    if one.row.is_correction:
        title = visit.say("console.messages.what.correction")
    text = one.row.texts.get(visit.language) or next(iter(one.row.texts.values()), "")
    return ShownMessage(one, title, without_slots(text), step in held and one.row.held_homes > 0)


async def do_message(visit: Visit) -> web.Response:
    """POST /i/{number}/messages/{message}/{act}"""
    incident_id, act = await visit.incident_id(), visit.request.match_info["act"]
    message_id = whole_number(visit.request.match_info["message"])
    board = {one.row.id: one for one in await message_board(visit.tx, incident_id)}
    if act not in ACTS:
        raise NotFoundError(value=act)
    if message_id not in board:
        raise MessageOfAnotherError(value=(await one_message(visit.tx, message_id)).id)
    is_undo = act == "stop" and board[message_id].state == "undo"
    visit.must("desk" if is_undo or act == "correct" else "steer")
    if act == "correct":
        words = {language: visit.field(f"words_{language}") for language in visit.community.languages}
        if visit.field("look"):
            return await rehearse(
                visit, "correct", [incident_id], lambda: desk.correct_message(visit.desk, message_id, words, insist="insist" in visit.form)
            )
        await desk.correct_message(visit.desk, message_id, words, insist="insist" in visit.form)
    elif act == "stop":
        await desk.stop_message(visit.desk, message_id)
    elif act == "pause":
        await desk.pause_message(visit.desk, message_id)
    elif act == "resume":
        await desk.resume_message(visit.desk, message_id)
    elif await desk.send_held_now(visit.desk, message_id) is None:
        await changes.tell_residents_now(visit.desk, incident_id)
    return see_other(local_path(visit.field("back"), f"/i/{visit.request.match_info['number']}/messages#m-{message_id}"))
