"""One community tells 200,000, and in the middle of it another tells 500 through the same gateway: how much longer than alone that takes."""

from statistics import median

from benchmarks.crowd import Crowd, Line, broadcast
from benchmarks.report import Report
from benchmarks.sender_rig import SenderRig, note_load, sender_rig
from notifiers.links import base36
from tocsin.base.logs import configure_logs

ROUNDS = 3
SMALL = 500


async def run(*, quick: bool = False) -> Report:
    """Measure; `quick` has a tenth of the recipients in the big community."""
    configure_logs(as_json=True, level="WARNING")
    report = Report("fair")
    report.asked = {"small_to_alone": "<= 3", "big_still_running": ">= 1"}
    note_load(report, "before")
    async with sender_rig() as rig:
        line = Line()
        warm, big, small = await rig.crowd(1_000, line), await rig.crowd(20_000 if quick else 200_000, line), await rig.crowd(SMALL, line)
        async with rig.workers(1, warm):
            alone = [await _tell(rig, small, f"alone {number}") for number in range(ROUNDS)]
            await rig.gateway.forget(watch=_own(small))
            await broadcast(rig.database, big, "big")
            await rig.gateway.until(1_000, 60)
            beside = [await _tell(rig, small, f"beside {number}", seen=number * SMALL) for number in range(ROUNDS)]
            taken = await rig.gateway.taken()
            report.figures["big_still_running"] = float(taken.messages < big.people + ROUNDS * SMALL)
            ended = await rig.gateway.until(big.people + ROUNDS * SMALL, 300)
            report.figures["big_per_second"] = ended.messages / ended.seconds
            await rig.until_settled()
    report.figures["small_alone_seconds"], report.figures["small_beside_seconds"] = median(alone), median(beside)
    report.figures["small_beside_seconds_worst"] = max(beside)
    report.ratios["small_to_alone"] = median(beside) / median(alone)
    note_load(report, "after")
    return report


def _own(crowd: Crowd) -> str:
    """How every reference of this community begins."""
    return f"{base36(crowd.community)}-"


async def _tell(rig: SenderRig, crowd: Crowd, key: str, *, seen: int | None = None) -> float:
    """Seconds from the declaration to the last acceptance; `seen`: so many of theirs were seen before, in what the gateway remembers."""
    if seen is None:
        await rig.gateway.forget(watch=_own(crowd))
    began = await broadcast(rig.database, crowd, key)
    instants = await rig.watched((seen or 0) + crowd.people, 120)
    return max(instants) - began
