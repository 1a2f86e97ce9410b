"""Staff, their rosters and the facilities come in by lists too, each to whom it belongs."""

from datetime import UTC, datetime

from people.rosters import on_call
from tests.people.imports.conftest import BringIn, Look, faults_by_line
from tests.people.imports.writers import text, xlsx
from tocsin.base.database import Database

STAFF: list[list[object]] = [
    ["员工通讯录"],
    ["工号", "姓名", "所属部门", "岗位", "手机号码", "证书", "有效期至"],
    ["001", "张 伟", "工程部", "电工", 13800000001, "电工证、登高证", "2027-06-30"],
    ["002", "李强", "维修部", "维修工", "138 0000 0002", "", ""],
    ["003", "钱经理", "", "项目经理", 13800000003, "", ""],
    ["004", "孙主管", "客服部", "客服主管", "13800000004", "", ""],
    ["005", "周绿", "绿化部", "绿化工", "13800000005", "", ""],
    ["006", "", "工程部", "电工", "13800000006", "", ""],
]
ROSTER: list[list[object]] = [
    ["工程部 2026 年 12 月值班表"],
    ["日期", "部门", "班次", "值班人", "备班", "带班领导"],
    ["12月1日（周二）", "工程部", "白班", "张伟", "李强", "钱经理"],
    ["12月1日", "工程部", "夜班", "李强", "张伟", "钱经理"],
    ["2026-12-02", "工程部", "08:00-20:00", "张伟", "", ""],
    ["2026-12-02", "工程部", "中班", "张伟", "", ""],
    ["2026-12-03", "工程部", "白班", "赵无", "", ""],
    ["2026-12-04", "仓储部", "白班", "张伟", "", ""],
    ["2026-12-02", "工程部", "10:00-12:00", "张伟", "", ""],
    ["备注：白班：8:00-20:00，夜班：20:00-次日8:00"],
]
HOMES: list[list[object]] = [
    ["楼栋", "单元", "房号", "姓名", "手机"],
    [3, 1, 101, "甲", 13900000001],
    [3, 2, 101, "乙", 13900000002],
    [5, 1, 101, "丙", 13900000003],
]
FACILITIES: list[list[object]] = [
    ["设备类型", "名称", "楼栋", "单元", "救援识别码", "服务范围"],
    ["电梯", "1号梯", "3栋", "1单元", "203111", "3栋1单元"],
    ["客梯", "1号梯", "3栋", "2单元", "203121", ""],
    ["水泵房", "1号水泵房", "", "", "", "3栋、5栋"],
    ["配电房", "", "", "", "", "全小区"],
    ["电梯", "2号梯", "9栋", "1单元", "203131", ""],
    ["电梯", "2号梯", "3栋", "1单元", "203111", ""],
    ["天线", "", "3栋", "", "", ""],
]


async def test_staff_come_in_with_posts_certificates_and_departments(bring_in: BringIn, look: Look) -> None:
    result = await bring_in(xlsx(STAFF))
    assert result.understood.kind == "staff" and faults_by_line(result) == {8: ["name_missing"]}
    people = {row["name"]: row for row in await look("SELECT * FROM person")}
    assert set(people) == {"张伟", "李强", "钱经理", "孙主管", "周绿"} and people["张伟"]["note"] == "工程部 · 电工"
    assert {row["key"] for row in await look("SELECT key FROM department")} == {"engineering", "customer_service", "lv_hua_bu"}
    assert {row["role"] for row in await look("SELECT role FROM post")} == {"manager", "supervisor"}
    assert sorted((row["kind"], str(row["expires_on"])) for row in await look("SELECT * FROM certificate")) == [
        ("electrician", "2027-06-30"), ("work_at_height", "2027-06-30"),
    ]  # fmt: skip
    again = await bring_in(xlsx(STAFF))
    assert (again.counts.new, again.counts.changed, again.counts.unchanged) == (0, 0, 5)


