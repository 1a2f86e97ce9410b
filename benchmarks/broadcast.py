"""A broadcast from its declaration to the gateway's last acceptance; beside it, in the same rounds, the ceiling and what else one could use.

The ceiling is aiohttp over a list (benchmarks/peers/bare_loop.py), at its best number in flight; the service at its best too, among gateways
that allow more or less. `two_workers` measures whether workers add up where the gateway's latency is the limit: each may have 64 in flight.
"""

from collections.abc import Sequence

from benchmarks.crowd import Line
from benchmarks.peers.running import BEST_TWO, PEERS, bare_loop, best_bare_loop, install_peers, peer
from benchmarks.report import Report
from benchmarks.sender_rig import Run, SenderRig, note, note_load, sender_rig
from tocsin.base.logs import configure_logs

ROUNDS = 3
LATENCY_MS = 50.0
OURS_IN_FLIGHT = (250, 1000)
"""What the gateways allow among which the service takes its best."""
BARE_IN_FLIGHT = {0.0: (32, 64, 128), LATENCY_MS: (256, 512, 1024)}
USUAL_IN_FLIGHT = 64
BATCHES = (100, 200)
CALLS = 8
"""Batches in flight at once."""
WARM_PEOPLE = 1_000


async def run(*, quick: bool = False, batch: bool = False, peers: str = "two") -> Report:
    """Measure; `quick` has a tenth of the recipients. `batch`: through a gateway that takes 100 or 200 a call. `peers`: "two", "all", "none"."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("broadcast --batch" if batch else "broadcast")
    names = {"two": BEST_TWO, "all": tuple(PEERS), "none": ()}[peers]
    why_not = install_peers() if any(name != "apprise" for name in names) else None
    if why_not:
        report.remarks.append(f"peers other than Apprise cannot be had here: {why_not}")
        names = tuple(name for name in names if name == "apprise") or ("apprise",)
    note_load(report, "before")
    async with sender_rig() as rig:
        best_peer = await (_batches if batch else _one_by_one)(rig, report, quick, names)
    note_load(report, "after")
    for name in sorted(best_peer):
        report.figures[f"{name}_best_per_second"] = best_peer[name]
    return report


async def _one_by_one(rig: SenderRig, report: Report, quick: bool, names: Sequence[str]) -> dict[str, float]:
    people = 2_000 if quick else 20_000
    report.asked = {"to_ceiling": ">= 0.85", "to_ceiling_at_50_ms": ">= 0.93", "two_workers_to_one_at_50_ms": ">= 1.5"}
    warm = await rig.crowd(WARM_PEOPLE, Line())
    crowds = {size: await rig.crowd(people, Line(in_flight=size)) for size in (*OURS_IN_FLIGHT, USUAL_IN_FLIGHT)}
    at_best = {
        latency: await best_bare_loop(rig.gateway, people, among, latency_ms=latency) for latency, among in BARE_IN_FLIGHT.items()
    }  # fmt: skip
    ours: dict[tuple[float, int], list[Run]] = {(latency, size): [] for latency in at_best for size in OURS_IN_FLIGHT}
    bare: dict[float, list[Run]] = {latency: [] for latency in at_best}
    usual: dict[int, list[Run]] = {1: [], 2: []}
    other: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(ROUNDS):
        async with rig.workers(1, warm) as workers:
            for latency, in_flight in at_best.items():
                bare[latency].append(await bare_loop(rig.gateway, people, in_flight=in_flight, latency_ms=latency))
                for size in OURS_IN_FLIGHT:
                    ours[latency, size].append(await rig.send_to(crowds[size], f"{number} {latency}", workers, latency_ms=latency))
            usual[1].append(await rig.send_to(crowds[USUAL_IN_FLIGHT], f"{number} one", workers, latency_ms=LATENCY_MS))
        async with rig.workers(2, warm) as workers:
            usual[2].append(await rig.send_to(crowds[USUAL_IN_FLIGHT], f"{number} two", workers, latency_ms=LATENCY_MS))
        await _peers(rig, report, other)
    rates: dict[float, float] = {}
    for latency in at_best:
        label = "" if not latency else f"_at_{latency:.0f}_ms"
        best = max(OURS_IN_FLIGHT, key=lambda size: max(run.rate for run in ours[latency, size]))
        report.figures[f"in_flight{label}"] = best
        report.figures[f"ceiling_in_flight{label}"] = at_best[latency]
        rates[latency] = note(report, f"broadcast{label}", ours[latency, best])
        report.ratios[f"to_ceiling{label}"] = rates[latency] / note(report, f"ceiling{label}", bare[latency])
    one, two = (note(report, f"{count}_workers_64_in_flight_at_50_ms", runs) for count, runs in usual.items())
    report.ratios["two_workers_to_one_at_50_ms"] = two / one
    return _to_best_peer(report, rates[0.0], other, ">= 1.9")


async def _batches(rig: SenderRig, report: Report, quick: bool, names: Sequence[str]) -> dict[str, float]:
    people = 10_000 if quick else 100_000
    report.asked = {"broadcast_per_second": ">= 30000"} | ({} if quick else {"all_100000_within_seconds": "<= 5"})
    warm = await rig.crowd(WARM_PEOPLE, Line())
    crowds = {size: await rig.crowd(people, Line(batch=size, in_flight=CALLS)) for size in BATCHES}
    at_best = await best_bare_loop(rig.gateway, people, (2, 4, 8), batch=BATCHES[0])
    ours: dict[int, list[Run]] = {size: [] for size in BATCHES}
    bare: list[Run] = []
    other: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(ROUNDS):
        bare.append(await bare_loop(rig.gateway, people, in_flight=at_best, batch=BATCHES[0]))
        async with rig.workers(2, warm) as workers:
            for size in BATCHES:
                ours[size].append(await rig.send_to(crowds[size], f"{number}", workers))
        await _peers(rig, report, other)
    best = max(BATCHES, key=lambda size: max(run.rate for run in ours[size]))
    report.figures["recipients_a_call"] = best
    rate = note(report, "broadcast", ours[best])
    report.figures["all_100000_within_seconds"] = sorted(run.seconds for run in ours[best])[ROUNDS // 2]
    report.ratios["to_ceiling"] = rate / note(report, "ceiling", bare)
    return _to_best_peer(report, rate, other, ">= 10")


async def _peers(rig: SenderRig, report: Report, runs: dict[str, list[Run]]) -> None:
    for name in list(runs):
        try:
            runs[name].append(await peer(name, rig.embedded, rig.gateway))
        except RuntimeError as problem:
            report.remarks.append(str(problem))
            del runs[name]


def _to_best_peer(report: Report, rate: float, other: dict[str, list[Run]], bound: str) -> dict[str, float]:
    rates = {name: note(report, name, runs) for name, runs in other.items() if runs}
    if rates:
        report.ratios["to_best_peer"] = rate / max(rates.values())
        report.asked["to_best_peer"] = bound
    return rates
