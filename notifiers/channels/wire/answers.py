"""What an answer of an HTTP gateway means. Pure: an answer in, outcomes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import orjson

from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown
from notifiers.channels.wire.calls import Answer, Called
from notifiers.channels.wire.settings import AnswerFields, Codes
from notifiers.channels.wire.words import harmless

_RETRY_SECONDS_MAX = 3600.0
_WORDS_MAX = 64
_WAIT_DIGITS = 4
_LATER = (408, 425, 429, 503)
_ACCOUNT = (401, 402, 403, 404, 405, 407, 410)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the answers of one gateway; the secret is there to be kept out of reasons."""

    codes: Codes
    fields: AnswerFields
    secret: str = field(default="", repr=False)

    def single(self, answer: Answer) -> Outcome:
        """The outcome of a call that carried one message."""
        document = parse_json(answer)
        if 200 <= answer.status < 300:
            return self._item(document)
        return judge_status(answer, *self._words(document)) or self._item(document)

    def batch(self, answer: Answer, references: Sequence[str], *, results: str, reference: str) -> list[Outcome]:
        """The outcome of each of `references`, in order; `results` and `reference` are the names of these fields."""
        document = parse_json(answer)
        failure = judge_status(answer, *self._words(document))
        if failure is not None:
            return [failure] * len(references)
        rows = document.get(results) if isinstance(document, dict) else None
        if not isinstance(rows, list):
            whole = self._item(document)
            return [Unknown("not_understood") if isinstance(whole, Accepted) else whole] * len(references)
        said = {str(row.get(reference)): row for row in rows if isinstance(row, dict)}
        return [self._item(said.get(one)) for one in references]

    def _item(self, document: object) -> Outcome:
        if not isinstance(document, dict):
            return Unknown("not_understood")
        code = _code(document.get(self.fields.code))
        if code is None:
            return Unknown("not_understood")
        if code in self.codes.accepted:
            identity = document.get(self.fields.id)
            return Accepted(harmless_id(identity))
        if code in self.codes.later:
            return NotSent("throttled", _seconds(document.get(self.fields.retry_after)))
        if code in self.codes.unknown:
            return Unknown("gateway_unsure")
        code, message = self._words(document)
        return Refused(code, message, account=code in self.codes.account)

    def _words(self, document: object) -> tuple[str, str]:
        if not isinstance(document, dict):
            return "", ""
        code, message = (
            _code(document.get(self.fields.code)),
            document.get(self.fields.message),
        )
        return harmless(code or "", self.secret)[:_WORDS_MAX], harmless(message, self.secret) if isinstance(message, str) else ""


def judge_status(answer: Answer, code: str, message: str) -> Outcome | None:
    """What a status alone says; None for 2xx, where the body has the word. `code` and `message` are the body's, made harmless."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if status in _LATER:
        return NotSent("throttled" if status == 429 else "unavailable", retry_after(answer.headers))
    if 300 <= status < 400:
        return Refused(f"http_{status}", "redirected", account=True)
    if 400 <= status < 500:
        return Refused(code or f"http_{status}", message or "bad_request", account=status in _ACCOUNT)
    return Unknown("server_error")


def parse_json(answer: Answer) -> object:
    """The document in the body; None for what is not JSON. GB18030 is read too: some gateways answer in it."""
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        return None
    document: object
    try:
        document = orjson.loads(answer.body)
    except ValueError:
        pass
    else:
        return document
    for charset in ("utf-8-sig", "gb18030"):
        try:
            document = orjson.loads(answer.body.decode(charset))
        except ValueError:
            continue
        return document
    return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header: a number, or a date measured against the same answer's Date; else None."""
    value = headers.get("retry-after", "").strip()
    seconds = _seconds(value)
    if seconds is not None or not value:
        return seconds
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return min(max(wait.total_seconds(), 0.0), _RETRY_SECONDS_MAX)


def read_object(called: Called) -> Mapping[str, object]:
    """The JSON object of a good answer; nothing in it where there is none: for questions, to which anything else is no answer."""
    document = parse_json(called) if isinstance(called, Answer) and 200 <= called.status < 300 else None
    return document if isinstance(document, dict) else {}


def wait_in(headers: Mapping[str, str], name: str) -> float | None:
    """Whole seconds in a vendor's own header; None where it is absent or says something else."""
    text = headers.get(name, "")
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= _WAIT_DIGITS else None


def harmless_id(identity: object) -> str | None:
    """A gateway's own id as text of at most 128 characters; None where it gave none."""
    if isinstance(identity, bool) or not isinstance(identity, str | int) or identity == "":
        return None
    text = str(identity)[:128]
    return text if text.isprintable() else "".join(character for character in text if character.isprintable()) or None


def _code(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return min(seconds, _RETRY_SECONDS_MAX) if seconds >= 0 else None
