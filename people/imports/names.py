"""People's names as lists have them, with what stands beside them in the same cell. Pure."""

import re
from dataclasses import dataclass

LONGEST_NAME = 80
_BETWEEN = re.compile(r"(?:[/\\、,;|&\n]|(?<=[\u4e00-\u9fff]{2})(?:和|及|与)(?=[\u4e00-\u9fff]{2}))(?![^()]*\))")
_REMARK = re.compile(r"\s*\(([^()]*)\)\s*")
_BEFORE = re.compile(r"([^\W\d_]{1,6})\s*:\s*(?=\S)")
_NUMBERS = re.compile(r"\+?\d[\d\s\-]{5,}\d")
_AND_OTHERS = re.compile(r"(?<=[\u4e00-\u9fff]{2})等(?:\d+|[一二两三四五六七八九十]+)?(?:人|位|户)?$")
_HOW_MANY = re.compile(r"共?\d*(?:人|口|位)?")
_TITLES = frozenset(["先生", "女士", "小姐", "太太", "阿姨", "老师", "同志", "大爷", "奶奶", "师傅"])
_LONG_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "诸葛",
        "上官",
        "夏侯",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "宇文",
        "长孙",
        "司徒",
        "端木",
        "南宫",
        "司空",
        "轩辕",
        "独孤",
        "赫连",
        "澹台",
        "闻人",
        "第五",
        "呼延",
    ]
)
_PLAIN = re.compile(r"[\u4e00-\u9fff]{2,3}(?<!等)")
_CJK = re.compile(r"[\u3400-\u9fff·]+")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody in a cell: `beside` are the words before or in brackets behind the name (妻, 租客), `numbers` the telephones beside it."""

    name: str
    beside: str = ""
    numbers: str = ""


def read_named(text: str) -> list[Named]:
    """Who is named in a clean cell: 张三/李四 are two, "张 三" is one, 妻:王丽 13800000010 is 王丽 with her number.

    A count (4人) and 等3人 name nobody.
    """
    if _PLAIN.fullmatch(text):
        return [Named(text)]
    found: dict[str, Named] = {}
    for piece in _BETWEEN.split(text):
        for one in _of_piece(piece.strip()):
            found.setdefault(one.name, one)
    return list(found.values())


def read_names(text: str) -> list[str]:
    """The same, where only names can be meant."""
    return [one.name for one in read_named(text)]


def is_name(text: str) -> bool:
    """Whether somebody may be called so: it has a letter, is no number, and no longer than LONGEST_NAME."""
    return len(text) <= LONGEST_NAME and any(letter.isalpha() for letter in text) and not any(letter in "=<>{}\t" for letter in text)


def _of_piece(piece: str) -> list[Named]:
    before = _BEFORE.match(piece)
    bare = piece[before.end() :] if before else piece
    remarks = [remark.strip() for remark in _REMARK.findall(bare) if remark.strip()]
    numbers = " ".join(_NUMBERS.findall(bare))
    bare = _AND_OTHERS.sub("", _NUMBERS.sub(" ", _REMARK.sub(" ", bare)).strip(" :-").strip())
    names = _padded(bare)
    if not names or (len(names) == 1 and _HOW_MANY.fullmatch(names[0])):
        return []
    beside = before[1] if before else remarks[0] if remarks else ""
    return [Named(name, beside, numbers if len(names) == 1 else "") for name in names]


def _padded(piece: str) -> list[str]:
    """Chinese names are padded with spaces to stand in line; two whole names may stand side by side."""
    if not piece:
        return []
    words = piece.split()
    if len(words) == 2 and (words[0] in _LONG_SURNAMES or words[1] in _TITLES):
        return ["".join(words)]
    if len(words) > 1 and all(_CJK.fullmatch(word) for word in words):
        return words if all(len(word) >= 2 for word in words) else ["".join(words)]
    return [" ".join(words)]
