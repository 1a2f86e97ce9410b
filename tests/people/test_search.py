"""Whatever the clerk types or the caller says, one box finds whom or what is meant, and says what it is."""

import asyncio
from dataclasses import dataclass

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.bulk import AddressLine, PersonLine, add_people
from people.outside import NewOutsideNumber, add_outside_number
from people.persons import NewContactPoint, NewResidence, add_contact_point, add_person, add_residence
from people.places import NewPlace, add_place, find_places
from people.rosters import add_department
from people.search import rebuild
from people.search.box import Hit, search
from people.search.pinyin import readings, sort_key
from people.search.query import read_query
from people.search.terms import LEAST_DIGITS, PersonWords, Term, alias_key, digits_of, squeeze, terms_of_person
from tests.harness.estate import Estate
from tocsin.base.database import Database
from tocsin.base.work import lower

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@dataclass(frozen=True, slots=True)
class Peopled:
    """The estate with people; ids by name."""

    community: int
    ids: dict[str, int]
    places: dict[str, int]


@pytest.fixture
async def peopled(database: Database, estate: Estate) -> Peopled:
    """Mrs Wang and her husband in 3-2-1502, a 单 in 3-1-302, Emily in 3-2-301; an engineer; names and aliases."""
    lines = [
        PersonLine("resident", "王芳", addresses=(AddressLine("mobile", "13800001234"),), home_codes=("3-2-1502",), plates=("浙A·D1234",)),
        PersonLine("resident", "李建军", addresses=(AddressLine("mobile", "13800001234"),), home_codes=("3-2-1502",)),
        PersonLine("resident", "单于菲", addresses=(AddressLine("landline", "0571-88002602"),), home_codes=("3-1-302",)),
        PersonLine("resident", "Emily Carter", "en", (AddressLine("email", "Emily@Example.com"),), ("3-2-301",)),
        PersonLine("resident", "张三", addresses=(AddressLine("mobile", "13900005678"),), home_codes=("3-1-501",)),
        PersonLine("staff", "张伟", addresses=(AddressLine("mobile", "13700009999"),)),
    ]
    async with database.community(estate.community) as tx:
        people = await add_people(tx, lines)
        await add_department(tx, "engineering", {"zh-CN": "工程部", "en": "Engineering"})
        await add_outside_number(tx, NewOutsideNumber("fire_rescue_119", None, {"zh-CN": "消防救援"}, "119", tx.now.date()))
        shop = NewPlace("home", estate.ids["3"], "3-S1", {"zh-CN": "幸福超市"}, "S1", 1, home_use="shop", intercom="8021")
        await add_place(tx, shop)
        hall = NewPlace("building", estate.ids["0"], "8", {"zh-CN": "8栋"}, "8", 8, aliases=("云栖阁", "88弄3号"), cameras=("东门枪机",))
        building = await add_place(tx, hall)
        await add_place(tx, NewPlace("home", building, "8-1502", {"zh-CN": "8栋1502"}, "1502", 1))
        await add_place(tx, NewPlace("home", estate.ids["0"], "V1", {"zh-CN": "1号别墅"}, "1", 1, home_use="villa", aliases=("湖畔1号",)))
    return Peopled(estate.community, dict(zip((line.name for line in lines), people, strict=True)), estate.ids)


async def found(database: Database, peopled: Peopled, text: str, *, numbers: bool = True) -> list[str]:
    """What is found, shortly: names of people, codes of places."""
    async with database.community(peopled.community) as tx:
        return [shown(hit) for hit in await search(tx, text, numbers=numbers)]