async def test_two_of_one_name_stay_two_whatever_the_order(bring_in: BringIn, look: Look) -> None:
    heading: list[object] = ["姓名", "部门", "手机"]
    await bring_in(xlsx([heading, ["张伟", "工程部", 13800000001]]))
    both = [heading, ["张伟", "秩序部", 13800000009], ["张伟", "工程部", 13800000001]]
    result = await bring_in(xlsx(both))
    assert (result.counts.new, result.counts.unchanged) == (1, 1)
    numbers = await look("SELECT array_agg(address) AS numbers FROM contact_point GROUP BY person_id ORDER BY 1")
    assert [row["numbers"] for row in numbers] == [["+8613800000001"], ["+8613800000009"]]
    unclear = await bring_in(xlsx([heading, ["张伟", "工程部", ""]]))
    assert faults_by_line(unclear) == {2: ["person_ambiguous"]}


async def test_a_roster_is_told_by_the_clock_on_the_wall(bring_in: BringIn, look: Look, database: Database, town: int) -> None:
    await bring_in(xlsx(STAFF))
    result = await bring_in(xlsx(ROSTER))
    assert result.understood.kind == "rosters"
    assert faults_by_line(result) == {6: ["shift_word"], 7: ["person_unknown"], 8: ["department_unknown"], 9: ["shift_overlaps"]}
    async with database.community(town) as tx:
        night = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)  # 02:00 of the second in Hangzhou
        assert [one.name for one in await on_call(tx, department="engineering", tier="duty", at=night)] == ["李强"]
        assert [one.name for one in await on_call(tx, department="engineering", tier="backup", at=night)] == ["张伟"]
        noon = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
        assert [one.name for one in await on_call(tx, department="engineering", tier="lead", at=noon)] == ["钱经理"]
    again = await bring_in(xlsx(ROSTER))
    assert (again.counts.new, again.counts.unchanged, again.counts.refused) == (0, 3, 4)


async def test_a_word_for_a_shift_can_be_told(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(STAFF))
    rows = [["日期", "部门", "班次", "值班人"], ["2026-12-02", "工程部", "中班", "张伟"]]
    assert (await bring_in(text(rows))).counts.refused == 1
    assert (await bring_in(text(rows), shift_words={"中班": "12:00-20:00"})).counts.new == 1
    assert [str(row["starts_local"]) for row in await look("SELECT starts_local FROM shift")] == ["2026-12-02 12:00:00"]


async def test_facilities_come_in_with_rescue_codes_and_whom_they_serve(bring_in: BringIn, look: Look) -> None:
    await bring_in(xlsx(HOMES))
    result = await bring_in(xlsx(FACILITIES))
    assert result.understood.kind == "facilities"
    assert faults_by_line(result) == {6: ["building_unclear"], 7: ["rescue_code_taken"], 8: ["facility_kind"]}
    found = {row["code"]: row["rescue_code"] for row in await look("SELECT code, rescue_code FROM place WHERE kind = 'facility'")}
    assert found == {"3-1-L1": "203111", "3-2-L1": "203121", "P1": None, "S1": None}
    serves = await look(
        "SELECT facility.code AS facility, served.code FROM serves JOIN place facility ON facility.id = facility_id"
        " JOIN place served ON served.id = place_id ORDER BY 1, 2"
    )
    assert [(row["facility"], row["code"]) for row in serves] == [("3-1-L1", "3-1"), ("P1", "3"), ("P1", "5"), ("S1", "0")]
    again = await bring_in(xlsx(FACILITIES))
    assert (again.counts.new, again.counts.changed, again.counts.unchanged) == (0, 0, 4)
    corrected = await bring_in(xlsx([FACILITIES[0], ["电梯", "1号梯", "3栋", "2单元", "203129", ""]]))
    assert corrected.counts.changed == 1
    assert (await look("SELECT rescue_code FROM place WHERE code = '3-2-L1'"))[0]["rescue_code"] == "203129"
