"""`tocsin channel templates` says what the playbooks in use still lack, and is silent about nothing that somebody's safety depends on."""

import json
from pathlib import Path
from typing import Any

import pytest

from incidents.plans import adopt_library
from incidents.registered_texts import texts_that_may_be_sent
from notifiers.registered_texts import Needed
from tests.harness.nursery import Nursery, QuickProcesses
from tocsin.base.database import Database

ALIYUN = {"access_key_id": "LTAI5tTest"}


@pytest.fixture
async def needed(database: Database, community: int) -> list[Needed]:
    """Every text that the shipped playbooks may send."""
    async with database.community(community) as tx:
        await adopt_library(tx)
        return await texts_that_may_be_sent(tx)


async def tocsin(service: QuickProcesses, *arguments: str, given: str = "") -> tuple[int, str]:
    """Run a command with `given` on its standard input; its exit code and everything it printed."""
    ended = await service.run(*arguments, typed=given)
    printed = ended.err + ended.out
    assert "Traceback" not in printed, printed
    return ended.code, printed


def mapped(needed: list[Needed]) -> dict[str, Any]:
    """A template for each text, with every slot but the link."""
    templates: dict[str, Any] = {}
    for number, text in enumerate(needed):
        slots = [slot for slot in text.slots if slot != "link"]
        templates.setdefault(text.key, {})[text.language] = {"code": f"SMS_{1000 + number}", "variables": slots}
    return templates


async def test_texts_for_telephones_are_known_in_both_languages_and_those_of_the_desk_are_not_among_them(needed: list[Needed]) -> None:
    keys = {(text.key, text.language) for text in needed}
    for language in ("zh-CN", "en"):
        for key in ("elevator_entrapment.engineers", "drill:elevator_entrapment.engineers.nobody", "power_cut.residents_told.checked",
                    "elevator_entrapment.taken", "power_cut.correction", "power_cut.update", "power_cut.nothing_new", "planned.water_cut.evening", "answer.which", "channel_test"):  # fmt: skip
            assert (key, language) in keys
    assert not [text for text in needed if text.key.endswith((".cctv", ".comma"))], "tasks stay on the desk's screen"
    alert = next(text for text in needed if (text.key, text.language) == ("elevator_entrapment.engineers", "zh-CN"))
    assert alert.grave and alert.rings and "" in alert.slots["medical_need"] and "30人" in alert.slots["people_inside"]


async def test_the_command_says_what_is_missing_and_exits_0_when_nothing_that_matters_is(
    needed: list[Needed], database_url: str, tmp_path: Path, midwife: Nursery
) -> None:
    tmp_path.chmod(0o755)
    service = QuickProcesses(database_url, tmp_path, nursery=midwife)
    code, said = await tocsin(service, "channel", "templates")
    assert code == 0 and "None of these channels needs registered texts." in said
    add = ("channel", "add", "--kind", "aliyun_sms", "--name", "aliyun", "--secret-stdin", "--json", "--settings", json.dumps(ALIYUN))
    code, said = await tocsin(service, *add, given="an access key's secret\n")
    assert code == 0, said
    channel = str(json.loads(said.splitlines()[-1])["channel"])

    code, said = await tocsin(service, "channel", "templates", channel)
    assert code == 1 and "! no signature" in said and "! elevator_entrapment.engineers (zh-CN): no template." in said
    assert "- drill:elevator_entrapment.engineers (en): no template." in said

    templates = json.dumps(mapped(needed))
    code, said = await tocsin(service, "channel", "change", channel, "--signature", "安居物业", "--templates", templates)
    assert code == 0, said
    code, said = await tocsin(service, "channel", "templates", channel, "--json")
    (checked,) = json.loads(said.splitlines()[-1])
    assert code == 0 and not [one for one in checked["findings"] if one["stops"]]
    assert {one["what"] for one in checked["findings"]} == {"may_be_empty", "too_long"}
