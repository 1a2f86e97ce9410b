"""The command line run inside the test's own process: a process for each command costs a second, and stories need dozens."""

import asyncio

import structlog
from typer.testing import CliRunner

from tests.harness.processes import ServiceProcesses
from tocsin.app.cli.commands import app
from tocsin.app.cli.words import words_of
from tocsin.base.errors import TocsinError


async def tocsin(service: ServiceProcesses, *arguments: str, given: str = "", **settings: str) -> tuple[int, str]:
    """Run a command with `given` on its standard input; its exit code, and everything it printed or was refused with."""
    environment = {**service.environment, **settings}
    done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), input=given, env=environment)
    structlog.reset_defaults()  # a command that logs has told it to write to what the runner has closed since
    if isinstance(done.exception, TocsinError):
        return 1, done.output + words_of(done.exception)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output
