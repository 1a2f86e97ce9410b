"""People's names as lists have them. Pure."""

import re

LONGEST_NAME = 80
_BETWEEN = re.compile(r"[/\\、,;|&\n]|(?<=[\u4e00-\u9fff]{2})(?:和|及|与)(?=[\u4e00-\u9fff]{2})")
_REMARK = re.compile(r"\s*\([^()]*\)\s*")
_CJK = re.compile(r"[\u3400-\u9fff·]+")


def read_names(text: str) -> list[str]:
    """The names in a clean cell: 张三/李四 are two, "张 三" is one, "Alice Smith" is one, remarks in brackets are left out."""
    names: list[str] = []
    for piece in _BETWEEN.split(_REMARK.sub(" ", text)):
        names.extend(_of_piece(piece.strip()))
    return list(dict.fromkeys(names))


def is_name(text: str) -> bool:
    """Whether somebody may be called so: it has a letter, is no number, and no longer than LONGEST_NAME."""
    return len(text) <= LONGEST_NAME and any(letter.isalpha() for letter in text) and not any(letter in "=<>{}\t" for letter in text)


def _of_piece(piece: str) -> list[str]:
    """Chinese names are padded with spaces to stand in line; two whole names may stand side by side."""
    if not piece:
        return []
    words = piece.split(" ")
    if len(words) > 1 and all(_CJK.fullmatch(word) for word in words):
        return words if all(len(word) >= 2 for word in words) else ["".join(words)]
    return [piece]
