"""Every page of the service in a community of 10,000 homes with a year behind it and several emergencies open, one of them with all homes told.

Round trips of one browser without its cache, pages in turn; `kilobytes` is what goes over the wire, compressed as browsers ask for it. Counts of
the whole community are kept for half a minute (tocsin/base/kept.py): `first` says what those pages take for whoever has them counted.
"""

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter

import aiohttp
from aiohttp import web

from api.auth.accounts import NewAccount, add_membership, create_account
from api.auth.sessions import open_session
from api.auth.walls import make_wall
from api.keys import Context
from api.routes import make_app
from benchmarks.report import Report, percentile
from benchmarks.rig import durable_postgres
from benchmarks.year import LargeCommunity, large_community, live_a_year
from incidents.desk import changes
from incidents.incident_links import make_incident_link
from notifiers.links import Purpose, make_link
from people.communities import get_community
from tocsin.base.logs import configure_logs

SEED = 20261127
WARM, FEW = 5, 5
WARNING = {"weather": "typhoon", "colour": "red", "issuer": "深圳市气象台", "issued_at": "17:30"}
"""What the storm for all homes is about: every one of them is told."""
MOST_MS = 50
MOST_KILOBYTES = {"desk": 100, "log_in": 30, "answer": 30, "resident": 30, "open_incident": 30, "status": 30}
"""The first page and those behind links must arrive over a bad line; their limits count the page itself, its files are cached."""
WITHOUT_LOG_IN = ("log_in", "answer", "resident", "open_incident", "status", "wall")
PRINTS = ("binder",)
"""Everything there is, on paper, some times a year: said how long it takes, a few times, and not asked to be quick."""
COUNT_ALL = ("declare_whole", "debt", "tell_all_homes")
"""Pages with a figure about the whole community."""
NOT_MEASURED = {
    "/handover/{handover}": "what was handed over, frozen: one row",
    "/login/{token}": "opens once, for whoever was sent it",
    "/c/{token}": "one row by its key, like the pages of answers and less of it",
    "/imports/{import}": "the first rows of a list; an import is measured by its own benchmark",
    "/imports/template/{kind}.xlsx": "a file",
    "/sign-on": "an enrolled desk's, and no more than a form",
    "/console/alarms": "a few words for the sound of an open page",
    "/console/live": "a stream",
    "/wall/{token}/live": "a stream",
    "/demo/phones": "the demo's own",
}
"""Addresses of pages that `pages_of` leaves out, and why."""


@dataclass(frozen=True, slots=True)
class Open:
    """What is going on now: numbers of open incidents by what they are for, and links that messages carried."""

    numbers: Mapping[str, int]
    links: Mapping[str, str]


@dataclass
class Seen:
    """One page as measured: round trips in ms, the very first apart from those that count, and the bytes of its last answer."""

    first: float = 0.0
    waits: list[float] = field(default_factory=list)
    size: int = 0


def pages_of(now: Open) -> dict[str, str]:
    """The address of every page, by the name under which it is reported."""
    whole, building, lift = now.numbers["whole"], now.numbers["building"], now.numbers["lift"]
    return {
        "desk": "/",
        "log_in": "/login",
        "declare_kinds": "/declare",
        "declare_place": "/declare?kind=power_cut&q=3",
        "declare_home": "/declare?kind=burst_pipe&q=3-2-1502",
        "declare_whole": "/declare?kind=severe_weather&q=0",
        "suggestions": "/console/places?kind=power_cut&q=12",
        "questions": f"/declare/{building}",
        "room_of_all_homes": f"/i/{whole}",
        "room_of_a_building": f"/i/{building}",
        "room_of_an_elevator": f"/i/{lift}",
        "doors_of_all_homes": f"/i/{whole}/door",
        "doors_of_a_building": f"/i/{building}/door",
        "debt": "/debt",
        "looks": "/looks",
        "ways": "/ways",
        "gateways": "/gateways",
        "imports": "/imports",
        "poster": f"/i/{building}/poster",
        "tell_all_homes": f"/i/{whole}/tell",
        "tell_a_building": f"/i/{building}/tell",
        "messages": f"/i/{whole}/messages",
        "record": f"/i/{building}/record",
        "record_for_committee": f"/i/{building}/record?for=committee",
        "planned": "/planned",
        "handover": "/handover",
        "binder": "/binder",
        "open_pages": "/open",
        "status_poster": "/open/poster",
        "pin": "/pin",
        "desks": "/desks",
        "answer": now.links["a"],
        "resident": now.links["s"],
        "open_incident": now.links["q"],
        "status": now.links["status"],
        "wall": now.links["wall"],
    }


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a tenth of the homes and of the year."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("pages", seed=SEED)
    async with durable_postgres() as (embedded, _):
        began = perf_counter()
        async with large_community(embedded.url, homes=1000 if quick else 10_000, seed=SEED) as here:
            await live_a_year(here, cases=40 if quick else 400)
            now = await _something_is_going_on(here)
            report.figures |= {**await _what_there_is(here), "seconds_to_live_a_year": perf_counter() - began}
            await _measure(here, pages_of(now), report, rounds=40 if quick else 200)
    return report


