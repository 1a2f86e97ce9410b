"""Whether a text asks for no more texts, or for texts again, or says that it reached a stranger. Pure; the whole text has to be the word.

STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT and START, UNSTOP are the words carriers and gateways hold to; 退订, TD and T are those that Chinese
texts name. A single "YES" or "N" is an answer to something else too often.
"""

import re
import unicodedata
from typing import Literal

STOP = frozenset({
    "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "OPT OUT", "REVOKE",
    "退订", "TD", "T", "取消订阅", "不要再发", "不要再发了", "别再发了", "拒收", "停止发送",
})  # fmt: skip
START = frozenset({"START", "UNSTOP", "SUBSCRIBE", "订阅", "重新订阅", "恢复", "恢复通知", "恢复接收", "取消退订"})
WRONG_PERSON = frozenset({
    "发错了", "你发错了", "发错人了", "你发错人了", "打错了", "你打错了", "号码错了", "号码不对", "不是本人", "我不是本人", "不是我", "换人了",
    "号码换人了", "号码已换人", "我不是业主", "我不住这里", "WRONG NUMBER", "WRONG PERSON", "NOT ME", "YOU HAVE THE WRONG NUMBER",
})  # fmt: skip
"""What strangers answer."""

_NOISE = re.compile(r"[\s.,;:!?。，、！？…~【】\[\]()\"'“”]+")


def read_wish(text: str) -> Literal["stop", "start", "disowned"] | None:
    """The wish, "disowned" where somebody else has the number, or None for any other text."""
    plain = _NOISE.sub(" ", unicodedata.normalize("NFKC", text[:200]).upper()).strip()
    if plain in STOP:
        return "stop"
    if plain in WRONG_PERSON:
        return "disowned"
    return "start" if plain in START else None
