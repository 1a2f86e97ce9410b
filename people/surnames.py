"""The part of a name by which somebody is called where the whole of it is nobody's business."""

COMPOUND = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "司空",
        "夏侯",
        "长孙",
        "宇文",
        "轩辕",
        "端木",
        "百里",
        "呼延",
        "南宫",
        "西门",
        "独孤",
        "拓跋",
        "澹台",
        "闻人",
        "濮阳",
    ]
)
"""Surnames of two characters that are borne today."""


def surname(name: str) -> str:
    """张 of 张伟, 欧阳 of 欧阳娜, Smith of Anna Smith; a name of one word as it is."""
    words = name.split()
    if not words:
        return ""
    if words[0].isascii():
        return words[-1]
    return words[0][:2] if words[0][:2] in COMPOUND and len(words[0]) > 2 else words[0][:1]
