"""Lists as offices really have them say what a careful reader would take out of them, also sorted or exported anew, and nothing twice."""

import pytest

from tests.people.imports.conftest import BringIn, Look, faults_by_line
from tests.people.imports.office_lists import LISTS, OfficeList, Reached
from tests.people.imports.test_bringing_residents_in import everything
from tests.people.imports.writers import xlsx

PEOPLE = """SELECT home.code, person.name, coalesce(string_agg(
    CASE WHEN point.proxy_name IS NULL THEN '' ELSE point.proxy_name || '→' END || replace(point.address, '+86', ''), ' ' ORDER BY address), '')
    AS numbers
FROM residence JOIN place home ON home.id = residence.home_id JOIN person ON person.id = residence.person_id
LEFT JOIN contact_point point ON point.person_id = person.id GROUP BY home.code, person.id, person.name ORDER BY 1, 2"""


async def reached(look: Look) -> Reached:
    found: Reached = {}
    for row in await look(PEOPLE):
        assert row["name"] not in found.get(row["code"], {}), "twice in one home"
        found.setdefault(row["code"], {})[row["name"]] = row["numbers"]
    return found


@pytest.mark.parametrize("office", LISTS, ids=lambda office: office.name)
async def test_an_offices_list_is_taken_as_it_is_meant_and_a_second_time_not_at_all(
    bring_in: BringIn, look: Look, office: OfficeList
) -> None:
    dry = await bring_in(office.data(), dry=True)
    real = await bring_in(office.data())
    assert dry.counts == real.counts and faults_by_line(real) == office.refused
    assert await reached(look) == office.reached
    homes = await look("SELECT code, occupancy FROM place WHERE kind = 'home' AND occupancy <> 'occupied'")
    assert {row["code"]: row["occupancy"] for row in homes} == office.occupancies
    before = await everything(look)
    for word in office.never:
        assert word not in str(before) and word not in str(await look("SELECT understood, examples FROM import_run"))

    for data in (office.data(), office.again()):
        again = await bring_in(data)
        said = [one for one in again.looked_at if not one.faults]
        assert (again.counts.new, again.counts.changed, again.counts.ends) == (0, 0, 0), (again.counts, said)
        assert len(faults_by_line(again)) == len(office.refused)
    assert await everything(look) == before

    other = xlsx([["楼栋", "房号", "姓名", "手机", "状态"], ["9栋", 101, "别人", 13800000099, "自住"]])
    elsewhere = await bring_in(other)
    assert (elsewhere.counts.new, elsewhere.counts.ends) == (1, 0)
    assert await reached(look) == {**office.reached, "9-101": {"别人": "13800000099"}}
