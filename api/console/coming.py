"""What happens by itself unless a human is faster: in words, with the people it will find, and with the wait as a bar can drain it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.console.words import Speaker
from incidents.conductor.duty import Duty
from playbooks.engine.advice import Upcoming
from playbooks.language.model import AlertAction, NewsAction, Playbook, Rung


@dataclass(frozen=True, slots=True)
class Next:
    """One thing that happens by itself at `at`; `since`: when its wait began, None where it has no length of its own."""

    title: str
    words: str
    at: datetime
    since: datetime | None
    escalates: bool


async def show_next(duty: Duty, speak: Speaker, playbook: Playbook, coming: Upcoming, *, posts_only: bool = False) -> Next:
    """What the run does next. Whom it will find is asked of the roster as it is now; `posts_only` names nobody."""
    step = playbook.steps[coming.step]
    rung = _rung(playbook, coming)
    who = "" if rung is None else posts_of(speak, rung) if posts_only else await _names(duty, speak, rung)
    wait = wait_of(playbook, coming)
    return Next(
        title=step.title[speak.language],
        words=speak.say(f"console.next.{coming.what}", who=who),
        at=coming.at,
        since=coming.at - wait if wait else None,
        escalates=coming.what in ("climb", "again", "ring", "late", "promise"),
    )


def _rung(playbook: Playbook, coming: Upcoming) -> Rung | None:
    action = playbook.steps[coming.step].action
    if not isinstance(action, AlertAction) or coming.rung is None or coming.rung >= len(action.rungs):
        return None
    return action.rungs[coming.rung]


def wait_of(playbook: Playbook, coming: Upcoming) -> timedelta | None:
    """How long this wait is from its beginning, as the playbook has it."""
    step, rung = playbook.steps[coming.step], _rung(playbook, coming)
    match coming.what:
        case "climb" if isinstance(step.action, AlertAction) and coming.rung:
            return step.action.rungs[coming.rung - 1].within
        case "again":
            return rung.every if rung else None
        case "ring":
            return rung.ring_after if rung else None
        case "promise":
            return step.action.promise if isinstance(step.action, AlertAction) else None
        case "remind" if isinstance(step.action, NewsAction) and step.within:
            return step.within - step.action.remind_before
        case "start":
            return step.after
        case "repeat":
            return step.every
        case "late":
            return step.within
        case _:
            return None


def posts_of(speak: Speaker, rung: Rung) -> str:
    """工程部备班: for whom a rung of a ladder is, by posts."""
    return _join(speak, [speak.role(who.role, who.department, who.tier) for who in rung.who])


async def _names(duty: Duty, speak: Speaker, rung: Rung) -> str:
    """李强（工程部备班）, or the empty post where nobody is on duty."""
    found: list[str] = []
    for who in rung.who:
        post = speak.role(who.role, who.department, who.tier)
        names = [one.name for one in await duty.people((who,))]
        found.append(speak.say("console.next.who", names=_join(speak, names), post=post) if names else _nobody(speak, post))
    return _join(speak, found)


def _nobody(speak: Speaker, post: str) -> str:
    return speak.say("console.next.who_nobody", post=post)


def _join(speak: Speaker, words: Sequence[str]) -> str:
    return speak.say("console.comma").join(words)
