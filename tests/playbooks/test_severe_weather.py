"""A warning is passed on as the weather service issued it, and again when it changes; what is quoted stays as it was written."""

from __future__ import annotations

import pytest

from playbooks.checker.explore import explore
from playbooks.engine.events import BroadcastNow, FactsChanged, FactValue, NightChanged, Resolved
from playbooks.texts import render
from tests.playbooks.small import LADDER, task, tell, trial
from tests.playbooks.story import LIBRARY, Story

YELLOW: dict[str, FactValue] = {"weather": "typhoon", "colour": "yellow", "issuer": "深圳市气象台", "issued_at": "17:30"}
ASK = """\
  issuer:
    quoted: {at_most: 6}
    text: {zh-CN: 谁发布的？, en: Who issued it?}
    words: {other_script: {zh-CN: "", en: the weather service}, unknown: {zh-CN: 气象台, en: somebody}}
  at:
    time_of_day: {}
    text: {zh-CN: 几点？, en: When?}
"""


def said(story: Story, step: str, language: str = "zh-CN") -> list[str]:
    """What a step told, in its order."""
    sent = [one for _, one in story.broadcasts(step)]
    return [render(story.playbook, one.text_key, language, {"place": "云栖花园", "phone": "88001234", **one.variables}) for one in sent]


def test_residents_hear_nothing_until_issuer_kind_colour_and_time_are_known_and_the_desk_is_sent_to_look() -> None:
    story = Story("severe_weather", facts={"colour": "red"})
    assert not story.broadcasts() and [minute for minute, _ in story.tasks("source")] == [0]
    story.happens(BroadcastNow())
    assert not story.broadcasts(), "also who presses the button tells nothing that no weather service has said"
    for name, value in YELLOW.items():
        story.happens(FactsChanged(facts={name: value if name != "colour" else "red"}))
    assert len(story.broadcasts("residents_warned")) == 1
    assert "stood_down" in story.outcomes("source")


def test_name_colour_and_time_are_passed_on_as_they_stand() -> None:
    story = Story("severe_weather", facts=YELLOW)
    assert said(story, "residents_told") == ["深圳市气象台17:30发布台风黄色预警。云栖花园请关窗收物，少外出。88001234"]
    (english,) = said(story, "residents_told", "en")
    assert english.startswith("YELLOW typhoon warning issued 17:30 by the weather service."), "no letters that cost a second SMS"


def test_a_raised_warning_is_told_once_when_its_time_is_entered_and_a_lowered_one_too() -> None:
    story = Story("severe_weather", facts=YELLOW)
    story.forward(minutes=60)
    story.happens(FactsChanged(facts={"colour": "red"}))
    story.happens(FactsChanged(facts={"issued_at": "18:40"}))
    assert said(story, "residents_warned")[-1] == "台风预警现为红色（深圳市气象台18:40发布）。云栖花园请勿外出。88001234"
    story.happens(FactsChanged(facts={"issued_at": "18:40"}))
    count = len(story.broadcasts())
    story.happens(FactsChanged(facts={"colour": "yellow"}))
    story.happens(FactsChanged(facts={"issued_at": "21:05"}))
    assert len(story.broadcasts()) == count + 2
    assert said(story, "residents_told")[-1] == "台风预警现为黄色（深圳市气象台21:05发布）。云栖花园请继续注意。88001234"


def test_a_yellow_warning_waits_for_the_morning_and_a_red_one_wakes_people() -> None:
    story = Story("severe_weather", facts=YELLOW, night=True)
    assert [told.night for _, told in story.broadcasts()] == ["hold"]
    story.happens(FactsChanged(facts={"colour": "red", "issued_at": "02:10"}))
    assert [told.night for _, told in story.broadcasts("residents_warned")] == ["send"]
    story.happens(NightChanged(night=False))
    assert len(story.broadcasts()) == 2, "the morning brings no second word of a warning that is over"


def test_red_reports_every_half_hour_until_the_warning_is_lifted_and_the_lift_is_told_to_those_who_were_told() -> None:
    story = Story("severe_weather", facts={**YELLOW, "colour": "red"})
    story.forward(minutes=31)
    assert "started" in story.outcomes("half_hourly")
    story.happens(FactsChanged(facts={"lifted_at": "22:15"}))
    assert "done" in story.outcomes("half_hourly")
    story.happens(Resolved())
    assert said(story, "lifted") == ["深圳市气象台22:15解除台风预警。云栖花园出门留意积水、落物，险情请报88001234"]


def test_water_below_ground_rings_engineer_and_guard_and_has_119_called_unless_nobody_is_there() -> None:
    story = Story("severe_weather", facts={**YELLOW, "water_below": True})
    assert story.reached("flooding")[0] == (0, "engineering/duty+security/duty") and story.state.severity == "life_threatening"
    assert story.tasks("fire_rescue")
    assert not Story("severe_weather", facts={**YELLOW, "water_below": True, "people_below": False}).tasks("fire_rescue")


@pytest.mark.parametrize(
    ("facts", "taken"),
    [
        ({"issuer": "市气象台"}, True), ({"issuer": "一二三四五六七"}, False), ({"issuer": ""}, False), ({"issuer": " 台"}, False),
        ({"issuer": "a\nb"}, False), ({"issuer": "{link}"}, False), ({"issuer": 6}, False),
        ({"at": "23:59"}, True), ({"at": "24:00"}, False), ({"at": "7:30"}, False), ({"at": "١٢:٣٠"}, False),
    ],
)  # fmt: skip
def test_a_quotation_is_one_short_line_without_slots_and_a_time_is_one_of_the_day(facts: dict[str, FactValue], taken: bool) -> None:
    story = Story(trial(LADDER, ask=ASK), facts=facts)
    assert (story.state.facts == facts) is taken


def test_a_fact_that_is_known_may_be_waited_for_whatever_it_is() -> None:
    playbook = trial(LADDER, task("look", "when: {issuer: known}"), ask=ASK)
    story = Story(playbook)
    assert not story.tasks("look")
    story.happens(FactsChanged(facts={"issuer": "市气象台"}))
    assert story.tasks("look")


def test_what_is_told_again_at_every_change_is_explored_and_holds() -> None:
    steps = (LADDER, tell("news", "when: {at: known}", "again_when: at", night="hold"))
    found = explore(trial(*steps, ask=ASK))
    assert found.holds and found.unfinished == (), found.failed
    story = Story(trial(*steps, ask=ASK), facts={"at": "10:00"})
    for at in ("10:00", "10:05", None, "10:05", "10:09"):
        story.happens(FactsChanged(facts={"at": at}))
    assert len(story.broadcasts("news")) == 3, "an unknown time is no news, and the same one no new one"
    assert len({told.id for _, told in story.broadcasts("news")}) == 3


def test_the_shipped_texts_say_no_more_than_the_warning_does() -> None:
    for key in ("residents_told", "residents_warned"):
        texts = [one for name, one in LIBRARY["severe_weather"].texts.items() if name.startswith(f"severe_weather.{key}")]
        assert all({"issuer", "issued_at", "colour", "weather"} <= set(one.slots) for one in texts)
