"""The search box in a community of 10,000 homes and about 30,000 residents, as the service's role; and what its index costs to write.

`places` is the least that any search can do: the same connection, one look-up of a place by its code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from time import perf_counter

import aiohttp
from aiohttp import web

from api.auth.tokens import NewToken, create_token
from api.keys import Context
from api.routes import make_app
from benchmarks.big_town import place_lines, resident_line
from benchmarks.report import Report, percentile
from benchmarks.rig import durable_postgres
from people.bulk import PersonLine, add_people, add_places
from people.communities import NewCommunity, add_community, add_company
from people.places import resolve_place
from people.search.box import search
from people.search.pinyin import initials, pieces, spellings
from tests.harness.processes import SECRET_KEY
from tocsin.app.demo.plan import read_plan
from tocsin.base.database import Database, connect
from tocsin.base.logs import configure_logs
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups

SEED = 20260601
BATCH = 5000
WARM = 100


@dataclass(frozen=True, slots=True)
class Known:
    """What the questions are made of: people with their home's code, number and plate."""

    people: list[tuple[PersonLine, str]]
    rescue_codes: list[str]


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a tenth of the homes and of the questions."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("search", seed=SEED)
    report.asked = {
        "search_ms_p95": "<= 30",
        "http_search_ms_p95": "<= 30",
        "search_found_share": ">= 0.99",
        "write_seconds_for_100000_people": "<= 45",
    }
    async with durable_postgres() as (embedded, _):
        database = await connect(embedded.url)
        await _measure(database, report, homes=1000 if quick else 10_000, questions=300 if quick else 3000)
        await database.close()
    return report


async def _measure(database: Database, report: Report, *, homes: int, questions: int) -> None:
    chance = Random(SEED)
    async with database.floor() as tx:
        company = await add_company(tx, "Anju")
        community = await add_community(tx, NewCommunity(company, {"zh-CN": "云栖花园", "en": "Cloud Garden"}))
    known = await _settle(database, community, homes, chance, report)
    asked = [_question(known, chance) for _ in range(questions + WARM)]
    waits: dict[str, list[float]] = {}
    found: list[bool] = []
    for number, (kind, text, wanted) in enumerate(asked):
        began = perf_counter()
        async with database.community(community) as tx:
            hits = await search(tx, text)
        if number >= WARM:
            waits.setdefault(kind, []).append((perf_counter() - began) * 1000)
            if wanted:
                found.append(any(wanted in (hit.place.code if hit.place else hit.person.name if hit.person else "") for hit in hits))
    every = [wait for one in waits.values() for wait in one]
    report.figures |= {f"search_ms_{label}": percentile(every, share) for share, label in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))}
    report.figures |= {f"search_{kind}_ms_p95": percentile(one, 0.95) for kind, one in sorted(waits.items())}
    report.figures["search_found_share"] = sum(found) / len(found)
    report.figures["http_search_ms_p95"] = await _over_http(database, company, community, [text for _, text, _ in asked])
    report.figures["place_by_code_ms_p95"] = await _floor(database, community, known, chance)
    report.ratios["to_ceiling"] = report.figures["search_ms_p95"] / report.figures["place_by_code_ms_p95"]


async def _over_http(database: Database, company: int, community: int, texts: list[str]) -> float:
    """The same questions to the interface, by one client after the other."""
    settings = Settings(public_url="http://tocsin.test", listen="127.0.0.1:0")
    runner = web.AppRunner(make_app(Context(database, Wakeups(database), Secrets(SECRET_KEY), settings)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with database.floor() as tx:
        token = await create_token(tx, NewToken(company, community, "benchmark", "clerk"))
    waits = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        for text in texts:
            began = perf_counter()
            async with session.get(f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1/search", params={"q": text}) as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()
            waits.append((perf_counter() - began) * 1000)
    await runner.cleanup()
    return percentile(waits[WARM:], 0.95)


async def _floor(database: Database, community: int, known: Known, chance: Random) -> float:
    waits = []
    for _ in range(300):
        _, home = chance.choice(known.people)
        began = perf_counter()
        async with database.community(community) as tx:
            await resolve_place(tx, home)
        waits.append((perf_counter() - began) * 1000)
    return percentile(waits, 0.95)


async def _settle(database: Database, community: int, homes: int, chance: Random, report: Report) -> Known:
    """Buildings, homes and residents as an import would bring them."""
    plan = read_plan()
    places, codes, rescue_codes = place_lines(homes)
    residents = [(resident_line(plan, chance, code), code) for code in codes for _ in range(chance.choice((2, 3, 4)))]
    began = perf_counter()
    async with database.community(community) as tx:
        await add_places(tx, places)
    report.figures["places"] = len(places)
    report.figures["places_seconds"] = perf_counter() - began
    began = perf_counter()
    for start in range(0, len(residents), BATCH):
        async with database.community(community) as tx:
            await add_people(tx, [line for line, _ in residents[start : start + BATCH]])
    seconds = perf_counter() - began
    report.figures["people"] = len(residents)
    report.figures["people_per_second"] = len(residents) / seconds
    report.figures["write_seconds_for_100000_people"] = seconds * 100_000 / len(residents)
    return Known(residents, rescue_codes)


def _question(known: Known, chance: Random) -> tuple[str, str, str]:
    """A kind of question, its text, and what must be among the answers (a code, or a name)."""
    person, home = chance.choice(known.people)
    building, unit, label = home.split("-")
    number = person.addresses[0].address.removeprefix("+86")
    start = chance.randrange(0, 7)
    by_kind: dict[str, Callable[[], tuple[str, str]]] = {
        "code": lambda: (home, home),
        "spoken": lambda: (f"{building}栋{unit}单元{label}", home),
        "run_on": lambda: (f"{building}{unit}{label}", home),
        "alias": lambda: (f"88弄{building}号{unit}单元{label}", home),
        "home_and_name": lambda: (f"{building}栋 {person.name}", person.name),
        "name": lambda: (person.name, person.name),
        "beginning": lambda: (person.name[:1], person.name[:1]),
        "pinyin": lambda: ("wang" if person.name[0] == "王" else _spelt(person.name), person.name[0]),
        "initials": lambda: (_initials(person.name), ""),
        "whole_number": lambda: (number, person.name),
        "last_digits": lambda: (number[-5:], ""),
        "piece_of_number": lambda: (number[start : start + 5], ""),
        "plate": lambda: (person.plates[0][1:] if person.plates else home, person.name if person.plates else home),
        "rescue_code": lambda: (chance.choice(known.rescue_codes), "-L1"),
        "one_letter": lambda: (chance.choice("ABCDFGHJLMNPQSTWXYZ"), ""),
    }
    kind = chance.choice(list(by_kind))
    text, wanted = by_kind[kind]()
    return kind, text, wanted


def _spelt(name: str) -> str:

    return spellings(pieces(name))[0].lower()


def _initials(name: str) -> str:

    return initials(pieces(name))[0].lower()
