"""An elevator alert declared in the middle of a broadcast: from the declaration to the alert in the gateway's hands.

Over the interface, as a desk declares; and again with the gateway at its rate limit, with a gateway that takes every message of the broadcast
and never answers, and while a list of 100,000 residents is brought in.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic

import aiohttp
import asyncpg

from api.auth.tokens import NewToken, create_token
from benchmarks.crowd import Crowd, Line, broadcast, connect_gateway, settle_people
from benchmarks.import_list import import_file, workbook
from benchmarks.report import Report, percentile
from benchmarks.sender_rig import SenderRig, note_load, sender_rig
from notifiers.gateways import NewChannel, add_channel
from people.communities import NewCommunity, add_community
from tests.harness.small_town import build_small_town
from tocsin.base.logs import configure_logs

STAFF_NUMBERS = "+86138"
"""How the numbers of whoever is alerted begin, and no resident's."""
LATENCY_MS = 20.0


@dataclass(frozen=True, slots=True)
class Town:
    """A small town with staff on duty and a crowd of residents, its elevator, and a token of its desk."""

    crowd: Crowd
    elevator: int
    token: str


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a tenth of the recipients and of the alerts."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("overtake")
    report.asked = {"broadcast_ms_p99": "<= 250", "rate_limit_ms_p99": "<= 500", "hanging_ms_p99": "<= 500", "import_ms_p99": "<= 500"}
    people, alerts = (10_000, 10) if quick else (100_000, 100)
    note_load(report, "before")
    async with sender_rig() as rig:
        free, limited = Line(), Line(rate_per_second=1_000, burst=1_000)
        towns = {
            "broadcast": await _town(rig, free, people),
            "rate_limit": await _town(rig, limited, people // 2),
            "hanging": await _town(rig, free, people // 2),
            "import": await _town(rig, free, 0),
        }
        async with rig.processes.running("serve", "--no-worker"), rig.processes.running("worker"):
            for name, town in towns.items():
                if name == "import":
                    waits = await _beside_an_import(rig, town, people, alerts)
                else:
                    waits = await _beside_a_broadcast(rig, town, alerts, hang=name == "hanging")
                report.figures[f"{name}_alerts"] = len(waits)
                for share, label in ((0.5, "p50"), (0.99, "p99")):
                    report.figures[f"{name}_ms_{label}"] = percentile(waits, share)
    note_load(report, "after")
    return report


async def _town(rig: SenderRig, line: Line, people: int) -> Town:
    if line not in rig.gateways:
        rig.gateways[line] = await connect_gateway(rig.database, rig.company, rig.gateway, line)
    async with rig.database.floor() as tx:
        names = {"zh-CN": "云栖花园", "en": "Cloud Garden"}
        community = await add_community(tx, NewCommunity(rig.company, names, desk_phone="0571-88001234"))
    async with rig.database.community(community) as tx:
        await add_channel(tx, NewChannel(rig.gateways[line], rank=0, signature="安居物业"))
    town = await build_small_town(rig.database, community)
    await settle_people(rig.embedded.url, community, town.places["0"], people)
    async with rig.database.floor() as tx:
        token = await create_token(tx, NewToken(rig.company, community, "benchmark", "supervisor"))
    return Town(Crowd(rig.company, community, town.places["0"], people), town.places["3-2-L1"], token)


async def _beside_a_broadcast(rig: SenderRig, town: Town, alerts: int, *, hang: bool) -> list[float]:
    """Milliseconds of each alert; as many as were declared before the broadcast ended."""
    await rig.gateway.forget(latency_ms=LATENCY_MS, watch=STAFF_NUMBERS, hang=hang)
    await broadcast(rig.database, town.crowd, "everybody")
    await rig.gateway.until(50, 60)
    waits: list[float] = []
    while len(waits) < alerts and (hang or (await rig.gateway.taken()).distinct < town.crowd.people):
        waits.append(await _alert(rig, town, len(waits)))
    await _stop(rig, town)
    return waits


async def _beside_an_import(rig: SenderRig, town: Town, rows: int, alerts: int) -> list[float]:
    file = rig.processes.data_dir / "list.xlsx"
    file.write_bytes(await asyncio.to_thread(workbook, rows))
    await rig.gateway.forget(latency_ms=LATENCY_MS, watch=STAFF_NUMBERS)
    bringing_in = asyncio.create_task(
        import_file(rig.embedded.url, rig.processes.data_dir, file, "--apply", "--community", str(town.crowd.community))
    )
    waits: list[float] = []
    while len(waits) < alerts and not bringing_in.done():
        waits.append(await _alert(rig, town, len(waits)))
        await asyncio.sleep(0.1)
    await bringing_in
    return waits


async def _alert(rig: SenderRig, town: Town, number: int) -> float:
    before = len(await rig.gateway.watched())
    body = {"kind": "elevator_entrapment", "place": str(town.elevator), "facts": {}}
    headers = {"Authorization": f"Bearer {town.token}", "Idempotency-Key": f"bench-{town.crowd.community}-{number}"}
    began = monotonic()
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{rig.processes.url}/api/v1/incidents", json=body) as answer:
            assert answer.status == 201, await answer.text()
    instants = await rig.watched(before + 1, 60)
    return (instants[before] - began) * 1000


async def _stop(rig: SenderRig, town: Town) -> None:
    """What is left of the broadcast is not sent: the next round begins with an empty wire."""
    await rig.gateway.forget(latency_ms=0.0)
    owner = await asyncpg.connect(rig.embedded.url)
    await owner.execute("DELETE FROM delivery WHERE community_id = $1 AND state = 'queued' AND lane = 'urgent'", town.crowd.community)
    await owner.execute("DELETE FROM delivery_range WHERE community_id = $1 AND lease_until IS NULL", town.crowd.community)
    await owner.close()
    await rig.until_settled()
