"""Which registered text leaves for which message: by key, by language, and never a real one for a drill."""

import json
from collections.abc import AsyncIterator

import pytest

from notifiers.announcements import Text
from notifiers.channels.shape import Template
from notifiers.delivery.lastmile import template_of
from notifiers.delivery.outgoing import make_outgoing
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
