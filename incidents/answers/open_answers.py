"""What is answered on an incident's own page, by whoever reads its code in the lobby: their home is chosen, and proven or not.

With proof it is the home's answer like one from a link. Without, it is what somebody says of that home: shown as such, never counted as
safe or reached. A cry for help is heard in any case, also from a home that nobody understands.
"""

from dataclasses import dataclass

from incidents.answers.help import Cry, HelpKind, call_for_help
from incidents.answers.proofs import Guess, count_from, people_proven
from incidents.answers.responses import ResponseKind, check_kind, note_responses
from incidents.desk.households import household_knows, tells_home
from incidents.errors import AnswersTooManyError, HomeNotConcernedError, HomeNotUnderstoodError
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
    """How it was taken: for which home (None: not understood), and whether it counts as that home's own."""

    kind: ResponseKind
    home: Place | None
    proven: bool


async def answer_openly(tx: Tx, wakeups: Wakeups, incident: IncidentSummary, said: OpenAnswer, peer: str) -> Heard:
    """Take one answer; `peer` is a keyed hash of where it comes from.

    Raises AnswerWrongError, IncidentEndedError; and of an "all safe" HomeNotUnderstoodError, HomeNotConcernedError, AnswersTooManyError.
    """
    kind = check_kind(said.kind)
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
    else:
        await _somebody_says(tx, wakeups, incident, home, kind, said, peer)
    return Heard(kind, home, bool(people))


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
        await call_for_help(tx, wakeups, incident.id, Cry(kind, [home.id], people, words))
    await note_responses(tx, wakeups, incident.id, [(None, None, one, home.id) for one in people], kind, words)
    await household_knows(tx, incident.id, home.id)


async def _somebody_says(
    tx: Tx, wakeups: Wakeups, incident: IncidentSummary, home: Place | None, kind: ResponseKind, said: OpenAnswer, peer: str
) -> None:
    is_flood = await count_from(tx, peer) > UNPROVEN_FROM_A_PEER
    words = "" if is_flood else said.words
    if kind == "all_safe":
        if is_flood:
            raise AnswersTooManyError()
    else:
        await _cry(tx, wakeups, incident, home, kind, said.home, words)
    home_id = None if home is None else home.id
    await tx.run(
        SQL.insert_self_report, tx.community, incident.id, home_id, kind, said.home[:LONGEST_HOME], words, tx.now
    )  # fmt: skip
    work.lower(tx, "tallies")
    wakeups.after_commit(tx, "tallies")


async def _cry(tx: Tx, wakeups: Wakeups, incident: IncidentSummary, home: Place | None, kind: HelpKind, typed: str, words: str) -> None:
    if home is None:
        cry = Cry(kind, [], [], words, said_home=typed[:LONGEST_HOME], proven=False)
    else:
        persons = await tx.column(SQL.people_of_home, tx.community, home.id, tx.now.date())
        cry = Cry(kind, [home.id], persons, words, proven=False)
    await call_for_help(tx, wakeups, incident.id, cry)
