"""A company looks after several communities, and one account may have roles in more than one."""

import json
from pathlib import Path

import asyncpg
import pytest

from tests.harness.processes import ServiceProcesses
from tests.operations.commands import tocsin


@pytest.fixture
async def service(database_url: str, community: int, tmp_path: Path) -> ServiceProcesses:
    """Commands on a database with one community."""
    return ServiceProcesses(database_url, tmp_path)


async def test_a_second_community_comes_with_its_playbooks_and_its_own_night(service: ServiceProcesses, owner: asyncpg.Connection) -> None:
    code, said = await tocsin(service, "community", "add", "江南里", "--name-en", "River South", "--night", "23:00-6:30", "--json")
    assert code == 0, said
    second = str(json.loads(said)["community"])
    code, said = await tocsin(service, "community", "list")
    assert code == 0 and "Cloud Garden" in said and f"{second}  River South  Asia/Shanghai  23:00-06:30" in said
    assert "elevator_entrapment" in (await tocsin(service, "playbook", "list", "--community", second))[1]
    assert await owner.fetchval("SELECT count(*) FROM place WHERE community_id = $1 AND kind = 'community'", int(second)) == 1

    changes = ("--civil-address", "滨江路8号", "--gate", "南门", "--name", "江南里一期")
    assert (await tocsin(service, "community", "change", "--community", second, *changes))[0] == 0
    row = await owner.fetchrow("SELECT names, civil_address, gate, night_from::text FROM community WHERE id = $1", int(second))
    assert row is not None and json.loads(row["names"]) == {"zh-CN": "江南里一期", "en": "River South"}
    assert (row["civil_address"], row["gate"], row["night_from"]) == ("滨江路8号", "南门", "23:00:00")
    code, said = await tocsin(service, "community", "change", "--gate", "北门")
    assert code == 2 and second in said, "with several it has to be said which"
    code, said = await tocsin(service, "community", "add", "无名", "--night", "whenever")
    assert code == 2 and "22:30-07:00" in said


async def test_a_number_and_a_pin_are_given_and_taken(service: ServiceProcesses, owner: asyncpg.Connection) -> None:
    assert (await tocsin(service, "user", "create", "li", "--role", "clerk"))[0] == 0
    assert (await tocsin(service, "user", "pin", "li"))[0] == 2, "it has to be said what"
    code, said = await tocsin(service, "user", "pin", "li", "--pin-stdin", given="2580\n")
    assert code == 1 and "li" not in said, "a PIN goes with a number"
    code, said = await tocsin(service, "user", "pin", "li", "--number", "7021", "--pin-stdin", given="1234\n")
    assert code == 1 and "1234" in said, "the example in the refusal"
    assert await owner.fetchval("SELECT count(*) FROM staff_number") == 0
    code, said = await tocsin(service, "user", "pin", "li", "--number", "7021", "--pin-stdin", given="2580\n")
    assert code == 0 and "7021" in said and "2580" not in said
    stored = "SELECT number || ' ' || (pin_hash LIKE '$argon2id$%') FROM staff_number"
    assert await owner.fetchval(stored) == "7021 true"
    assert (await tocsin(service, "user", "pin", "li", "--clear"))[0] == 0
    assert await owner.fetchval("SELECT pin_hash FROM staff_number") is None
    assert await owner.fetchval("SELECT string_agg(what, ' ' ORDER BY id) FROM desk_log") == "numbered pin_set pin_cleared"


async def test_a_role_is_given_and_taken(service: ServiceProcesses, owner: asyncpg.Connection) -> None:
    second = str(json.loads((await tocsin(service, "community", "add", "江南里", "--json"))[1])["community"])
    assert (await tocsin(service, "user", "create", "li", "--role", "clerk", "--community", "1"))[0] == 0
    assert (await tocsin(service, "user", "grant", "li", "--role", "supervisor", "--community", second))[0] == 0
    roles = "SELECT string_agg(community_id || ' ' || role, ', ' ORDER BY community_id) FROM membership"
    assert await owner.fetchval(roles) == f"1 clerk, {second} supervisor"
    assert (await tocsin(service, "user", "withdraw", "li", "--role", "clerk", "--community", "1"))[0] == 0
    assert await owner.fetchval(roles) == f"{second} supervisor"
    assert (await tocsin(service, "user", "withdraw", "li", "--role", "clerk", "--community", "1"))[0] == 1
    code, said = await tocsin(service, "user", "grant", "nobody", "--role", "clerk", "--community", "1")
    assert code == 1 and "nobody" in said
