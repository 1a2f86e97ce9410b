"""What goes back to a handset, in the language of whoever wrote."""

import pytest

from incidents.answers.replies import _text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", "您有几件事待回：K7、M4。请回代码加数字，如 K71。"),
        ("en", "You have several alerts open: K7, M4. Reply with code and digit, e.g. K71."),
    ],
)
def test_several_codes_are_listed_as_the_language_lists_them(language: str, said: str) -> None:
    assert _text(language, "answer.which", {"codes": ("K7", "M4"), "example": "K71"}).text == said
