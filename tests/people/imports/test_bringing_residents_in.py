"""A list of residents as an office sends it comes out in the directory as it was meant, and no more than that."""

from datetime import timedelta
from typing import Any

import pytest

from people.directory.persons import merge_person
from people.imports.errors import ImportRefusedError
from people.imports.run import ImportRequest, ImportResult, run_import
from people.imports.runs import run_once
from people.persons import add_person, person_by_phone
from people.places import find_places
from tests.people.imports.conftest import BringIn, Look, as_open_file, faults_by_line
from tests.people.imports.sample import MERGED, REACHED, ROWS, WRONG, line_of, sample
from tests.people.imports.writers import ods, text, xls, xlsx
from tocsin.base.database import Database

STAYS = """SELECT home.code, person.name, residence.role, residence.since, residence.until, array_agg(point.address ORDER BY point.rank) AS addresses
FROM residence JOIN place home ON home.id = residence.home_id JOIN person ON person.id = residence.person_id
LEFT JOIN contact_point point ON point.person_id = person.id GROUP BY 1, 2, 3, 4, 5, person.id"""


async def reached(look: Look) -> dict[str, dict[str, set[str]]]:
    """By home and name every number in the directory."""
    found: dict[str, dict[str, set[str]]] = {}
    for row in await look(STAYS):
        found.setdefault(row["code"], {})[row["name"]] = {address for address in row["addresses"] if address}
    return found


async def everything(look: Look) -> dict[str, list[dict[str, Any]]]:
    """All that an import may touch."""
    tables = (
        "place",
        "place_within",
        "place_alias",
        "person",
        "contact_point",
        "residence",
        "vehicle",
        "search_term",
        "post",
        "shift",
        "serves",
    )
    return {table: await look(f"SELECT * FROM {table} ORDER BY {table}::text") for table in tables}


async def test_a_list_with_every_kind_of_dirt_is_brought_in_as_it_is_meant(
    bring_in: BringIn, look: Look, database: Database, town: int
) -> None:
    result = await bring_in(xlsx(sample(), name="住户", merged=MERGED))
    assert faults_by_line(result) == {line_of(row): [code] for row, code in WRONG}
    assert (result.counts.new, result.counts.refused, result.counts.skipped) == (len(ROWS) - 2, len(WRONG), 3)
    assert await reached(look) == REACHED
    stays = {row["name"]: (row["role"], str(row["since"])) for row in await look(STAYS)}
    assert (
        stays["张三"] == ("owner", "2020-05-01") and stays["李四"] == ("owner", "2020-05-01") and stays["孙七"] == ("tenant", "2021-03-08")
    )
    homes = {row["code"]: (row["occupancy"], row["home_use"]) for row in await look("SELECT * FROM place WHERE kind = 'home'")}
    assert homes["3-1-201"] == ("let", "dwelling") and homes["3-2-1502"] == ("vacant", "dwelling") and homes["5-M3"] == ("occupied", "shop")
    assert await look("SELECT plate FROM vehicle") == [{"plate": "浙A12345"}]
    async with database.community(town) as tx:
        assert [one.home_code for one in await person_by_phone(tx, "13800138003")] == ["3-1-102"]
        assert [place.code for place in await find_places(tx, "3栋2单元1502")][:1] == ["3-2-1502"]
        assert (await find_places(tx, "5-M3"))[0].names["zh-CN"] == "5#楼商铺3"


async def test_the_id_card_number_is_left_where_it_was(bring_in: BringIn, look: Look) -> None:
    result = await bring_in(xlsx(sample(wrong=False), merged=MERGED))
    assert "身份证号" in result.understood.sheets[0].left_out
    for table, rows in (await everything(look)).items():
        assert "330106199001011234" not in str(rows), table


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv", "gbk", "pasted"])
async def test_every_kind_of_file_says_the_same(bring_in: BringIn, look: Look, kind: str) -> None:
    rows = sample()
    data = {
        "xlsx": lambda: xlsx(rows),
        "xls": lambda: xls(rows),
        "ods": lambda: ods(rows),
        "csv": lambda: text(rows, encoding="utf-8-sig"),
        "gbk": lambda: text(rows, encoding="gb18030"),
        "pasted": lambda: text(rows, separator="\t"),
    }[kind]()
    result = await bring_in(data)
    assert faults_by_line(result) == {line_of(row): [code] for row, code in WRONG}
    assert await reached(look) == REACHED


async def test_a_dry_run_counts_exactly_what_follows_and_changes_nothing(bring_in: BringIn, look: Look) -> None:
    before = await everything(look)
    dry = await bring_in(xlsx(sample(), merged=MERGED), dry=True)
    assert await everything(look) == before
    real = await bring_in(xlsx(sample(), merged=MERGED))
    assert dry.counts == real.counts and dry.looked_at == real.looked_at


