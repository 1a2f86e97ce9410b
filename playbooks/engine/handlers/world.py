"""What the world tells: facts, severity, night, how many homes have reported, and the button "tell them now"."""

from __future__ import annotations

from typing import assert_never

from playbooks.engine import actions
from playbooks.engine.conditions import holds
from playbooks.engine.events import BroadcastNow, FactsChanged, NightChanged, Reported, SeverityChanged
from playbooks.engine.facts import known_facts
from playbooks.engine.settle import settle
from playbooks.engine.working import Working
from playbooks.language.model import TellAction


def take(run: Working, event: FactsChanged | SeverityChanged | NightChanged | BroadcastNow | Reported) -> None:
    match event:
        case FactsChanged(facts=facts):
            known_facts(run, facts)
            exit_ = run.playbook.not_an_incident
            if exit_ is not None and holds(exit_.when, run) is True:
                run.note("looks_like_no_incident", hand_to=exit_.hand_to)
        case SeverityChanged(severity=severity):
            run.severity = severity
        case NightChanged(night=night):
            run.night = night
            if not night:
                _release_held(run)
        case BroadcastNow():
            run.broadcast_now = True
            _release_held(run)
        case Reported(homes=homes):
            run.reports = max(0, min(homes, run.playbook.reports_cap))
        case _:
            assert_never(event)


def _release_held(run: Working) -> None:
    """Homes held for the night are told once nothing makes them wait, unless what they waited for is over."""
    settle(run)
    for step in run.playbook.steps.values():
        outcomes = run.outcomes(step.name)
        waiting = "held" in outcomes and "sent" not in outcomes and step.during == run.status
        if waiting and isinstance(step.action, TellAction) and holds(step.when, run) is True:
            actions.release(run, step, step.action)
