"""The command line. Exit 0 for good, 1 for a refused or failed job, 2 for wrong usage."""

import gc
import sys

from tocsin.base.errors import TocsinError

AT_ONCE = ("serve", "worker", "migrate")
"""Commands that start without the modules of all others, whose loading takes a second."""


def main() -> None:
    """Run the command; a refusal is one sentence on standard error and exit code 1."""
    if sys.argv[1:2] and sys.argv[1] in AT_ONCE:
        gc.disable()  # until everything is loaded and stays (tocsin.base.loop): walking through it meanwhile is a tenth of the start
        from tocsin.app.cli.service import app
    else:
        from tocsin.app.cli.commands import app
    try:
        app()
    except TocsinError as refusal:
        from tocsin.app.cli.words import complain

        complain(refusal)
        sys.exit(1)
