"""status: can it do its work?"""

import asyncio
from typing import Annotated

import typer

from api.health import readiness
from people.sending.permission import held_communities
from tocsin.app.cli.words import tell, tell_json, words_of
from tocsin.app.wiring import running_service
from tocsin.base.database import CONNECTION_LOST
from tocsin.base.database_errors import DatabaseAwayError, DatabaseUnfitError
from tocsin.base.settings import Settings, load_settings

Checks = dict[str, dict[str, object]]


def status_command(
    ready: Annotated[bool, typer.Option("--ready", help="print nothing; exit 0 when /readyz would say ready")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Say of everything that work needs whether it is there. Exit 1 when something is not."""
    checks = asyncio.run(_checks(load_settings(), with_sending=not ready))
    good = all(one["ok"] for one in checks.values())
    if as_json:
        tell_json({"status": "ready" if good else "not_ready", "checks": checks})
    elif not ready:
        tell("cli.status.ready" if good else "cli.status.not_ready")
        for name, check in checks.items():
            seen = ", ".join(f"{key} {value}" for key, value in check.items() if key != "ok")
            typer.echo(f"  {'✓' if check['ok'] else '✗'} {name}  {seen}".rstrip())
    if not good:
        raise typer.Exit(1)


async def _checks(settings: Settings, *, with_sending: bool) -> Checks:
    try:
        async with running_service(settings, connections=2) as service:
            checks = await readiness(service.database)
            if with_sending and checks["database"]["ok"]:
                async with service.database.floor() as tx:
                    held = await held_communities(tx)
                checks["sending"] = {"ok": not held, "held": held}
            return checks
    except (DatabaseAwayError, DatabaseUnfitError) as problem:
        return {"database": {"ok": False, "seen": words_of(problem)}}
    except CONNECTION_LOST as problem:
        return {"database": {"ok": False, "seen": type(problem).__name__}}
