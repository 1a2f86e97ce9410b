"""status: can it do its work?"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.docs import program_version
from api.health import readiness
from api.service_state import ServiceState, service_state
from incidents.views.backlog import backlog
from notifiers.canaries.ways import ways_not_proven
from notifiers.gateways import gateways_set_aside, list_channels
from people.communities import all_community_ids
from people.sending.permission import held_communities
from tocsin.app.audit import LEAST_FREE_BYTES, free_bytes
from tocsin.app.cli import status_words
from tocsin.app.cli.words import tell, tell_json, words_of
from tocsin.app.heartbeat import last_beat
from tocsin.app.wiring import running_service
from tocsin.base.database import CONNECTION_LOST, Database
from tocsin.base.database_errors import DatabaseAwayError, DatabaseUnfitError
from tocsin.base.settings import Settings, load_settings

Checks = dict[str, dict[str, object]]
Communities = list[dict[str, object]]


def status_command(
    ready: Annotated[bool, typer.Option("--ready", help="print nothing; exit 0 when /readyz would say ready")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Say of everything that work needs whether it is there, and what each community has under way. Exit 1 when something is not."""
    checks, communities, service = asyncio.run(_look(load_settings(), whole=not ready))
    good = all(one["ok"] for one in checks.values())
    if as_json:
        state = "ready" if good else "not_ready"
        shown = None if service is None else status_words.as_json(service)
        tell_json({"status": state, "version": program_version(), "checks": checks, "communities": communities, "service": shown})
    elif not ready:
        _print(checks, communities, good=good)
        if service is not None:
            status_words.tell_service(service)
    if not good:
        raise typer.Exit(1)


def _print(checks: Checks, communities: Communities, *, good: bool) -> None:
    tell("cli.status.ready" if good else "cli.status.not_ready")
    for name, check in checks.items():
        seen = ", ".join(f"{key} {value}" for key, value in check.items() if key != "ok")
        typer.echo(f"  {'✓' if check['ok'] else '✗'} {name}  {seen}".rstrip())
    for one in communities:
        channels = one["channels"]
        key = "cli.status.community" if channels else "cli.status.community_without_channel"
        tell(key, **{**one, "channels": ", ".join(channels) if isinstance(channels, list) else ""})


async def _look(settings: Settings, *, whole: bool) -> tuple[Checks, Communities, ServiceState | None]:
    """The checks, and, of the whole, what each community has under way and how the service does."""
    try:
        async with running_service(settings, connections=2) as service:
            checks = await readiness(service.database)
            if not whole or not all(checks[name]["ok"] for name in ("database", "migrations") if name in checks):
                return checks, [], None
            async with service.database.floor() as tx:
                held, ids = await held_communities(tx), await all_community_ids(tx)
                aside = [f"{one.name}: {one.why}" for one in await gateways_set_aside(tx)]
            checks["sending"] = {"ok": not held, "held": held}
            checks["gateways"] = {"ok": not aside, "set_aside": aside}
            checks["disk"] = _disk(settings.data_dir)
            checks["ways"] = await _ways(service.database, ids)
            state = await service_state(service.database)
            async with service.database.floor() as tx:
                beat = await last_beat(tx)
            checks |= status_words.checks_of(state) | status_words.check_of_beat(beat, watched=settings.heartbeat_url is not None)
            return checks, [await _community(service.database, one) for one in ids], state
    except (DatabaseAwayError, DatabaseUnfitError) as problem:
        return {"database": {"ok": False, "seen": words_of(problem)}}, [], None
    except CONNECTION_LOST as problem:
        return {"database": {"ok": False, "seen": type(problem).__name__}}, [], None


def _disk(folder: Path) -> dict[str, object]:
    """Whether there is room where the service keeps its data: an alert is nothing that could not be written down."""
    free = free_bytes(folder)
    return {"ok": free >= LEAST_FREE_BYTES, "free_megabytes": free // 2**20}


async def _ways(database: Database, community_ids: list[int]) -> dict[str, object]:
    """Whether the test of the day has proven every way to residents; a way is (community:place:gateway)."""
    closed = []
    for community_id in community_ids:
        async with database.community(community_id) as tx:
            closed += [f"{community_id}:{one.place_code}:{one.gateway}" for one in await ways_not_proven(tx)]
    return {"ok": not closed, "not_proven": closed}


async def _community(database: Database, community_id: int) -> dict[str, object]:
    """What runs there, what waits to leave, and by which channels something can leave at all."""
    async with database.community(community_id) as tx:
        under_way = await backlog(tx)
        channels = sorted({one.kind for one in await list_channels(tx) if one.enabled})
    return {"community": community_id, "open_incidents": under_way.open_incidents, "waiting": under_way.waiting, "channels": channels}
