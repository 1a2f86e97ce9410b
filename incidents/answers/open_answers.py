"""What is answered on an incident's own page, by whoever reads its code in the lobby: their home is chosen, and proven or not.

With proof it is the home's answer like one from a link. Without, it is what somebody says of that home: shown as such, never counted as
safe or reached. A cry for help is heard in any case, also from a home that nobody understands.
"""

from dataclasses import dataclass

from incidents.answers.help import Cry, HelpKind, call_for_help
from incidents.answers.proofs import Guess, count_from, people_proven
from incidents.answers.responses import ResponseKind, Said, check_kind, note_responses
from incidents.conductor.case import ENDED
from incidents.desk.households import household_knows, tells_home
from incidents.errors import HomeNotConcernedError, HomeNotUnderstoodError, IncidentEndedError
from incidents.views.lists import IncidentSummary
from people.place_words import fold
from people.places import Place, match_places
from tocsin.base import work
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.work import Wakeups

SQL = load_queries(__package__)
MOST_MEANT = 60
UNPROVEN_FROM_A_PEER = 120
LONGEST_HOME = 40


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """What was typed: the home as people write it, the last digits of a number or nothing, the answer, words."""

    kind: str
    home: str
    digits: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """How it was taken: for which home (None: not understood), and whether it counts as that home's own.

    Not `kept`: too much came without proof from where it came from, and nothing was noted. It is no refusal that undoes what was done: the
    guess within it must stay counted.
    """

    kind: ResponseKind
    home: Place | None
    proven: bool
    kept: bool = True


async def answer_openly(tx: Tx, wakeups: Wakeups, incident: IncidentSummary, said: OpenAnswer, peer: str) -> Heard:
    """Take one answer; `peer` is a keyed hash of where it comes from.

    Raises AnswerWrongError, IncidentEndedError; and of an "all safe" HomeNotUnderstoodError, HomeNotConcernedError: all before a guess is judged.
    """
    kind = check_kind(said.kind)
    if incident.status in ENDED:
        raise IncidentEndedError(number=incident.number, status=incident.status)
    home, concerned = await _home_meant(tx, incident, said.home)
    if kind == "all_safe" and home is None:
        raise HomeNotUnderstoodError(field="/home", value=said.home[:LONGEST_HOME])
    if kind == "all_safe" and not concerned:
        raise HomeNotConcernedError(field="/home", value=said.home[:LONGEST_HOME])
    people: list[int] = []
    if home is not None and concerned and said.digits:
        people = await people_proven(tx, Guess(incident.id, home.id, said.digits, peer))
    if home is not None and people:
        await _home_answers(tx, wakeups, incident, home, kind, people, said.words)
        return Heard(kind, home, proven=True)
    return Heard(kind, home, proven=False, kept=await _somebody_says(tx, wakeups, incident, home, kind, said, peer))


async def _home_meant(tx: Tx, incident: IncidentSummary, text: str) -> tuple[Place | None, bool]:
    """The one home that is meant, and whether the incident concerns it; of several those that it concerns come first."""
    typed = fold(text)[:LONGEST_HOME]
    matched = await match_places(tx, typed, kind="home", limit=MOST_MEANT, names=False) if typed else []
    whole = [place for place, how in matched if how == "whole"]
    meant = whole or [place for place, how in matched if how == "end"]
    concerned = [place for place in meant if await _is_concerned(tx, incident, place.id)]
    if len(concerned) == 1:
        return concerned[0], True
    return (whole[0], False) if len(whole) == 1 and not concerned else (None, False)


async def _is_concerned(tx: Tx, incident: IncidentSummary, home_id: int) -> bool:
    within: bool = await tx.value(SQL.home_is_at_the_place, tx.community, incident.place_id, home_id)
    return within or await tells_home(tx, incident.id, home_id)


async def _home_answers(
    tx: Tx, wakeups: Wakeups, incident: IncidentSummary, home: Place, kind: ResponseKind, people: list[int], words: str
) -> None:
    if kind != "all_safe":
        await call_for_help(tx, wakeups, incident.id, [Cry(kind, [home.id], people, words)])
    await note_responses(tx, incident.id, [Said(None, None, one, home.id, kind, words) for one in people])
    await household_knows(tx, incident.id, home.id)


async def _somebody_says(
    tx: Tx, wakeups: Wakeups, incident: IncidentSummary, home: Place | None, kind: ResponseKind, said: OpenAnswer, peer: str
) -> bool:
    """Whether it was noted: in a flood from one place only cries for help are heard, without their words."""
    is_flood = await count_from(tx, peer) > UNPROVEN_FROM_A_PEER
    if kind != "all_safe":
        await _cry(tx, wakeups, incident, home, kind, said.home, "" if is_flood else said.words)
    if is_flood:
        return kind != "all_safe"
    home_id = None if home is None else home.id
    await tx.run(SQL.insert_self_report, tx.community, incident.id, home_id, kind, said.home[:LONGEST_HOME], said.words, tx.now)
    work.lower(tx, "tallies")
    return True


async def _cry(tx: Tx, wakeups: Wakeups, incident: IncidentSummary, home: Place | None, kind: HelpKind, typed: str, words: str) -> None:
    if home is None:
        cry = Cry(kind, [], [], words, said_home=typed[:LONGEST_HOME], proven=False)
    else:
        persons = await tx.column(SQL.people_of_home, tx.community, home.id, tx.now.date())
        cry = Cry(kind, [home.id], persons, words, proven=False)
    await call_for_help(tx, wakeups, incident.id, [cry])
