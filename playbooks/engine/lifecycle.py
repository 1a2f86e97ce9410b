"""The run as a whole: resolve, re-open, close, cancel."""

from __future__ import annotations

from playbooks.engine import actions
from playbooks.engine import effects as does
from playbooks.engine.actions import NO_CLOCKS
from playbooks.engine.settle import settle
from playbooks.engine.working import Working


def resolve(run: Working) -> None:
    """Open steps are stood down, those `during: resolved` start. No effect if it is not open."""
    if run.status != "open":
        run.note("not_applicable", event="resolved", status=run.status)
        return
    run.status = "resolved"
    run.resolved_at = run.now
    settle(run)


def reopen(run: Working) -> None:
    """A new round: outcomes and confirmations are forgotten, counters are kept. Only from resolved."""
    if run.status != "resolved":
        run.note("not_applicable", event="reopened", status=run.status)
        return
    run.status = "open"
    run.resolved_at = None
    settle_down(run)
    for name in list(run.steps):
        run.change(name, phase="waiting", outcomes=(), rung=None, repeat=0, results={}, expected=None, promises={}, told_of={})
    run.confirmed.clear()
    settle(run)


def settle_down(run: Working) -> None:
    """Stand down everything that is out."""
    for step in run.playbook.steps.values():
        match run.step(step.name).phase:
            case "active" | "held":
                actions.stand_down(run, step)
            case "delayed":
                run.change(step.name, phase="waiting", start_at=None)
            case _:
                pass


def close(run: Working) -> None:
    """Closed when resolved, every need confirmed and no child open; else an effect says what is lacking."""
    lacking = []
    if run.status != "resolved":
        lacking.append("resolved")
    lacking += [need for need in run.playbook.needs if need not in run.confirmed]
    lacking += [f"child:{child}" for child in sorted(run.children)]
    if lacking:
        run.emit(does.NotClosed(id=run.next_id("not_closed"), lacking=tuple(lacking)))
        return
    run.status = "closed"
    settle(run)
    stop_clocks(run)
    run.emit(does.Closed(id=run.next_id("closed")))


def cancel(run: Working, reason: str, *, corrects: bool) -> None:
    """Everything stops at once; those told, if any, get one correction, unless another incident goes on in its place."""
    run.status = "cancelled"
    stop_clocks(run)
    run.note("cancelled", reason=reason)
    if run.told and corrects:
        keys = (run.playbook.correction_key, run.playbook.correction_staff_key)
        run.emit(
            does.Correction(
                id=run.next_id("correction"),
                text_key=keys[0],
                staff_text_key=keys[1],
                variables={**run.variables(keys[0]), **run.variables(keys[1])},
            )
        )


def stop_clocks(run: Working) -> None:
    for name, record in list(run.steps.items()):
        phase = "stood_down" if record.phase in ("delayed", "active", "held") else record.phase
        run.change(name, phase=phase, **NO_CLOCKS)
