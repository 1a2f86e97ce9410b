"""What an SMTP server's words and faults mean, by how far the mail had come. Pure."""

import re
import ssl
from enum import IntEnum

import aiosmtplib

from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown
from notifiers.channels.wire.addresses import AddressForbiddenError
from notifiers.channels.wire.words import harmless

_ACCOUNT_CODES = (530, 534, 535, 538)
_STATUS = re.compile(r"5\.\d{1,3}\.\d{1,3}\b(?<!5\.0\.0)")


class Stage(IntEnum):
    """How far a mail had come; from TEXT on the server may have it."""

    CONNECT = 0
    SENDER = 1
    RECIPIENT = 2
    DATA = 3
    TEXT = 4


def judge_reply(stage: Stage, code: int, words: str, password: str = "") -> Outcome:
    """The outcome of a reply with `code` at `stage`, where another was hoped for; the password is kept out of it."""
    if stage is Stage.TEXT and 200 <= code < 300:
        return Accepted(harmless(words, password) or None)
    if 400 <= code < 500:
        return NotSent(f"smtp_{code}")
    if 500 <= code < 600:
        account = stage <= Stage.SENDER or code in _ACCOUNT_CODES
        # The enhanced status (RFC 3463) says more than the three digits: whether it is the mailbox, the policy or the text.
        status = _STATUS.match(words)
        return Refused(status.group(0) if status and not account else f"smtp_{code}", harmless(words, password), account=account)
    return Unknown("not_understood") if stage is Stage.TEXT else NotSent("not_understood")


def judge_fault(stage: Stage, problem: Exception, password: str = "") -> Outcome:
    """The outcome of what went wrong at `stage`; the password is kept out of it."""
    if isinstance(problem, aiosmtplib.SMTPResponseException):
        return judge_reply(stage, problem.code, problem.message, password)
    if isinstance(problem, TimeoutError):
        reason = "no_answer_in_time"
    elif isinstance(problem, AddressForbiddenError):
        reason = "address_forbidden"
    elif isinstance(problem, ssl.SSLError) or isinstance(problem.__cause__, ssl.SSLError):
        reason = "tls"
    elif stage is Stage.CONNECT:
        reason = "name_or_connection"
    else:
        reason = "connection_lost"
    return Unknown(reason) if stage is Stage.TEXT else NotSent(reason)