async def test_the_same_file_twice_changes_nothing(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(sample(), merged=MERGED))
    before = await everything(look)
    again = await bring_in(xlsx(sample(), merged=MERGED))
    assert (again.counts.new, again.counts.changed, again.counts.unchanged) == (0, 0, len(ROWS) - 2)
    assert await everything(look) == before


async def test_nothing_is_deleted_by_absence(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(sample(), merged=MERGED))
    before = await reached(look)
    result = await bring_in(xlsx([["楼栋", "单元", "房号", "姓名", "手机"], ["3", "1", "101", "张三", "13911112222"]]))
    assert (result.counts.changed, result.counts.ends) == (1, 0)
    before["3-1-101"]["张三"].add("+8613911112222")
    assert await reached(look) == before
    newest = await look("SELECT address FROM contact_point JOIN person ON person.id = person_id WHERE name = '张三' ORDER BY rank")
    assert [row["address"] for row in newest] == ["+8613911112222", "+8613800138001"]


SMALL: list[list[object]] = [
    ["楼栋", "房号", "姓名", "手机", "状态"],
    *[[1, 100 + n, f"住{chr(0x4E00 + n)}", 13900000000 + n, ""] for n in range(1, 13)],
]


async def test_a_file_that_ends_more_than_a_tenth_stops_and_asks(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(SMALL))
    leaving = [SMALL[0], *[[*row[:4], "迁出"] for row in SMALL[1:4]]]
    asked = await bring_in(xlsx(leaving))
    assert (asked.state, asked.counts.ends, asked.counts.of) == ("asks", 3, 12)
    assert await look("SELECT * FROM residence WHERE until IS NOT NULL") == []
    assert (await bring_in(xlsx(leaving), yes_end=2)).state == "asks"
    done = await bring_in(xlsx(leaving), yes_end=3)
    assert done.state == "done"
    assert len(await look("SELECT * FROM residence WHERE until IS NOT NULL")) == 3
    again = await bring_in(xlsx(leaving))
    assert (again.state, again.counts.ends, again.counts.unchanged) == ("done", 0, 3)


async def test_one_household_may_leave_without_being_asked(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(SMALL))
    result = await bring_in(xlsx([SMALL[0], [*SMALL[1][:4], "已搬走"]]))
    assert (result.state, result.counts.ends) == ("done", 1)
    again = await bring_in(xlsx(SMALL))
    assert again.counts.changed == 0 and [hint.code for hint in again.looked_at[0].hints] == ["moved_out_before"]


async def test_a_whole_list_ends_who_is_not_in_it_only_when_told_how_many(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(SMALL))
    shorter = [SMALL[0], *SMALL[3:], [1, 200, "新来", 13900009999, ""]]
    asked = await bring_in(xlsx(shorter), replace=True)
    assert (asked.state, asked.counts.ends) == ("asks", 2)
    assert len(await reached(look)) == 12
    done = await bring_in(xlsx(shorter), replace=True, yes_end=2)
    assert done.state == "done"
    ended = await look("SELECT person.name FROM residence JOIN person ON person.id = person_id WHERE until IS NOT NULL ORDER BY 1")
    assert [row["name"] for row in ended] == sorted(str(row[2]) for row in SMALL[1:3])


async def test_a_whole_list_with_refused_rows_replaces_nothing(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(SMALL))
    with pytest.raises(ImportRefusedError) as refused:
        await bring_in(xlsx([*SMALL, [1, 300, "错", "12", ""]]), replace=True, yes_end=99)
    assert refused.value.refusal == "replace_refused"
    assert await look("SELECT * FROM residence WHERE until IS NOT NULL") == []


async def test_those_who_left_are_not_brought_in_for_having_left(bring_in: BringIn, look: Look) -> None:
    result = await bring_in(xlsx([SMALL[0], [1, 101, "早走了", 13900000001, "已迁出"]]))
    assert result.counts.unchanged == 1 and [hint.code for hint in result.looked_at[0].hints] == ["not_living_there"]
    assert await look("SELECT * FROM person") == []


async def test_an_owner_of_two_homes_is_one_person(bring_in: BringIn, look: Look) -> None:
    await bring_in(
        xlsx([SMALL[0], [1, 101, "王芳", 13900000001, ""], [2, 202, "王芳", 13900000001, ""], [3, 303, "王芳", 13900000003, ""]])
    )
    rows = await look("SELECT person.id, count(*) AS homes FROM person JOIN residence ON person_id = person.id GROUP BY 1 ORDER BY 2 DESC")
    assert [row["homes"] for row in rows] == [2, 1]


