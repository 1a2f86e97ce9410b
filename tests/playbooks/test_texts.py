"""Texts as people read them: with everything unknown, in both languages, within one SMS."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.language.model import LANGUAGES, AlertAction, TellAction
from playbooks.longest import LONGEST_PLACE, longest
from playbooks.texts import UnknownText, render, segments, units
from tests.playbooks.story import LIBRARY, Story

ALL = [(name, key, language) for name, playbook in LIBRARY.items() for key in playbook.texts for language in LANGUAGES]
ELEVATOR = LIBRARY["elevator_entrapment"]


def sent(name: str, key: str) -> bool:
    """Whether the text goes out as a message; a task is read on the page."""
    step = LIBRARY[name].steps.get(key.split(".")[1])
    return step is None or isinstance(step.action, AlertAction | TellAction)


@pytest.mark.parametrize(("name", "key", "language"), ALL)
def test_every_text_renders_with_every_fact_unknown(name: str, key: str, language: str) -> None:
    text = render(LIBRARY[name], key, language, {"place": LONGEST_PLACE[language]})
    left = text.replace("{link}", "").replace("{code}", "").replace("{name}", "")
    assert "{" not in left
    assert "None" not in left
    assert text.strip()


@pytest.mark.parametrize(("name", "key", "language"), [one for one in ALL if sent(one[0], one[1])])
def test_every_message_fits_one_sms_with_the_longest_values(name: str, key: str, language: str) -> None:
    text = longest(LIBRARY[name], key, language)
    assert segments(text) == 1, (units(text), text)


@pytest.mark.parametrize(("name", "key", "language"), [one for one in ALL if one[2] == "en" and sent(one[0], one[1])])
def test_english_messages_stay_in_the_short_alphabet(name: str, key: str, language: str) -> None:
    assert units(longest(LIBRARY[name], key, language))[1], "a character costs ninety others"


@pytest.mark.parametrize(("name", "key", "language"), [one for one in ALL if one[2] == "zh-CN"])
def test_chinese_texts_have_no_english_left_in_them(name: str, key: str, language: str) -> None:
    text = LIBRARY[name].texts[key].by_language[language]
    assert any("\u4e00" <= character <= "\u9fff" for character in text)


def test_an_alert_keeps_its_last_mile_slots() -> None:
    text = render(ELEVATOR, "elevator_entrapment.engineers", "zh-CN", {"place": "3栋2单元1号梯"})
    assert text == "困人｜3栋2单元1号梯，人数不详。立即到场。回1接单 2出发 3到场 9去不了，代码{code} {link}"


@pytest.mark.parametrize(("people", "said"), [(None, "number unknown"), (1, "1 person"), (2, "2 people")])
def test_numbers_read_as_people_say_them(people: int | None, said: str) -> None:
    variables = {"place": "lift 1", "people_inside": people}
    text = render(ELEVATOR, "elevator_entrapment.engineers", "en", variables)
    assert text.startswith(f"TRAPPED: lift 1, {said}. Go now.")


def test_what_the_engine_froze_renders_the_same_later() -> None:
    story = Story("elevator_entrapment", facts={"people_inside": 2, "medical_need": True})
    alert = story.told[0][1]
    variables = {**alert.model_dump()["variables"], "place": "3栋"}
    text = render(ELEVATOR, "elevator_entrapment.engineers", "zh-CN", variables)
    assert text.startswith("困人｜3栋，2人，有老弱或不适。")


def test_instants_are_said_in_the_communitys_zone() -> None:
    story = Story("power_cut")
    variables = {**story.broadcasts()[0][1].variables, "place": "3栋", "phone": "88001234"}
    text = render(LIBRARY["power_cut"], "power_cut.priority_told", "zh-CN", variables, zone=ZoneInfo("Asia/Shanghai"))
    assert text == "3栋停电，已通知电工。请勿乘电梯、勿点蜡烛。10:36前再告知进展。需要帮助请拨88001234"


@pytest.mark.parametrize(("language", "mark"), [("zh-CN", "【演练】"), ("en", "[DRILL] ")])
def test_a_drill_says_so_first(language: str, mark: str) -> None:
    assert render(ELEVATOR, "elevator_entrapment.engineers", language, {}, drill=True).startswith(mark)


def test_a_text_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownText, match="no text"):
        render(ELEVATOR, "elevator_entrapment.no_such", "en", {})


def test_values_are_never_taken_for_slots() -> None:
    text = render(ELEVATOR, "elevator_entrapment.engineers", "en", {"place": "{people_inside}"})
    assert text.startswith("TRAPPED: {people_inside}, number unknown")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("中" * 134, 2),
        ("中" * 135, 3),
        ("\u2019" + "a" * 70, 2),
        ("\U0001f6a8" * 35, 1),
        ("\U0001f6a8" * 36, 2),
    ],
)
def test_segments_are_counted_as_the_networks_do(text: str, expected: int) -> None:
    assert segments(text) == expected


@given(st.text(max_size=400))
def test_a_longer_text_never_costs_less(text: str) -> None:
    assert segments(text + "中") >= segments(text)
