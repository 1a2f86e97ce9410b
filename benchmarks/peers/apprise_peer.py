"""Apprise's own sender over a list, in as many threads as asked for. Nothing is durable. Usage: DATABASE URL COUNT IN_FLIGHT."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from urllib.parse import urlsplit

import apprise

from benchmarks.peers.message import TEXT, cpu_seconds


def main(address: str, count: int, in_flight: int) -> None:
    """Send `count` messages; print when it began and the processor time."""
    parts = urlsplit(address)

    def carry_out(no: int) -> None:
        one = apprise.Apprise()
        one.add(f"json://{parts.netloc}{parts.path}?:reference=1-2s-{no}&:to=%2B8613{no:09d}&:signature=安居物业&:language=zh-CN")
        assert one.notify(body=TEXT)

    before, began = cpu_seconds(), monotonic()
    with ThreadPoolExecutor(in_flight) as threads:
        list(threads.map(carry_out, range(1, count + 1)))
    print(json.dumps({"began_at": began, "cpu_seconds": cpu_seconds() - before}), flush=True)


if __name__ == "__main__":
    main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