async def test_a_second_name_on_one_number_is_somebody_else_and_worth_a_look(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx([SMALL[0], [1, 101, "王芳", 13900000001, ""]]))
    result = await bring_in(xlsx([SMALL[0], [1, 101, "李强", 13900000001, ""]]))
    assert result.counts.new == 1 and [hint.code for hint in result.looked_at[0].hints] == ["same_phone_other_name"]


async def test_a_name_comes_later_for_a_number_that_had_none(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx([SMALL[0], [1, 101, "", 13900000001, ""]]))
    result = await bring_in(xlsx([SMALL[0], [1, 101, "王芳", 13900000001, ""]]))
    assert result.counts.changed == 1
    assert await look("SELECT name FROM person") == [{"name": "王芳"}]


async def test_sheets_named_after_buildings_are_read_as_those(bring_in: BringIn, look: Look) -> None:
    heading: list[object] = ["房号", "姓名", "手机"]
    await bring_in(
        xlsx([heading, [101, "甲一", 13900000001]], name="3栋", more={"5栋": [heading, [101, "乙一", 13900000002]], "说明": [["填表说明"]]})
    )
    assert await reached(look) == {"3-101": {"甲一": {"+8613900000001"}}, "5-101": {"乙一": {"+8613900000002"}}}


async def test_a_title_above_rows_says_where_they_are(bring_in: BringIn, look: Look) -> None:
    rows: list[list[object]] = [
        ["房号", "姓名", "手机"],
        ["3栋1单元"],
        [101, "甲一", 13900000001],
        ["3栋2单元"],
        [101, "乙一", 13900000002],
    ]
    await bring_in(xlsx(rows))
    assert set(await reached(look)) == {"3-1-101", "3-2-101"}


async def test_a_building_that_goes_by_a_name_is_found_by_it(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx([["楼栋", "房号", "姓名", "手机", "别名"], ["3栋", 101, "甲一", 13900000001, "云栖阁"]]))
    result = await bring_in(xlsx([SMALL[0], ["云栖阁", 102, "乙一", 13900000002, ""]]))
    assert result.counts.new == 1
    assert set(await reached(look)) == {"3-101", "3-102"}


async def test_building_3_of_another_phase_is_another_building(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx([SMALL[0], ["一期3栋", 101, "甲一", 13900000001, ""]]))
    result = await bring_in(xlsx([SMALL[0], ["二期3栋", 101, "乙一", 13900000002, ""], ["一期3栋", 102, "丙一", 13900000003, ""]]))
    assert faults_by_line(result) == {2: ["building_unclear"]}
    assert faults_by_line(await bring_in(xlsx([SMALL[0], ["二期3栋", 101, "乙一", 13900000002, ""]]))) == {2: ["building_unclear"]}
    assert set(await reached(look)) == {"3-101", "3-102"}


async def test_a_home_in_a_unit_is_found_without_its_unit_or_asked_about(bring_in: BringIn, look: Look) -> None:
    heading: list[object] = ["楼栋", "单元", "房号", "姓名", "手机"]
    await bring_in(xlsx([heading, [3, 1, 101, "甲一", 13900000001], [3, 2, 202, "乙一", 13900000002], [3, 1, 202, "丙一", 13900000003]]))
    result = await bring_in(xlsx([["楼栋", "房号", "姓名", "手机"], [3, 101, "丁一", 13900000004], [3, 202, "戊一", 13900000005]]))
    assert faults_by_line(result) == {3: ["home_ambiguous"]}
    assert (await reached(look))["3-1-101"].keys() == {"甲一", "丁一"}


async def test_a_relative_is_a_proxy_and_nobody_who_lives_there(bring_in: BringIn, look: Look) -> None:
    rows: list[list[object]] = [
        ["楼栋", "房号", "姓名", "手机", "紧急联系人", "紧急联系人电话"],
        [1, 101, "王老太", "", "王小明", 13900000001],
    ]
    await bring_in(xlsx(rows))
    assert await look("SELECT person.name, proxy_name, address FROM contact_point JOIN person ON person.id = person_id") == [
        {"name": "王老太", "proxy_name": "王小明", "address": "+8613900000001"}
    ]


async def test_somebody_with_a_mailbox_and_no_telephone_is_taken_with_a_hint(bring_in: BringIn) -> None:
    rows: list[list[object]] = [
        ["楼栋", "房号", "姓名", "手机", "邮箱"],
        [1, 101, "王芳", "", "wang@example.org"],
        [1, 102, "李明", 13900000002, "li@example.org"],
    ]
    result = await bring_in(xlsx(rows))
    assert result.counts.new == 2
    assert {one.line: [hint.code for hint in one.hints] for one in result.looked_at} == {2: ["no_phone"]}


