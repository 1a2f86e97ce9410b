"""Which registered text leaves for which message: by key, by language, never a real one for a drill; and what is missing is said before."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from notifiers.announcements import Text
from notifiers.channels.shape import Template, TemplateRules
from notifiers.delivery.lastmile import template_of
from notifiers.delivery.outgoing import make_outgoing
from notifiers.registered_texts import Needed, check_templates
from tests.notifiers.steps import post, take
from tests.notifiers.town import DRILL_TEXTS, SECRETS, Town, alert
from tocsin.base.database import Database

TEMPLATES = {
    "elevator.engineers": {
        "zh-CN": {"code": "SMS_1", "variables": ["place", "code"]},
        "en": {"code": "SMS_2", "variables": {"1": "place"}},
    },
    "drill": {"code": "SMS_LIVE", "variables": []},
    "taken": {"code": "SMS_3", "variables": ["name"]},
}


@pytest.fixture
async def sms(town: Town) -> AsyncIterator[int]:
    """A channel with registered texts."""
    channel = await town.channel(await town.gateway("http_sms"), "sms")
    await town.owner.execute("UPDATE channel SET templates = $1 WHERE id = $2", json.dumps(TEMPLATES), channel)
    yield channel


async def sent(database: Database, town: Town, channel: int) -> list[Template | None]:
    claimed = await take(database, town, channel)
    return [make_outgoing(one, town.community, SECRETS, "https://tocsin.example").template for one in claimed]


def test_a_mapping_may_hold_one_template_for_each_language() -> None:
    mapping = TEMPLATES["elevator.engineers"]
    assert template_of(mapping, {"place": "3-2"}, "en") == Template("SMS_2", {"1": "3-2"})
    assert template_of(mapping, {"place": "3-2"}, "fr") is None
    assert template_of({"code": "SMS_9"}, {}, "fr") == Template("SMS_9", {})


async def test_each_reader_gets_the_template_of_their_language(database: Database, town: Town, sms: int) -> None:
    await post(database, town, alert(await town.engineer(1), await town.engineer(2, language="en")))
    assert await sent(database, town, sms) == [
        Template("SMS_1", {"place": "3栋2单元", "code": "K7"}), Template("SMS_2", {"1": "3-2"}),
    ]  # fmt: skip


async def test_a_drill_never_leaves_under_a_text_that_does_not_say_so(database: Database, town: Town, sms: int) -> None:
    await post(database, town, alert(await town.engineer(1), drill=True, texts=DRILL_TEXTS))
    assert await sent(database, town, sms) == [None]
    marked = {**TEMPLATES, "drill:drill": {"code": "SMS_DRILL", "variables": []}}
    await town.owner.execute("UPDATE channel SET templates = $1", json.dumps(marked))
    await post(database, town, alert(await town.engineer(2), drill=True, texts=DRILL_TEXTS, key="again"))
    assert await sent(database, town, sms) == [Template("SMS_DRILL", {})]


async def test_who_took_it_is_named_and_not_the_reader(database: Database, town: Town, sms: int) -> None:
    texts = {language: Text("taken", {"name": "李强"}, "李强已接单") for language in ("zh-CN", "en")}
    await post(database, town, alert(await town.engineer(1, name="张伟"), texts=texts))
    assert await sent(database, town, sms) == [Template("SMS_3", {"name": "李强"})]


ENGINEERS = Needed(
    "elevator.engineers", "zh-CN",
    {"place": ("云栖花园二期12栋3单元2号客梯",), "code": ("K77",), "medical": ("，有老弱", "")},
)  # fmt: skip
RULES = TemplateRules(variable_length=12, code_pattern=r"SMS_\d+", needs_signature=True)


def found(mapping: object, *, needed: Needed = ENGINEERS, rules: TemplateRules = RULES) -> list[tuple[str, str]]:
    templates = {} if mapping is None else {needed.key: mapping}
    return [(one.what, one.slot) for one in check_templates([needed], templates, rules, signature="安居物业")]


def test_what_is_missing_too_long_or_impossible_is_said_before_it_is_needed() -> None:
    assert found({"code": "SMS_1", "variables": ["code"]}) == []
    assert found(None) == [("unmapped", "")]
    assert found({"en": {"code": "SMS_1"}}) == [("unmapped", "")]
    assert found({"zh-CN": {"code": "SMS_1", "variables": {"where": "place"}}}) == [("too_long", "place")]
    assert found({"code": "SMS_1", "variables": ["medical"]}) == [("may_be_empty", "medical")]
    assert found({"code": "4711", "variables": ["link", "floor"]}) == [("code_wrong", ""), ("link", "link"), ("slot_unknown", "floor")]
    assert found({"code": "4711"}, rules=TemplateRules()) == []


def test_what_stops_is_told_from_what_may_and_from_what_nobody_needs() -> None:
    templates = {"elevator.engineers": {"code": "SMS_1", "variables": ["place"]}, "elevator.gone": {"code": "SMS_2"}}
    drill = replace(ENGINEERS, key="drill:elevator.engineers", grave=False)
    findings = check_templates([ENGINEERS, drill], templates, RULES)
    assert [(one.what, one.key, one.stops) for one in findings] == [
        ("no_signature", "", True), ("too_long", "elevator.engineers", False), ("unmapped", "drill:elevator.engineers", False),
        ("not_needed", "elevator.gone", False),
    ]  # fmt: skip
    assert (findings[1].longest, findings[1].limit) == (16, 12)
