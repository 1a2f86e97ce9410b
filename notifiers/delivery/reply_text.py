"""Understands what people text back to an alert. Pure; where two readings are possible it is not understood.

1 received, 2 on the way (with minutes, if said), 3 on scene, 4 done, 9 cannot: as digits or in words, with or without the
alert's code before or behind it, in any width and spacing: "1", "K7 1", "K71", "1 K7", "2 8", "K7,2 8", "8分钟到", "收到".
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Digit = Literal[1, 2, 3, 4, 9]
LONGEST_PROMISE_MINUTES = 240

_WORDS: dict[str, Digit] = {
    "收到": 1, "接单": 1, "RECEIVED": 1, "GOT IT": 1, "OK": 1,
    "出发": 2, "在路上": 2, "马上到": 2, "马上来": 2, "ON MY WAY": 2, "ON THE WAY": 2, "OMW": 2, "COMING": 2,
    "到场": 3, "到了": 3, "已到": 3, "ON SCENE": 3, "ARRIVED": 3, "I AM THERE": 3, "I'M THERE": 3,
    "处理完": 4, "处理好": 4, "完成": 4, "修好": 4, "DONE": 4, "FINISHED": 4,
    "去不了": 9, "来不了": 9, "到不了": 9, "不能去": 9, "退单": 9, "CANNOT": 9, "CAN'T": 9, "CANT": 9,
}  # fmt: skip
_DIGITS: dict[str, Digit] = {"1": 1, "2": 2, "3": 3, "4": 4, "9": 9}
_CODE = re.compile(r"[A-Z][0-9]{1,3}")
_NEGATIONS = ("没收到", "没有收到", "未收到", "没到", "未完成", "没完成", "没修好", "NOT ")
_MINUTES = re.compile(r"(?<![0-9])([0-9]{1,3}) ?(?:分钟|分|MINUTES|MINUTE|MINS|MIN)(?:左右|以内|内|后)?(?:就?到达?)?")
_NOISE = re.compile(r"[\s,.;:!?。、…~·【】\[\]()\"“”#*+]+")
_POLITE = re.compile("(?:我|已|已经|了|的|谢谢|好|马上|IN|ABOUT|大概|大约|约|THANKS|PLEASE)")


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """`code`: which alert was named, if one was. `digit`: what was answered, if it was understood. `minutes`: only with 2."""

    code: str | None = None
    digit: Digit | None = None
    minutes: int | None = None

    @property
    def understood(self) -> bool:
        return self.digit is not None


def parse_reply(text: str, open_codes: Iterable[str] = ()) -> ParsedReply:
    """Read a reply; `open_codes` are those its telephone could mean: they tell "K71" (K7, received) from a code K71."""
    plain = " ".join(part for part in _NOISE.split(unicodedata.normalize("NFKC", text).upper()) if part)
    readings = {_answer(rest, code) for code, rest in _splits(plain, {code.upper() for code in open_codes})}
    understood = {one for one in readings if one.understood}
    if len(understood) == 1:
        return understood.pop()
    named = {one.code for one in understood or readings}
    return ParsedReply(named.pop() if len(named) == 1 else None)


def _splits(plain: str, open_codes: set[str]) -> list[tuple[str | None, str]]:
    """Every way to take a code out of the text: open ones first; then whatever looks like one, alone or with a digit glued to it."""
    found: list[tuple[str | None, str]] = [
        (code, f"{plain[: at.start()]} {plain[at.end() :]}")
        for code in open_codes
        for at in re.finditer(rf"(?<![A-Z]){re.escape(code)}", plain)
    ]
    if found:
        return found
    looks = re.search(rf"(?<![A-Z]){_CODE.pattern}(?![0-9A-Z])", plain)
    if looks is None:
        return [(None, plain)]
    code, before, behind = looks.group(), plain[: looks.start()], plain[looks.end() :]
    if len(code) < 3 or _answer(f"{before} {behind}", code).understood:
        return [(code, f"{before} {behind}")]
    return [(code[:-1], f"{before} {code[-1]} {behind}")]


def _answer(rest: str, code: str | None) -> ParsedReply:
    """What the text says without its code: every sign of an answer must point to the same one, and nothing may be left over."""
    if any(negation in f"{rest} " for negation in _NEGATIONS):
        return ParsedReply(code)
    rest, minutes = _take_minutes(rest)
    said: set[Digit] = set()
    for word in sorted(_WORDS, key=len, reverse=True):
        if word in rest:
            said.add(_WORDS[word])
            rest = rest.replace(word, " ")
    left = _POLITE.sub(" ", rest).split()
    if minutes is None and len(left) == 2 and left[0] == "2" and left[1].isdigit():
        minutes, left = int(left[1]), left[:1]
    if len(left) > 1 or (left and left[0] not in _DIGITS):
        return ParsedReply(code)
    said |= {_DIGITS[one] for one in left}
    if minutes is not None:
        # "Received, there in ten minutes" is a promise.
        said = (said - {1}) | {2}
    if len(said) != 1 or (minutes is not None and not 0 < minutes <= LONGEST_PROMISE_MINUTES):
        return ParsedReply(code)
    return ParsedReply(code, said.pop(), minutes)


def _take_minutes(rest: str) -> tuple[str, int | None]:
    found = _MINUTES.search(rest)
    if found is None:
        return rest, None
    return f"{rest[: found.start()]} {rest[found.end() :]}", int(found.group(1))