async def test_a_number_known_to_be_wrong_stays_so(bring_in: BringIn, look: Look, owner: Any, town: int) -> None:
    await bring_in(xlsx([SMALL[0], [1, 101, "王芳", 13900000001, ""]]))
    await owner.execute("UPDATE contact_point SET quality = 'wrong' WHERE community_id = $1", town)
    result = await bring_in(xlsx([SMALL[0], [1, 101, "王芳", 13900000001, ""]]))
    assert [hint.code for hint in result.looked_at[0].hints] == ["number_known_wrong"]
    assert await look("SELECT quality FROM contact_point") == [{"quality": "wrong"}]


async def test_what_two_rows_say_differently_the_first_one_says_also_the_second_time(bring_in: BringIn, look: Look) -> None:
    rows: list[list[object]] = [
        ["楼栋", "房号", "姓名", "手机", "状态", "身份", "语言"],
        [1, 101, "王芳", 13900000001, "自住", "业主", "中文"],
        [1, 101, "王芳", 13900000001, "出租", "租户", "英文"],
        [1, 102, "李强", 13900000002, "迁出", "", ""],
        [1, 102, "李强", 13900000002, "自住", "", ""],
    ]
    await bring_in(xlsx(rows))
    before = await everything(look)
    again = await bring_in(xlsx(rows))
    assert (again.counts.new, again.counts.changed) == (0, 0)
    assert await everything(look) == before


async def test_an_import_writes_into_its_own_community_and_no_other(bring_in: BringIn, owner: Any, town: int) -> None:
    tables = ("place", "person", "residence", "contact_point", "search_term", "import_run", "import_row")

    async def others() -> list[int]:
        return [await owner.fetchval(f"SELECT count(*) FROM {table} WHERE community_id <> $1", town) for table in tables]

    before = await others()
    await bring_in(xlsx(SMALL))
    assert await others() == before
    assert all([await owner.fetchval(f"SELECT count(*) FROM {table} WHERE community_id = $1", town) for table in tables])


async def test_every_row_keeps_its_verdict(bring_in: BringIn, look: Look) -> None:
    result: ImportResult = await bring_in(xlsx(sample(), merged=MERGED), dry=True)
    rows = await look("SELECT line, verdict, reasons FROM import_row WHERE run_id = $1 ORDER BY line", result.run_id)
    assert {row["line"] for row in rows if row["verdict"] == "refused"} == {line_of(row) for row, _ in WRONG}
    assert len(rows) == result.counts.rows
    run = (await look("SELECT state, dry, applied_at, rows_read FROM import_run"))[0]
    assert run == {"state": "done", "dry": True, "applied_at": None, "rows_read": result.counts.rows}


async def test_a_file_is_forgotten_after_days_and_what_became_of_it_after_a_month(
    database: Database, town: int, look: Look, owner: Any
) -> None:
    request = ImportRequest(town, "list.xlsx", "test", keep_file=True)
    with as_open_file(xlsx(SMALL)) as file:
        await run_import(database, request, file)
    for age, runs, files in ((timedelta(days=2), 1, 1), (timedelta(days=4), 1, 0), (timedelta(days=31), 0, 0)):
        await owner.execute("UPDATE import_run SET started_at = story_now() - $1::interval WHERE community_id = $2", age, town)
        await run_once(database, town)
        kept = await look("SELECT count(*) AS runs, count(file) AS files FROM import_run")
        assert kept == [{"runs": runs, "files": files}], age


async def test_the_first_rows_of_each_verdict_are_kept_as_they_were_read(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(sample(), merged=MERGED), dry=True)
    examples = (await look("SELECT examples FROM import_run"))[0]["examples"]
    assert [one["line"] for one in examples if one["verdict"] == "refused"] == [line_of(row) for row, _ in WRONG[:5]]
    assert examples[1]["said"] == [
        ["whole", "3-1-102"], ["name", "李四"], ["role", "owner"], ["phone", "+8613800138002"], ["name", "王五"], ["role", "owner"],
        ["phone", "+8613800138003"], ["occupancy", "occupied"], ["since", "2020-05-01"],
    ]  # fmt: skip


async def test_a_member_of_staff_who_lives_here_is_not_made_a_second_time(
    bring_in: BringIn, look: Look, database: Database, town: int
) -> None:
    rows = [["楼栋", "单元", "房号", "姓名", "电话"], ["3", "2", "1502", "张伟", "13800000001"]]
    await bring_in(xlsx(rows))
    async with database.community(town) as tx:
        engineer = await add_person(tx, kind="staff", name="张伟")
        [resident] = await look("SELECT id FROM person WHERE kind = 'resident'")
        await merge_person(tx, resident["id"], engineer)
    again = await bring_in(xlsx(rows))
    assert (again.counts.new, again.counts.changed, again.counts.unchanged) == (0, 0, 1)
    assert await look(
        "SELECT person.kind, home.code FROM residence JOIN person ON person.id = person_id JOIN place AS home ON home.id = home_id"
    ) == [{"kind": "staff", "code": "3-2-1502"}]
