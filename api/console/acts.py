"""What is done in the room: each act is one form, one permission, one change."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar, get_args

from aiohttp import web

from api.auth.roles import Permission
from api.console.answers_to_questions import read_answer
from api.console.caller import do_name_home, fold, reporter_of, whole_number
from api.console.page import local_path, see_other
from api.console.room import MEANS
from api.console.suggest import suggest
from api.console.sure import rehearse
from api.console.visit import Visit
from api.errors import NotFoundError
from incidents.answers.answers import Answering, SaidToDesk, alert_of, answer, answer_for_somebody
from incidents.desk import changes
from incidents.desk.call_backs import CallBackResult, note_call_back
from incidents.desk.complaints import Outcome, answer_complaint, hand_complaint_on
from incidents.desk.follow_ups import FollowUpResult, note_follow_up
from incidents.desk.merging import merge
from incidents.desk.shared import note_shared
from incidents.desk.signing import sign
from incidents.desk.tasks import finish_task
from incidents.errors import AlertUnknownError, AnswerWrongError, IncidentEndedError
from incidents.plans import kinds
from incidents.views.lists import incident, incident_of_number, playbook_of
from notifiers.delivery import by_hand
from people.errors import PlaceUnknownError
from playbooks.engine.events import AnswerWord
from tocsin.base.texts import say

Word = TypeVar("Word", bound=str)
Do = Callable[[Visit, int], Awaitable[None]]
CALL_RESULTS: Mapping[str, tuple[by_hand.CallResult, AnswerWord | None]] = {
    "taken": ("answered", "received"),
    "declined": ("answered", "cannot"),
    "not_answered": ("not_answered", None),
    "switched_off": ("switched_off", None),
    "wrong_number": ("wrong_number", None),
}
"""What the desk presses after a call by hand: how the call ended, and what the person said."""
LONGEST_NEWS_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do to an incident."""

    permission: Permission
    do: Do


async def _facts(visit: Visit, incident_id: int) -> None:
    playbook = await playbook_of(visit.tx, (await incident(visit.tx, incident_id)).summary)
    question = playbook.ask.get(visit.field("name"))
    if question is None:
        raise NotFoundError(value=visit.field("name")[:80])
    await changes.set_facts(visit.desk, incident_id, {question.name: read_answer(question, visit.field("value") or visit.field("typed"))})


async def _report(visit: Visit, incident_id: int) -> None:
    reporter = await reporter_of(visit)
    if reporter is not None:
        await changes.add_report(visit.desk, incident_id, reporter)


async def _call_back(visit: Visit, incident_id: int) -> None:
    result = _one_of(get_args(CallBackResult), visit, "result")
    await note_call_back(visit.desk, incident_id, whole_number(visit.field("report")), result, whole_number(visit.field("attempt")))


async def _follow_up(visit: Visit, incident_id: int) -> None:
    result = _one_of(get_args(FollowUpResult), visit, "result")
    report, round_, attempt = (whole_number(visit.field(name)) for name in ("report", "round", "attempt"))
    await note_follow_up(visit.desk, incident_id, report, round_, result, attempt)


async def _owner(visit: Visit, incident_id: int) -> None:
    if visit.field("owner"):
        await hand_complaint_on(visit.desk, incident_id, whole_number(visit.field("report")), visit.field("owner")[:200])


async def _outcome(visit: Visit, incident_id: int) -> None:
    outcome = _one_of(get_args(Outcome), visit, "outcome")
    await answer_complaint(visit.desk, incident_id, whole_number(visit.field("report")), outcome, visit.field("words"))


def _one_of(known: tuple[Word, ...], visit: Visit, field: str) -> Word:
    """Which of the known words a field holds; raises AnswerWrongError."""
    found = next((one for one in known if one == visit.field(field)), None)
    if found is None:
        raise AnswerWrongError(field=f"/{field}", value=visit.field(field), known=", ".join(known))
    return found


async def _place(visit: Visit, incident_id: int) -> None:
    view = await incident(visit.tx, incident_id)
    playbook = next((one for one in await kinds(visit.tx) if one.kind == view.summary.kind), None)
    found = await suggest(visit.tx, playbook, fold(visit.field("q")), visit.language)
    if not found:
        raise PlaceUnknownError(field="/place", value=visit.field("q")[:80])
    await changes.set_place(visit.desk, incident_id, found[0].id)


async def _severity(visit: Visit, incident_id: int) -> None:
    await changes.set_severity(visit.desk, incident_id, visit.field("severity"))


async def _update(visit: Visit, incident_id: int) -> None:
    """News in the desk's own words; a promise of the next is part of what residents read, not only of the record."""
    minutes = min(whole_number(visit.field("minutes")), LONGEST_NEWS_MINUTES)
    next_by = visit.tx.now + timedelta(minutes=minutes) if minutes else None
    words = {language: visit.field(f"words_{language}") for language in visit.community.languages}
    if next_by is not None:
        words = {language: _promise_next(language, text, visit.clocks.time(next_by)) for language, text in words.items() if text}
    if any(words.values()):
        await changes.post_update(visit.desk, incident_id, words, next_by)


def _promise_next(language: str, words: str, time: str) -> str:
    """The words with the promise behind them, as two sentences."""
    sentence = words if words.endswith(("。", "！", "？", ".", "!", "?")) else words + say(language, "console.full_stop")
    return say(language, "console.room.update_next", words=sentence, time=time)


async def _note(visit: Visit, incident_id: int) -> None:
    if visit.field("words"):
        await changes.add_note(visit.desk, incident_id, visit.field("words"))


