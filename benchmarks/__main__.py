"""`python -m benchmarks NAME [--json] [--quick]`; exit 1 where what was asked is not reached, 3 where the run is invalid.

For `broadcast` also `--batch` and `--peers two|all|none`, for `growth` `--old COUNT`.
"""

import argparse
import sys

from benchmarks import (
    acknowledge,
    broadcast,
    declare,
    fair,
    growth,
    idle,
    import_list,
    overtake,
    pages,
    receipts,
    responses,
    restart,
    search,
    timers,
    watch,
)
from tocsin.base.loop import run

BENCHMARKS = {
    "acknowledge": acknowledge.run,
    "broadcast": broadcast.run,
    "declare": declare.run,
    "fair": fair.run,
    "growth": growth.run,
    "idle": idle.run,
    "import": import_list.run,
    "overtake": overtake.run,
    "pages": pages.run,
    "receipts": receipts.run,
    "responses": responses.run,
    "restart": restart.run,
    "search": search.run,
    "timers": timers.run,
    "watch": watch.run,
}


def main() -> None:
    """Run one benchmark and print what it measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--batch", action="store_true", help="broadcast: through a gateway that takes many a call")
    parser.add_argument("--peers", choices=("two", "all", "none"), default="two", help="broadcast: what else is measured")
    parser.add_argument("--old", type=int, default=1_000_000, help="growth: how many deliveries of before")
    arguments = parser.parse_args()
    more = {"broadcast": {"batch": arguments.batch, "peers": arguments.peers}, "growth": {"old": arguments.old}}.get(arguments.name, {})
    report = run(BENCHMARKS[arguments.name](quick=arguments.quick, **more))
    print(report.as_json() if arguments.json else report.as_table())
    sys.exit(report.exit_code)


main()
