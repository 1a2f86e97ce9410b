"""Whom the words of the directory mean at one instant. Asked once a transaction, however many incidents ask."""

from dataclasses import dataclass, field

from people.rosters import OnCall, holders, on_call
from playbooks.language.model import Who
from tocsin.base.database import Tx


@dataclass
class Duty:
    """The roster at the transaction's story time."""

    tx: Tx
    _known: dict[tuple[str | None, str | None, str | None], list[OnCall]] = field(default_factory=dict)

    async def people(self, who: tuple[Who, ...]) -> list[OnCall]:
        """The people meant, each once, in the order of the words."""
        found: dict[int, OnCall] = {}
        for one in who:
            for person in await self._meant(one):
                found.setdefault(person.person_id, person)
        return list(found.values())

    async def _meant(self, one: Who) -> list[OnCall]:
        key = (one.department, one.tier, one.role)
        if key not in self._known:
            if one.department is not None and one.tier is not None:
                self._known[key] = await on_call(self.tx, department=one.department, tier=one.tier, at=self.tx.now)
            else:
                self._known[key] = await holders(self.tx, one.role or "")
        return self._known[key]
