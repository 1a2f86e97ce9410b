"""What the codes of a provider mean, as data. Pure: a code and its words in, an outcome out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown
from notifiers.channels.wire.answers import harmless_id, judge_status, retry_after
from notifiers.channels.wire.calls import Answer
from notifiers.channels.wire.words import harmless

Meaning = Literal["accepted", "later", "unsure", "account", "refused"]
_CODE_MAX = 64


@dataclass(frozen=True, slots=True)
class Said:
    """A provider's code, its words and its own id of the message."""

    code: str
    message: str = ""
    gateway_ref: object = None


@dataclass(frozen=True, slots=True)
class Codebook:
    """Codes by what they mean; one that ends in `*` stands for all that begin so, and the longest that fits counts.

    accepted: taken. later: certainly not sent, may be tried again. unsure: may or may not have been sent. account: refused, and the
    fault is the account's (credit, permission, signature, template). refused: refused, and the fault is this message's or number's.
    """

    accepted: tuple[str, ...]
    later: tuple[str, ...]
    unsure: tuple[str, ...]
    account: tuple[str, ...]
    refused: tuple[str, ...] = ()

    def meaning(self, code: str) -> Meaning | None:
        """What the code means; None where it stands in no list."""
        lists: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
            ("accepted", self.accepted), ("later", self.later), ("unsure", self.unsure), ("account", self.account),
            ("refused", self.refused),
        )  # fmt: skip
        fitting = [(len(one), meaning) for meaning, codes in lists for one in codes if fits(one, code)]
        return max(fitting, key=lambda one: one[0])[1] if fitting else None

    def outcome(self, answer: Answer, said: Said, secrets: Sequence[str]) -> Outcome:
        """The outcome of `said` within `answer`. A code in no list is judged by the status; within a 2xx it is a refusal."""
        code, message = harmless(said.code, *secrets)[:_CODE_MAX], harmless(said.message, *secrets)
        by_status = judge_status(answer, code, message)
        match self.meaning(said.code):
            case "accepted":
                return Accepted(harmless_id(said.gateway_ref)) if by_status is None else _not_in_2xx(by_status)
            case "later":
                return NotSent("throttled", retry_after(answer.headers))
            case "unsure":
                return Unknown("gateway_unsure")
            case "account":
                return Refused(code, message or code, account=True)
            case "refused":
                return Refused(code, message or code)
            case None:
                return by_status if by_status is not None else Refused(code, message or code)


def without_code(answer: Answer) -> Outcome:
    """The outcome of an answer in which no code can be read."""
    by_status = judge_status(answer, "", "")
    return Unknown("not_understood") if by_status is None else by_status


def fits(listed: str, code: str) -> bool:
    """Whether a code is the one that is listed, or begins with what stands before its `*`."""
    return code.startswith(listed[:-1]) if listed.endswith("*") else code == listed


def _not_in_2xx(by_status: Outcome) -> Outcome:
    """It says that it was taken, in an answer that says that it was not: nobody can tell."""
    return by_status if isinstance(by_status, NotSent) else Unknown("not_understood")
