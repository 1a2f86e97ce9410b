"""What the robots of chat groups have in common: a code in every answer, HTTP 200 whatever it says, and nothing that names a message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.notifiers.conformance.adapter import WAIT_SECONDS, Arrived, Script
from tests.notifiers.conformance.http_fake import Received, Said

NOTE = "\n此群消息不算接单，请在自己的短信或来电里答复。"
UNSPEAKABLE = frozenset({"unsure"})


@dataclass(frozen=True, slots=True)
class Manners:
    """How one vendor's robot answers: `words(code, text)` its document, `faults` its codes for what the script asks for."""

    words: Callable[[int, str], dict[str, object]]
    faults: Mapping[str, int]


def answer(manners: Manners, script: Script, address: str, text: str, received: Received) -> Said:
    """The robot's answer to a call that was let in and read."""
    waits = {"Retry-After": str(WAIT_SECONDS)} if script.fault == "later_in" else {}
    code = manners.faults.get("later" if waits else script.fault, 0)
    if address in script.refused:
        code = manners.faults["refuse"]
    if code:
        return Said(manners.words(code, script.echo), headers=waits)
    return Said(manners.words(0, "ok"), taken=[Arrived(address, text, "")])
