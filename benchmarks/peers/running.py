"""Runs the ceiling and the peers, each in a process of its own; peers from an environment of their own, made at the first run."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from benchmarks.bare_gateway import BareGateway
from benchmarks.sender_rig import Run, run_of
from tocsin.base.embedded import Embedded

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv-bench"
LOCK = ROOT / "requirements-bench.lock"
PEERS: dict[str, Sequence[int]] = {"pgqueuer": (128, 256), "apprise": (16,), "procrastinate": (64,), "celery": (64,)}
"""The peers, the fastest first, with the numbers in flight at which each is tried."""
BEST_TWO = ("pgqueuer", "procrastinate")
MESSAGES = 2_000
LIMIT_SECONDS = 180.0


async def bare_loop(gateway: BareGateway, count: int, *, in_flight: int, latency_ms: float = 0.0, batch: int = 1) -> Run:
    """One run of the ceiling."""
    await gateway.forget(latency_ms=latency_ms)
    url = gateway.url if batch == 1 else gateway.batch_url
    said = await _run(sys.executable, "bare_loop", url, str(count), str(in_flight), str(batch))
    return run_of(await gateway.taken(), said["began_at"], said["cpu_seconds"])


async def best_bare_loop(gateway: BareGateway, count: int, among: Sequence[int], *, latency_ms: float = 0.0, batch: int = 1) -> int:
    """The number in flight at which the ceiling is highest."""
    rates = {one: (await bare_loop(gateway, count, in_flight=one, latency_ms=latency_ms, batch=batch)).rate for one in among}
    return max(rates, key=lambda one: rates[one])


def install_peers() -> str | None:
    """Make the peers' environment where it is not there; why they cannot be had, or None."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / LOCK.name
    if stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes():
        return None
    try:
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True, capture_output=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--disable-pip-version-check", "-r", str(LOCK)]
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        words = str(getattr(problem, "stderr", "") or problem).strip().splitlines()
        return words[-1] if words else type(problem).__name__
    stamp.write_bytes(LOCK.read_bytes())
    return None


async def peer(name: str, embedded: Embedded, gateway: BareGateway, *, latency_ms: float = 0.0) -> Run:
    """The best run of a peer among the numbers in flight at which it is tried, each on an empty database. Raises RuntimeError."""
    runs = [await _peer_once(name, embedded, gateway, one, latency_ms) for one in PEERS[name]]
    return max(runs, key=lambda run: run.rate)


async def _peer_once(name: str, embedded: Embedded, gateway: BareGateway, in_flight: int, latency_ms: float) -> Run:
    owner = await asyncpg.connect(embedded.url)
    await owner.execute("DROP DATABASE IF EXISTS peer WITH (FORCE)")
    await owner.execute("CREATE DATABASE peer")
    await owner.close()
    await gateway.forget(latency_ms=latency_ms)
    # Apprise is what the service itself sends by; the others are nothing of its own.
    python = sys.executable if name == "apprise" else str(ENVIRONMENT / "bin" / "python")
    said = await _run(python, f"{name}_peer", embedded.address_of("peer"), gateway.url, str(MESSAGES), str(in_flight))
    taken = await gateway.taken()
    if taken.distinct != MESSAGES:
        raise RuntimeError(f"{name} sent {taken.distinct} of {MESSAGES}")
    return run_of(taken, said["began_at"], said["cpu_seconds"])


async def _run(python: str, program: str, *arguments: str) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        python, "-m", f"benchmarks.peers.{program}", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )  # fmt: skip
    try:
        printed, complaint = await asyncio.wait_for(process.communicate(), LIMIT_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise RuntimeError(f"{program} did not end within {LIMIT_SECONDS:g} s") from None
    if process.returncode != 0:
        raise RuntimeError(f"{program}: {(complaint.decode().strip().splitlines() or ['ended without a word'])[-1]}")
    said: dict[str, float] = json.loads(printed)
    return said
