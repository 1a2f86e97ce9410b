"""Everything that was caught, in memory and in one file that survives restarts."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

Medium = Literal["sms", "voice", "email"]
Direction = Literal["to", "from"]


@dataclass(frozen=True, slots=True)
class Caught:
    """One message to or from an address.

    `no` names it for ever, `seq` grows with each change of it (of all messages together). `at`: seconds since 1970.
    `state`: accepted, delivered, failed; of a call: ringing, answered, no_answer, switched_off; of a reply: sent.
    """

    no: int
    seq: int
    at: float
    medium: Medium
    direction: Direction
    address: str
    text: str
    subject: str
    language: str
    reference: str
    state: str


@dataclass(frozen=True, slots=True)
class ToCatch:
    """A message that has just come in; the fields of Caught that its gateway knows."""

    medium: Medium
    address: str
    text: str
    reference: str = ""
    subject: str = ""
    language: str = ""
    direction: Direction = "to"
    state: str = "accepted"


_CAUGHT = TypeAdapter(Caught)


class CatchBook:
    """The book of what was caught. Each change is one line of JSON, written out before the gateway answers."""

    def __init__(self, path: Path) -> None:
        self._messages: dict[int, Caught] = {}
        self._by_reference: dict[tuple[str, str], int] = {}
        self._switched_off: set[str] = set()
        self._news = asyncio.Event()
        self.head = 0
        self.now: Callable[[], float] = time.time
        path.parent.mkdir(parents=True, exist_ok=True)
        for line in _complete_lines(path):
            self._remember(line)
        self._file = path.open("a", encoding="utf-8")

    def catch(self, new: ToCatch) -> Caught:
        """Write a message down."""
        self.head += 1
        caught = Caught(no=self.head, seq=self.head, at=round(self.now(), 3), **asdict(new))
        self._write(caught)
        return caught

    def set_state(self, no: int, state: str) -> Caught:
        """Write down what became of a message."""
        self.head += 1
        changed = replace(self._messages[no], state=state, seq=self.head)
        self._write(changed)
        return changed

    def go_by_the_clock(self) -> None:
        """What is caught from now on bears the machine's time again, after `now` was another."""
        self.now = time.time

    @property
    def unconfirmed(self) -> int:
        """How many text messages no handset has confirmed or refused yet."""
        return sum(one.medium == "sms" and one.direction == "to" and one.state == "accepted" for one in self._messages.values())

    def switch(self, address: str, *, on: bool) -> None:
        """Switch a handset on or off."""
        (self._switched_off.discard if on else self._switched_off.add)(address)
        self.head += 1
        self._append({"seq": self.head, "address": address, "on": on})

    def is_on(self, address: str) -> bool:
        """Whether a handset is switched on; every handset is until it is switched off."""
        return address not in self._switched_off

    def get(self, no: int) -> Caught | None:
        """The message with this number."""
        return self._messages.get(no)

    def by_reference(self, medium: Medium, reference: str) -> Caught | None:
        """The first message that was caught under a reference."""
        no = self._by_reference.get((medium, reference))
        return None if no is None else self._messages[no]

    def since(self, seq: int = 0) -> list[Caught]:
        """What was caught or has changed after `seq`, oldest first."""
        return [caught for caught in self._messages.values() if caught.seq > seq]

    def knows(self, address: str) -> bool:
        """Whether anything ever went to or came from this address."""
        return any(caught.address == address for caught in self._messages.values())

    async def wait_for_news(self, seq: int, seconds: float) -> None:
        """Return when something is newer than `seq`, or after so many seconds."""
        if self.head <= seq and seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._news.wait()

    @property
    def is_open(self) -> bool:
        """Whether anything can still be written down."""
        return not self._file.closed

    def close(self) -> None:
        """Close the file; waiters are let go."""
        self._news.set()
        self._file.close()

    def _write(self, caught: Caught) -> None:
        self._keep(caught)
        self._append(asdict(caught))

    def _append(self, line: dict[str, object]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _keep(self, caught: Caught) -> None:
        self._messages[caught.no] = caught
        if caught.reference and caught.direction == "to":
            self._by_reference.setdefault((caught.medium, caught.reference), caught.no)

    def _remember(self, line: dict[str, object]) -> None:
        if "on" in line:
            address = str(line["address"])
            (self._switched_off.discard if line["on"] else self._switched_off.add)(address)
        else:
            self._keep(_CAUGHT.validate_python(line))
        self.head = max(self.head, int(str(line["seq"])))


def _complete_lines(path: Path) -> Iterator[dict[str, object]]:
    """The lines of the file; a last one that a kill cut off is removed, so that the next starts cleanly."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    for line in whole.splitlines():
        yield json.loads(line)