def shown(hit: Hit) -> str:
    return hit.person.name if hit.person else hit.place.code if hit.place else hit.named.names["zh-CN"] if hit.named else ""


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("王芳", "王芳"),
        ("芳", "王芳"),
        ("wangfang", "王芳"),
        ("WF", "王芳"),
        ("fang", "王芳"),
        ("jianjun", "李建军"),
        ("ljj", "李建军"),
        ("建军", "李建军"),
        ("ｌｊｊ", "李建军"),
        ("shanyufei", "单于菲"),
        ("danyufei", "单于菲"),
        ("chan", "单于菲"),
        ("emily", "Emily Carter"),
        ("carter", "Emily Carter"),
        ("EMILY  carter", "Emily Carter"),
        ("ec", "Emily Carter"),
        ("emily@example.com", "Emily Carter"),
        ("张三", "张三"),
        ("88002602", "单于菲"),
        ("0571-8800 2602", "单于菲"),
        ("+86 571 88002602", "单于菲"),
        ("139 0000 5678", "张三"),
        ("8613900005678", "张三"),
        ("浙AD1234", "王芳"),
        ("d1234", "王芳"),
        ("工程", "工程部"),
        ("gcb", "工程部"),
        ("119", "消防救援"),
        ("消防", "消防救援"),
        ("3-2-1502", "3-2-1502"),
        ("3栋2单元1502", "3-2-1502"),
        ("三栋", "3"),
        ("203122", "3-2-L2"),
        ("8021", "3-S1"),
        ("超市", "3-S1"),
        ("xfcs", "3-S1"),
        ("云栖阁", "8"),
        ("yunqige", "8"),
        ("云栖阁1502", "8-1502"),
        ("八十八弄三号1502", "8-1502"),
        ("88弄3号 1502室", "8-1502"),
        ("湖畔一号", "V1"),
        ("云栖花园3栋2单元1502", "3-2-1502"),
        ("Cloud Garden Building 3 Unit 2 Home 1502", "3-2-1502"),
        ("东门枪机", "8"),
    ],
)
async def test_the_first_thing_found_is_what_was_meant(database: Database, peopled: Peopled, text: str, first: str) -> None:
    assert (await found(database, peopled, text))[:1] == [first]


async def test_one_box_says_what_each_thing_is(database: Database, peopled: Peopled) -> None:
    async with database.community(peopled.community) as tx:
        types = {text: (await search(tx, text))[0].type for text in ("3-2-1502", "3", "203122", "王芳", "张伟", "工程部", "119")}
    assert types == {
        "3-2-1502": "home", "3": "building", "203122": "facility", "王芳": "resident", "张伟": "staff", "工程部": "department",
        "119": "outside_number",
    }  # fmt: skip


async def test_a_home_brings_those_who_live_there_with_it(database: Database, peopled: Peopled) -> None:
    assert await found(database, peopled, "3-2-1502") == ["3-2-1502", "李建军", "王芳"]


async def test_a_number_shared_by_a_couple_finds_both(database: Database, peopled: Peopled) -> None:
    assert set(await found(database, peopled, "13800001234")) == {"王芳", "李建军"}


async def test_somebody_is_shown_by_the_number_that_was_typed(database: Database, peopled: Peopled) -> None:
    async with database.community(peopled.community) as tx:
        await add_contact_point(tx, NewContactPoint(peopled.ids["张三"], "mobile", "15000007777", rank=5))
        (hit,) = await search(tx, "7777")
        assert hit.person is not None
        assert hit.person.address == "+8615000007777"
        assert [home["code"] for home in hit.person.homes] == ["3-1-501"]


async def test_every_piece_of_a_number_finds_it(database: Database, peopled: Peopled) -> None:
    number = "13900005678"
    for start in range(len(number)):
        for end in range(start + LEAST_DIGITS, len(number) + 1):
            assert "张三" in await found(database, peopled, number[start:end]), number[start:end]


async def test_a_piece_that_stands_in_no_number_finds_nobody(database: Database, peopled: Peopled) -> None:
    assert await found(database, peopled, "35678") == []


async def test_who_may_not_see_numbers_finds_nobody_by_them(database: Database, peopled: Peopled) -> None:
    for text in ("13900005678", "5678", "d1234", "emily@example.com", "88002602"):
        assert await found(database, peopled, text, numbers=False) == [], text
    assert await found(database, peopled, "王芳", numbers=False) == ["王芳"]
    assert await found(database, peopled, "119", numbers=False) == ["消防救援"]


@pytest.mark.parametrize("text", ["3栋 王", "王 3栋", "3-2 wang", "1502王芳", "wf 3-2-1502", "3栋王芳"])
async def test_a_name_beside_a_place_means_those_who_live_there(database: Database, peopled: Peopled, text: str) -> None:
    assert (await found(database, peopled, text))[:1] == ["王芳"]


async def test_a_name_beside_another_place_does_not_find_them(database: Database, peopled: Peopled) -> None:
    assert "王芳" not in await found(database, peopled, "3-1 王芳")


async def test_who_moved_out_is_found_as_such_and_the_merged_are_not(database: Database, peopled: Peopled) -> None:
    async with database.community(peopled.community) as tx:
        person = await add_person(tx, kind="resident", name="赵老师")
        today = tx.now.date()
        await add_residence(tx, NewResidence(person, peopled.places["3-1-301"], "tenant", None, today))
        assert [hit.type for hit in await search(tx, "赵老师")] == ["former_resident"]


