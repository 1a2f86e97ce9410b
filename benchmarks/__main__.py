"""`python -m benchmarks NAME [--json] [--quick]`; exit 1 where what was asked is not reached, 3 where the run is invalid."""

import argparse
import asyncio
import sys

from benchmarks import declare, import_list, pages, search

BENCHMARKS = {"declare": declare.run, "import": import_list.run, "pages": pages.run, "search": search.run}


def main() -> None:
    """Run one benchmark and print what it measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    arguments = parser.parse_args()
    report = asyncio.run(BENCHMARKS[arguments.name](quick=arguments.quick))
    print(report.as_json() if arguments.json else report.as_table())
    sys.exit(report.exit_code)


main()
