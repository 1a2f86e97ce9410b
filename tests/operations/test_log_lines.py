"""Lines of the log: one a line whatever is in it, nothing of them masked that is nobody's, and many at the price of one write."""

import asyncio
import io
from collections.abc import Iterator

import orjson
import pytest
import structlog

from api.middleware import new_request_id
from tocsin.base.logs import configure_logs, logger

THOUSAND_BITS = 2**1000


class Watched(io.StringIO):
    """A stream that counts how often it is written to."""

    writes = 0
    full = False

    def write(self, text: str) -> int:
        self.writes += 1
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@pytest.fixture
def stream() -> Iterator[Watched]:
    yield Watched()
    structlog.reset_defaults()


def test_a_line_for_people_cannot_look_like_two_or_like_other_fields(stream: Watched) -> None:
    configure_logs(as_json=False, stream=stream)
    logger("tests").info("request", operation="/s/{token}", path="x\n2026 [error] failed", query="a=1", status=303, home="3-2")
    (line,) = stream.getvalue().splitlines()
    stamp, rest = line.split(" ", 1)
    assert stamp.endswith("Z")
    fields = r"home=3-2 operation=/s/{token} part=tests path='x\n2026 [error] failed' query='a=1' status=303"
    assert rest == f"[info     ] {'request':<30} {fields}"


@pytest.mark.parametrize("as_json", [True, False])
def test_what_cannot_be_written_as_it_is_still_makes_a_line(stream: Watched, as_json: bool) -> None:
    configure_logs(as_json=as_json, stream=stream)
    try:
        raise ValueError("+8613812341234 \ud800")
    except ValueError:
        logger("tests").exception("failed", many=THOUSAND_BITS, half="\ud800", what={1})
    said = stream.getvalue()
    assert "ValueError" in said and "Traceback" in said and str(THOUSAND_BITS)[:20] in said and "{1}" in said
    assert "+86138****1234" in said and "13812341234" not in said


async def test_lines_of_one_turn_are_one_write_and_a_warning_waits_for_nothing(stream: Watched) -> None:
    configure_logs(as_json=True, stream=stream, in_turns=True)
    log = logger("tests")
    for number in range(100):
        log.info("request", status=number)
    assert stream.writes == 0
    log.warning("unavailable")
    assert stream.writes == 1
    log.info("request", status=100)
    await asyncio.sleep(0)
    assert stream.writes == 2
    lines = [orjson.loads(line) for line in stream.getvalue().splitlines()]
    assert [one.get("status") for one in lines] == [*range(100), None, 100], "in the order in which it was said"


def test_where_no_loop_runs_a_line_is_written_at_once(stream: Watched) -> None:
    configure_logs(as_json=True, stream=stream, in_turns=True)
    logger("tests").info("serving")
    assert stream.writes == 1


def test_a_full_disk_under_the_log_fails_nobody(stream: Watched) -> None:
    configure_logs(as_json=True, stream=stream)
    stream.full = True
    logger("tests").info("request")
    stream.full = False
    logger("tests").info("request")
    assert len(stream.getvalue().splitlines()) == 1


def test_the_id_of_a_request_is_in_the_log_as_its_caller_was_told(stream: Watched) -> None:
    """Ten digits in a row are masked as a number; of ids in hexadecimal one in five has them."""
    configure_logs(as_json=True, stream=stream)
    ids = [new_request_id() for _ in range(200)]
    for one in ids:
        logger("tests").info("request", request_id=one)
    assert [orjson.loads(line)["request_id"] for line in stream.getvalue().splitlines()] == ids
    assert len(set(ids)) == 200