async def test_a_number_given_later_is_found_at_once(database: Database, peopled: Peopled) -> None:
    async with database.community(peopled.community) as tx:
        await add_contact_point(tx, NewContactPoint(peopled.ids["Emily Carter"], "mobile", "13611112222"))
        assert [shown(hit) for hit in await search(tx, "13611112222")] == ["Emily Carter"]


async def test_nothing_of_another_community_is_found(database: Database, peopled: Peopled, owner: object) -> None:
    async with database.floor() as tx:
        company = await tx.connection.fetchval("SELECT company_id FROM community WHERE id = $1", peopled.community)
        other = await tx.connection.fetchval(
            "INSERT INTO community (company_id, names, zone, languages, default_language, created_at)"
            " VALUES ($1, '{}', 'Asia/Shanghai', '{en}', 'en', $2) RETURNING id",
            company, tx.now,
        )  # fmt: skip
    async with database.community(other) as tx:
        for text in ("王芳", "13800001234", "3-2-1502", "wf"):
            assert await search(tx, text) == []


async def test_an_alias_said_of_two_places_offers_both(database: Database, peopled: Peopled) -> None:
    async with database.community(peopled.community) as tx:
        for code in ("9", "10"):
            await add_place(tx, NewPlace("building", peopled.places["0"], code, {"zh-CN": f"{code}栋"}, code, int(code), aliases=("东楼",)))
        assert {place.code for place in await find_places(tx, "东楼")} == {"9", "10"}


@given(st.text(HAN, min_size=2, max_size=4))
def test_every_piece_of_a_name_begins_one_of_its_terms(name: str) -> None:
    terms = {term.text for term in terms_of_person(PersonWords(1, name))}
    for start in range(len(name)):
        for end in range(start + 1, len(name) + 1):
            assert any(term.startswith(squeeze(name[start:end])) for term in terms)


@given(st.text(max_size=80))
def test_no_text_is_too_strange_to_be_asked(text: str) -> None:
    for numbers in (True, False):
        asked = read_query(text, numbers=numbers)
        assert all(look.starts and look.starts < look.past for look in asked.looks)


@given(st.text(max_size=60))
def test_a_key_stays_as_it_is(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)
    assert alias_key(alias_key(text)) == alias_key(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [("八十八弄 三号", "88弄3号"), ("云栖·阁", "云栖阁"), ("Cloud  Garden", "CLOUDGARDEN"), ("湖畔一号", "湖畔1号"), ("３号楼", "3号楼")],
)
def test_one_alias_has_one_key_however_it_is_written(text: str, key: str) -> None:
    assert alias_key(text) == key


def test_every_reading_of_a_character_is_kept() -> None:
    assert set(readings("单")) == {"DAN", "SHAN", "CHAN"}
    assert set(readings("吕")) == {"LV", "LU"}
    assert Term("SYF", "pinyin") in terms_of_person(PersonWords(1, "单于菲"))


def test_names_stand_in_the_order_of_their_pinyin() -> None:
    assert sorted(["张伟", "曾艳", "王芳", "Emily", "李强", "单于菲"], key=sort_key) == ["Emily", "李强", "单于菲", "王芳", "曾艳", "张伟"]


def test_a_number_is_known_at_home_by_its_national_digits() -> None:
    assert [digits_of(number) for number in ("+8613800001234", "+8657188001234", "+447911123456")] == [
        "13800001234", "057188001234", "447911123456",
    ]  # fmt: skip


async def test_what_was_there_before_the_box_is_found_once_the_chore_has_run(
    database: Database, peopled: Peopled, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await owner.execute("DELETE FROM search_term; UPDATE person SET sort_key = ''")
    assert await found(database, peopled, "王芳") == []
    async with database.community(peopled.community) as tx:
        lower(tx, "search")
    assert await rebuild.run_once(database, peopled.community) > 20
    for text, first in (("王芳", "王芳"), ("119", "消防救援"), ("gcb", "工程部"), ("云栖阁1502", "8-1502"), ("203122", "3-2-L2")):
        assert (await found(database, peopled, text))[:1] == [first]
    assert await owner.fetchval("SELECT count(*) FROM person WHERE sort_key = ''") == 0
    assert await owner.fetchval("SELECT count(*) FROM work WHERE lane = 'search'") == 0


async def test_two_writers_of_one_person_come_one_after_the_other(database: Database, peopled: Peopled) -> None:
    async def give(number: int) -> None:
        async with database.community(peopled.community) as tx:
            await add_contact_point(tx, NewContactPoint(peopled.ids["王芳"], "mobile", f"1360000{number:04d}"))

    await asyncio.gather(*(give(number) for number in range(8)))
    for number in range(8):
        assert await found(database, peopled, f"1360000{number:04d}") == ["王芳"]
