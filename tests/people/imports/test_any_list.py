"""Whatever a list says and however it contradicts itself: a dry run counts what follows, and the same file again changes nothing."""

from random import Random

import pytest

from tests.people.imports.conftest import BringIn, Look
from tests.people.imports.test_bringing_residents_in import everything
from tests.people.imports.writers import text, xlsx

POOLS: dict[str, list[object]] = {
    "楼栋": ["3", "3栋", "三号楼", "A座", "5#", "云栖阁", "一期3栋", "", "", ""],
    "单元": ["1", "1单元", "二单元", "", "", "无单元", "东"],
    "房号": [101, "101", "0101室", "102", "1-101", "3-1-101", "101/102", "商铺1", "别墅2", "", "", "x", "15A"],
    "业主姓名": ["王芳", "王 芳", "李强", "李强/王芳", "Alice Smith", "alice smith", "", "", "=1", "业主", "空置", "张伟13800000005"],
    "手机": [
        13800000001,
        "13800000001",
        "138 0000 0002",
        "13800000001/13800000002",
        "88001234",
        "138****0001",
        "",
        "",
        "无",
        "1380000000",
        "13800000006（儿子）",
        "王芳13800000007/李强13800000008",
        "13800000002（停机）",
    ],
    "共有人": ["", "", "", "李强", "王芳"],
    "家庭成员": ["", "", "", "妻：李娜 13800000010；子：王小明", "4人", "王芳（妻）"],
    "租户": ["", "", "赵六", "王芳"],
    "租户电话": ["", "", 13800000003, "13800000004"],
    "身份": ["", "", "业主", "租户", "家属", "路人"],
    "状态": ["", "", "自住", "出租", "空置", "未入住", "迁出", "迁出", "空着呢"],
    "入住日期": ["", "", "2020-01-01", "2026年3月1日", 46143, "明天", "2030-01-01"],
    "迁出日期": ["", "", "", "2021-01-01", "2031-01-01"],
    "语言": ["", "", "中文", "英文"],
    "车牌": ["", "", "浙A12345", "浙A·12345、浙B88888", "无牌车"],
    "别名": ["", "", "", "东楼"],
    "紧急联系人": ["", "", "王小明"],
    "紧急联系人电话": ["", "", "13800000009"],
}


def any_list(seed: int, rows: int = 60, *, leaving: bool = True) -> list[list[object]]:
    """Rows of anything; without `leaving`, nobody in them has left."""
    random = Random(seed)
    columns = list(POOLS)
    random.shuffle(columns)
    pools: dict[str, list[object]] = POOLS if leaving else {**POOLS, "状态": POOLS["状态"][:6], "迁出日期": ["", "2031-01-01"]}
    return [list(columns), *[[random.choice(pools[column]) for column in columns] for _ in range(rows)]]


@pytest.mark.parametrize("seed", range(7))
async def test_a_dry_run_says_exactly_what_follows(bring_in: BringIn, look: Look, seed: int) -> None:
    data = xlsx(any_list(seed)) if seed % 2 else text(any_list(seed))
    for _ in range(2):
        before = await everything(look)
        dry = await bring_in(data, dry=True)
        assert await everything(look) == before
        real = await bring_in(data, yes_end=dry.counts.ends)
        assert real.state == "done" and dry.counts == real.counts and dry.looked_at == real.looked_at


@pytest.mark.parametrize("seed", range(10))
async def test_the_same_list_again_adds_nobody_and_then_rests(bring_in: BringIn, look: Look, seed: int) -> None:
    """A number without a name that several people have may go to another of them the second time, once they are all known."""
    data = text(any_list(seed, leaving=False))
    await bring_in(data)
    second = (await bring_in(data)).counts
    assert (second.new, second.new_people, second.ends) == (0, 0, 0)
    before = await everything(look)
    third = await bring_in(data)
    assert (third.counts.new, third.counts.changed, third.counts.ends) == (0, 0, 0), [one for one in third.looked_at if not one.faults]
    assert await everything(look) == before


@pytest.mark.parametrize("seed", range(4))
async def test_two_lists_by_turns_leave_nothing_twice(bring_in: BringIn, look: Look, seed: int) -> None:
    one, other = text(any_list(100 + seed)), text(any_list(200 + seed))
    for data in (one, other, one, other):
        counts = (await bring_in(data, dry=True)).counts
        await bring_in(data, yes_end=counts.ends)
    stays = await look("SELECT person_id, home_id, count(*) FROM residence GROUP BY 1, 2 HAVING count(*) > 1")
    twice = await look("SELECT person_id, address FROM contact_point GROUP BY 1, 2 HAVING count(*) > 1")
    assert stays == [] and twice == []
    assert await look("SELECT * FROM residence WHERE since >= until") == []
