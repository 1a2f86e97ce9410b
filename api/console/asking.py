"""After the alert: the questions one by one, each answer saved at once, while the phones already ring."""

from urllib.parse import quote

from aiohttp import web

from api.console.answers_to_questions import ask_all, read_answer
from api.console.caller import whose_homes
from api.console.desk import shown_calls, shown_tasks, speaker_of
from api.console.page import see_other
from api.console.room import show_ladders
from api.console.visit import Visit
from api.errors import NotFoundError
from incidents.desk.changes import set_facts
from incidents.desk.signing import unsigned_of
from incidents.views.lists import incident, playbook_of
from incidents.views.room import room

END = "end"


async def show_questions(visit: Visit) -> web.Response:
    """GET /declare/{number}?q=name: one question large, the others beside it."""
    incident_id = await visit.incident_id()
    shown = await room(visit.tx, incident_id)
    if shown.row.status in ("closed", "cancelled"):
        return see_other(f"/i/{shown.row.number}")
    speak = await speaker_of(visit)
    asked = ask_all(speak, shown.playbook, shown.row.facts)
    named = visit.query("q")
    current = next((one for one in asked if one.name == named), None)
    if current is None and named != END:
        current = next((one for one in asked if not one.is_known), None)
    names = [one.name for one in asked]
    tasks = await shown_tasks(visit, speak, shown.tasks, shown.view, shown.playbook)
    return visit.page(
        "questions.html",
        shown=shown,
        place=shown.view.place[visit.language],
        title=shown.playbook.title[visit.language],
        asked=asked,
        current=current,
        position=names.index(current.name) + 1 if current else 0,
        following=_after(asked_names=names, name=current.name if current else ""),
        ours=[one for one in tasks if one.is_desk or one.is_help],
        joined=visit.query("joined") == "1",
        unsure=await whose_homes(visit, incident_id),
        calls=await shown_calls(visit, speak, shown.view),
        unsigned=await unsigned_of(visit.tx, incident_id),
        ladders=show_ladders(shown, visit.language),
        speak=speak,
        say=[line.text[visit.language] for line in shown.say],
        never_say=[words[visit.language] for words in shown.playbook.never_say],
        closing=shown.playbook.closing_words[visit.language],
    )


def _after(*, asked_names: list[str], name: str) -> str:
    if name not in asked_names:
        return END
    rest = asked_names[asked_names.index(name) + 1 :]
    return rest[0] if rest else END


async def do_answer_question(visit: Visit) -> web.Response:
    """POST /declare/{number}: one answer, on the record at once; then the next question."""
    incident_id = await visit.incident_id()
    name = visit.field("name")
    playbook = await playbook_of(visit.tx, (await incident(visit.tx, incident_id)).summary)
    question = playbook.ask.get(name)
    if question is None:
        raise NotFoundError(value=name[:80])
    await set_facts(visit.desk, incident_id, {name: read_answer(question, visit.field("value") or visit.field("typed"))})
    following = _after(asked_names=list(playbook.ask), name=name)
    return see_other(f"/declare/{visit.request.match_info['number']}?q={quote(following)}")
