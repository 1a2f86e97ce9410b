"""Which playbook a community runs for which kind of incident."""

import hashlib
from dataclasses import dataclass

from incidents.errors import KindUnknownError
from playbooks.language.load import load_playbook
from playbooks.language.model import Playbook
from playbooks.library import load_library, source
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A version as it is stored."""

    id: int
    name: str
    version: int
    source: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """A playbook in use and the stored version it came from."""

    version_id: int
    sha256: bytes
    playbook: Playbook


@dataclass(frozen=True, slots=True)
class PlanKey:
    """Which stored version, and the hash of what it holds."""

    id: int
    sha256: bytes


class ParsedPlans:
    """Playbooks by the hash of their source: parsing takes tens of milliseconds, and a hash never means anything else."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._by_hash: dict[bytes, Playbook] = {}

    def get(self, sha256: bytes) -> Playbook | None:
        """The playbook, if it was parsed before."""
        return self._by_hash.get(sha256)

    def parse(self, stored: StoredPlan) -> Playbook:
        """The playbook, parsed now unless it was before; the oldest makes room."""
        playbook = self._by_hash.get(stored.sha256)
        if playbook is None:
            playbook = load_playbook(stored.source, stored.name)
            while len(self._by_hash) >= self._most:
                self._by_hash.pop(next(iter(self._by_hash)))
            self._by_hash[stored.sha256] = playbook
        return playbook


_PARSED = ParsedPlans()


def _plan(stored: StoredPlan) -> Plan:
    return Plan(stored.id, stored.sha256, _PARSED.parse(stored))


async def plan_for(tx: Tx, kind: str) -> Plan:
    """The plan in use for `kind`; raises KindUnknownError naming the kinds there are."""
    key = await tx.maybe(SQL.key_in_use, PlanKey, tx.community, kind)
    playbook = _PARSED.get(key.sha256) if key else None
    if key is not None and playbook is not None:
        return Plan(key.id, key.sha256, playbook)
    stored = await tx.maybe(SQL.plan_in_use, StoredPlan, tx.community, kind)
    if stored is None:
        known = ", ".join(playbook.kind for playbook in await kinds(tx))
        raise KindUnknownError(field="/kind", value=kind, known=known)
    return _plan(stored)


async def plan_of_version(tx: Tx, version_id: int) -> Plan:
    """The plan a run began with."""
    key = await tx.maybe(SQL.key_of_version, PlanKey, tx.community, version_id)
    if key is None:
        raise RuntimeError(f"playbook version {version_id} is gone")
    return await plan_of_key(tx, key)


async def plan_of_key(tx: Tx, key: PlanKey) -> Plan:
    """The plan of a version whose hash was read already: without a statement where it was parsed before."""
    playbook = _PARSED.get(key.sha256)
    if playbook is not None:
        return Plan(key.id, key.sha256, playbook)
    stored = await tx.maybe(SQL.plan_of_version, StoredPlan, tx.community, key.id)
    if stored is None:
        raise RuntimeError(f"playbook version {key.id} is gone")
    return _plan(stored)


async def kinds(tx: Tx) -> list[Playbook]:
    """The playbooks in use, gravest first, then by kind."""
    stored = await tx.rows(SQL.plans_in_use, StoredPlan, tx.community)
    order = {"life_threatening": 0, "urgent": 1, "minor": 2}
    return sorted((_plan(one).playbook for one in stored), key=lambda playbook: (order[playbook.severity], playbook.kind))


async def adopt_library(tx: Tx) -> int:
    """Put the shipped playbooks to use where the community has none for their kind; how many were adopted."""
    in_use = {playbook.kind for playbook in await kinds(tx)}
    adopted = 0
    for playbook in load_library():
        if playbook.kind not in in_use:
            text = source(playbook.name)
            digest = hashlib.sha256(text.encode()).digest()
            adopted += await tx.run(SQL.adopt, tx.community, playbook.name, playbook.version, playbook.kind, text, digest, tx.now)
    return adopted