async def _something_is_going_on(here: LargeCommunity) -> Open:
    """A storm for all homes, a dark building, somebody in an elevator, and three more."""
    declared = {
        "whole": await here.declare("severe_weather", "0"),
        "building": await here.declare("power_cut", "3", reporters=14),
        "lift": await here.declare("elevator_entrapment", "4-1-L1"),
        **{f"unit {building}": await here.declare("water_cut", f"{building}-1") for building in ("1", "2", "5")},
    }
    async with here.desk() as desk:
        await changes.set_facts(desk, declared["whole"].incident_id, WARNING)
        await changes.tell_residents_now(desk, declared["building"].incident_id)
    await here.story.settle()
    async with here.desk() as desk:
        community = await get_community(desk.tx, here.community_id)
        wall = await make_wall(desk.tx, "大屏", "benchmark")
    links = {
        "a": await _link(here, "a", declared["lift"].incident_id),
        "s": await _link(here, "s", declared["building"].incident_id),
        "q": f"/q/{make_incident_link(here.secrets, here.community_id, declared['building'].incident_id)}",
        "status": f"/status/{community.status_key}",
        "wall": f"/wall/{wall}",
    }
    return Open({name: one.number for name, one in declared.items()}, links)


async def _link(here: LargeCommunity, purpose: Purpose, incident_id: int) -> str:
    audience = "staff" if purpose == "a" else "residents"
    async with here.database.community(here.community_id) as tx:
        found = await tx.connection.fetchrow(
            "SELECT m.message_id, m.delivery_no FROM audience_member m JOIN message a ON a.id = m.message_id"
            " WHERE a.subject = $1 AND a.audience = $2 AND m.delivery_no IS NOT NULL ORDER BY 1, 2 LIMIT 1", incident_id, audience,
        )  # fmt: skip
    assert found is not None, f"nobody has a link of {purpose}"
    return f"/{purpose}/{make_link(here.secrets, purpose, here.community_id, found['message_id'], found['delivery_no'])}"


async def _what_there_is(here: LargeCommunity) -> dict[str, float]:
    tables = {"homes": "place WHERE kind = 'home'", "people": "person", "incidents": "incident", "events": "incident_event",
              "members": "audience_member", "deliveries": "delivery_settled"}  # fmt: skip
    async with here.database.community(here.community_id) as tx:
        return {name: await tx.connection.fetchval(f"SELECT count(*) FROM {table}") for name, table in tables.items()}


async def _measure(here: LargeCommunity, pages: Mapping[str, str], report: Report, *, rounds: int) -> None:
    async with here.database.floor() as tx:
        account = await create_account(tx, NewAccount(here.company_id, "sun", "孙主管"))
        await add_membership(tx, account_id=account, community_id=here.community_id, role="administrator")
        cookie = await open_session(tx, account_id=account, community_id=here.community_id)
    runner = web.AppRunner(make_app(Context(here.database, here.wakeups, here.secrets, here.settings)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    seen = {name: Seen() for name in pages}
    # What the year left behind is no part of a service: its collector of garbage would walk through it.
    gc.collect()
    gc.freeze()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False) as session:
        for turn in range(rounds + WARM):
            for name, path in pages.items():
                if name in PRINTS and turn >= WARM + FEW:
                    continue
                wait, size = await _visit(session, base + path, {} if name in WITHOUT_LOG_IN else {"Cookie": f"tocsin={cookie}"})
                seen[name].size = size
                seen[name].first = seen[name].first or wait
                if turn >= WARM:
                    seen[name].waits.append(wait)
    await runner.cleanup()
    for name, one in seen.items():
        report.figures[f"{name}_ms_p50"] = percentile(one.waits, 0.5)
        report.figures[f"{name}_ms_p95"] = percentile(one.waits, 0.95)
        if name in COUNT_ALL:
            report.figures[f"{name}_ms_first"] = one.first
        report.figures[f"{name}_kilobytes"] = one.size / 1000
        if name not in PRINTS:
            report.asked[f"{name}_ms_p95"] = f"<= {MOST_MS}"
    report.asked |= {f"{name}_kilobytes": f"<= {most}" for name, most in MOST_KILOBYTES.items()}


async def _visit(session: aiohttp.ClientSession, address: str, who: Mapping[str, str]) -> tuple[float, int]:
    """One round trip: milliseconds, bytes of the body as sent."""
    began = perf_counter()
    async with session.get(address, headers={"Accept-Encoding": "gzip", **who}, allow_redirects=False) as answer:
        body = await answer.read()
        assert answer.status == 200, f"{address}: {answer.status} {answer.headers.get('Location', '')}"
    return (perf_counter() - began) * 1000, len(body)