async def _release(visit: Visit, incident_id: int) -> None:
    await changes.tell_residents_now(visit.desk, incident_id)


async def _merge(visit: Visit, incident_id: int) -> None:
    await merge(visit.desk, incident_id, await incident_of_number(visit.tx, whole_number(visit.field("into"))))


async def _shared(visit: Visit, incident_id: int) -> None:
    await note_shared(visit.desk, incident_id, visit.field("what"), visit.field("where"))


async def _confirm(visit: Visit, incident_id: int) -> None:
    await changes.confirm(visit.desk, incident_id, visit.field("name"))


async def _withdraw(visit: Visit, incident_id: int) -> None:
    await changes.withdraw_confirmation(visit.desk, incident_id, visit.field("name"))


async def _resolve(visit: Visit, incident_id: int) -> None:
    await changes.resolve(visit.desk, incident_id)


async def _reopen(visit: Visit, incident_id: int) -> None:
    await changes.reopen(visit.desk, incident_id)


async def _close(visit: Visit, incident_id: int) -> None:
    await changes.close(visit.desk, incident_id)


async def _cancel(visit: Visit, incident_id: int) -> None:
    await changes.cancel(visit.desk, incident_id, visit.field("reason"))


async def _answer(visit: Visit, incident_id: int) -> None:
    """Somebody said it by radio or phone; the visitor writes it down."""
    means = _one_of(MEANS, visit, "means")
    kind = visit.field("kind")
    minutes = (whole_number(visit.field("minutes")) or None) if kind in ("received", "on_the_way") else None
    said = SaidToDesk(incident_id, whole_number(visit.field("person")), kind, minutes, means)
    await answer_for_somebody(visit.tx, visit.context.wakeups, said, visit.session.actor())


async def _sign(visit: Visit, incident_id: int) -> None:
    """It was they who declared it at a desk at which nobody was signed on."""
    visit.must_be_named()
    await sign(visit.desk, incident_id)


ACTS: Mapping[str, Act] = {
    "facts": Act("declare", _facts),
    "report": Act("declare", _report),
    "caller": Act("declare", do_name_home),
    "callback": Act("desk", _call_back),
    "followup": Act("desk", _follow_up),
    "owner": Act("desk", _owner),
    "outcome": Act("desk", _outcome),
    "place": Act("steer", _place),
    "severity": Act("steer", _severity),
    "update": Act("desk", _update),
    "note": Act("desk", _note),
    "release": Act("steer", _release),
    "merge": Act("steer", _merge),
    "confirm": Act("confirm", _confirm),
    "withdraw": Act("confirm", _withdraw),
    "resolve": Act("steer", _resolve),
    "reopen": Act("steer", _reopen),
    "close": Act("steer", _close),
    "cancel": Act("steer", _cancel),
    "answer": Act("answer", _answer),
    "sign": Act("declare", _sign),
    "shared": Act("desk", _shared),
}
"""Every act by the last word of its address, POST /i/{number}/{act}."""


SAID_FIRST = ("place", "merge", "resolve", "reopen", "cancel")
"""Acts that may tell somebody something: their forms ask first what it would be."""


async def do_act(visit: Visit) -> web.Response:
    """POST /i/{number}/{act}"""
    act = ACTS.get(visit.request.match_info["act"])
    if act is None:
        raise NotFoundError(value=visit.request.match_info["act"])
    visit.must(act.permission)
    incident_id = await visit.incident_id()
    if visit.field("look") and visit.request.match_info["act"] in SAID_FIRST:
        return await _look_first(visit, act, incident_id)
    await act.do(visit, incident_id)
    return see_other(local_path(visit.field("back"), f"/i/{visit.request.match_info['number']}"))


async def _look_first(visit: Visit, act: Act, incident_id: int) -> web.Response:
    """Says whom it would tell, and what, before it is done."""
    concerned = [incident_id]
    if whole_number(visit.field("into")):
        concerned.append(await incident_of_number(visit.tx, whole_number(visit.field("into"))))
    return await rehearse(visit, visit.request.match_info["act"], concerned, lambda: act.do(visit, incident_id))


async def do_task(visit: Visit) -> web.Response:
    """POST /tasks/{task}: a result ends it; what it opens is shown next."""
    child = await finish_task(visit.desk, whole_number(visit.request.match_info["task"]), visit.field("result") or None)
    return see_other(f"/declare/{child.number}" if child else local_path(visit.field("back")))


async def do_call(visit: Visit) -> web.Response:
    """POST /calls/{message}/{delivery}: how a call by hand ended and what was said; what must happen next happens by itself."""
    found = CALL_RESULTS.get(visit.field("result"))
    if found is None:
        raise AnswerWrongError(field="/result", value=visit.field("result"), known=", ".join(CALL_RESULTS))
    result, word = found
    match = visit.request.match_info
    message_id, no = whole_number(match["message"]), whole_number(match["delivery"])
    await by_hand.finish(visit.tx, message_id, no, result)
    if word is not None:
        await _answer_of_call(visit, message_id, no, word)
    visit.context.wakeups.after_commit(visit.tx, "outcomes")
    visit.context.wakeups.after_commit(visit.tx, f"page:{visit.tx.community}")
    return see_other(local_path(visit.field("back")))


async def _answer_of_call(visit: Visit, message_id: int, no: int, word: AnswerWord) -> None:
    """What the person called said is their answer to that very alert; after the end it changes nothing."""
    with suppress(AlertUnknownError, IncidentEndedError):
        alert = await alert_of(visit.tx, message_id, no)
        answering = Answering(alert, word, None, "by_desk", visit.session.actor(), "phone")
        await answer(visit.tx, visit.context.wakeups, answering)
