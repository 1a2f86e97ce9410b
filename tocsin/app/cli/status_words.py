"""What `tocsin status` says of lanes, workers and gateways, as lines and as JSON."""

from api.service_state import ServiceState
from notifiers.delivery.reports import GatewayHealth
from tocsin.app.cli.words import tell, terminal_language
from tocsin.app.heartbeat import LastBeat
from tocsin.base.texts import say

Checks = dict[str, dict[str, object]]
OLD_SECONDS = 300.0
"""No transaction of the service is open for so long; somebody's that is was forgotten."""


def checks_of(state: ServiceState) -> Checks:
    """What of it is not well: messages that wait for somebody's decision, and work that nobody does."""
    due = sum(lane.due for lane in state.lanes.values())
    old = state.oldest if state.oldest is not None and state.oldest.seconds > OLD_SECONDS else None
    open_since = {} if old is None else {"oldest_seconds": round(old.seconds), "pid": old.pid, "who": old.who, "state": old.state}
    return {
        "transactions": {"ok": old is None, **open_since},
        "workers": {"ok": bool(state.workers) or not due, "working": len(state.workers)},
        "quarantine": {"ok": not state.set_apart, "waiting": state.set_apart},
    }


def check_of_beat(beat: LastBeat, *, watched: bool) -> Checks:
    """How the heartbeat stands. Where nobody is to watch it is only said."""
    if not watched:
        return {"heartbeat": {"ok": True, "watcher": "none (TOCSIN_HEARTBEAT_URL)"}}
    seen: dict[str, object] = {"sent": f"{beat.sent_at:%Y-%m-%d %H:%M:%S} UTC" if beat.sent_at else "never"}
    if beat.withheld:
        seen["withheld"] = [say(terminal_language(), f"cli.status.finding.{one}") for one in beat.withheld]
    if beat.problem:
        seen["problem"] = beat.problem
    return {"heartbeat": {"ok": not beat.withheld and beat.problem is None and beat.sent_at is not None, **seen}}


def tell_service(state: ServiceState) -> None:
    """In words: what waits, who works, how each gateway does."""
    for lane, one in state.lanes.items():
        if one.due:
            tell("cli.status.lane", lane=lane, due=one.due, seconds=round(one.oldest_seconds, 1))
    if not state.workers:
        tell("cli.status.no_worker")
    for worker in state.workers:
        tell(
            "cli.status.worker", worker=worker.worker, on_wire=worker.on_wire, loop=round(worker.loop_lag_seconds * 1000),
            settle=round(worker.settle_lag_seconds * 1000), used=worker.pool_used, size=worker.pool_size,
        )  # fmt: skip
    for gateway in state.gateways:
        _tell_gateway(gateway)


def _tell_gateway(one: GatewayHealth) -> None:
    tell(
        "cli.status.gateway", name=one.name, kind=one.kind, on_wire=one.on_wire, now=round(one.per_second, 1), rate=round(one.rate_per_second, 1),
        accepted=one.recent_accepted, failed=one.recent_failed,
    )  # fmt: skip
    if one.set_aside_at is not None:
        tell("cli.status.gateway_set_aside", since=f"{one.set_aside_at:%Y-%m-%d %H:%M:%S} UTC", why=one.set_aside_why)
    elif one.pause_seconds:
        tell("cli.status.gateway_pauses", seconds=round(one.pause_seconds))
    if one.last_accepted_at is not None:
        tell("cli.status.gateway_took", at=f"{one.last_accepted_at:%Y-%m-%d %H:%M:%S} UTC")


def as_json(state: ServiceState) -> dict[str, object]:
    """The same for scripts; instants in UTC."""
    return {
        "lanes": {lane: {"due": one.due, "oldest_seconds": round(one.oldest_seconds, 3)} for lane, one in state.lanes.items()},
        "workers": [
            {"worker": one.worker, "started_at": one.started_at.isoformat(), "on_wire": one.on_wire, "loop_lag_seconds": one.loop_lag_seconds,
             "settle_lag_seconds": one.settle_lag_seconds, "pool_used": one.pool_used, "pool_size": one.pool_size}
            for one in state.workers
        ],
        "gateways": [
            {"gateway": one.id, "name": one.name, "kind": one.kind, "on_wire": one.on_wire, "per_second": one.per_second,
             "permits_used": round(one.permits_used, 3), "recent_accepted": one.recent_accepted, "recent_failed": one.recent_failed,
             "set_aside_why": one.set_aside_why}
            for one in state.gateways
        ],
    }  # fmt: skip
