"""The check of one playbook: the engine itself run through what people, facts and time may do.

The whole product of steps explodes, so the proof is composed. Each step is explored alone on the grid of its durations' greatest common
divisor, its triggers as stubs that may have any outcome of their contract at any moment, and is shown to do no more than its own
contract says. Silence is explored on the whole playbook. A counter-example is played on the whole playbook before it counts.

What bounds the proof: two people hold a ladder at a time (one where it is longer than `Limits` says), promises are the longest, the
shortest or none, a `for_each` has up to two places, and a tick comes at every deadline (after an outage clocks start anew).
"""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

from playbooks.checker.awake import is_ladder, somebody_is_alerted
from playbooks.checker.graph import Graph, Manner, explore_slice
from playbooks.checker.happening import can_happen, repeat_can_end
from playbooks.checker.limits import Limits
from playbooks.checker.properties import Property, Violation
from playbooks.checker.replay import replay
from playbooks.checker.report import Report, Result
from playbooks.checker.silence import silence
from playbooks.checker.slices import Slice, exact, with_contracts
from playbooks.checker.waiting import silence_that_ends_nowhere
from playbooks.language.model import AlertAction, Playbook

OF_EVERY_STEP: tuple[Property, ...] = (
    "only_a_correction_after_cancel",
    "nothing_after_close",
    "only_in_its_part_of_the_run",
    "every_event_is_taken",
    "settled",
    "no_deadline_passed",
    "keeps_its_contract",
)
OF_LADDERS: tuple[Property, ...] = ("silence_ends_at_a_human", "lapse_climbs")
STANDARD = Limits()


def explore(playbook: Playbook, limits: Limits = STANDARD) -> Report:
    """Check a loaded playbook. Takes seconds; `limits` says how much is looked at."""
    began = monotonic()
    calm, in_silence = silence(playbook, limits)
    results = [in_silence]
    ladders: dict[str, Graph] = {}
    for name in playbook.steps:
        graph = _explored(with_contracts(playbook, (name,)), name, limits)
        if is_ladder(playbook, name):
            ladders[name] = graph
        results += _results(playbook, name, graph, limits)
        results.append(can_happen(playbook, name, graph, limits))
        if playbook.steps[name].until is not None:
            results.append(repeat_can_end(playbook, name, graph, limits))
    awake, guards = somebody_is_alerted(playbook, ladders, limits)
    return Report(
        playbook=playbook.name,
        version=playbook.version,
        limits=limits,
        results=(awake, *results),
        silence=calm,
        guards=guards,
        seconds=monotonic() - began,
    )


def _explored(part: Slice, name: str, limits: Limits, *, states: int | None = None) -> Graph:
    action = part.playbook.steps[name].action
    rungs = len(action.rungs) if isinstance(action, AlertAction) else 0
    holders = 2 if rungs < limits.two_holders_below_rungs else 1
    graph = explore_slice(part, Manner(states or limits.contract_states, holders=holders))
    silence_that_ends_nowhere(graph)
    return graph


def _results(playbook: Playbook, name: str, graph: Graph, limits: Limits) -> Iterator[Result]:
    """One result for each property that concerns the step."""
    wanted = [*OF_EVERY_STEP, *(OF_LADDERS if is_ladder(playbook, name) else ())]
    if any(opening.drill for opening in graph.part.openings):
        wanted.append("drill_reaches_nobody")
    for what in wanted:
        broken = next((violation for violation in graph.broken if violation.property == what), None)
        if broken is not None:
            yield _doubted(playbook, name, graph, broken, limits)
        else:
            yield Result(what, name, "proved_under_contracts" if graph.finished else "seen", len(graph.nodes))


def _doubted(playbook: Playbook, name: str, graph: Graph, broken: Violation, limits: Limits) -> Result:
    """A counter-example under contracts: true on the whole playbook, else looked for with the real triggers."""
    number, last = graph.broken[broken]
    tells = set(graph.part.playbook.steps)
    finding = replay(playbook, graph.path(number, last), broken, tells=tells, gap=limits.longest_gap)
    if finding.happens:
        return Result(broken.property, name, "failed", len(graph.nodes), finding)
    real = _explored(exact(playbook, (name,)), name, limits, states=limits.exact_states)
    for violation in [one for one in real.broken if one.property == broken.property]:
        number, last = real.broken[violation]
        again = replay(playbook, real.path(number, last), violation, tells=real.part.real, gap=limits.longest_gap)
        if again.happens:
            return Result(broken.property, name, "failed", len(real.nodes), again)
    is_clear = real.finished and all(violation.property != broken.property for violation in real.broken)
    return Result(broken.property, name, "seen" if is_clear else "not_finished", len(real.nodes), finding)
