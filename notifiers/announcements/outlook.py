"""How fast messages leave at this moment, as the workers report it, and when the last person will have been told: cheap enough for open pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notifiers.announcements.post import SQL
from notifiers.delivery.reports import FRESH
from tocsin.base.database import Tx


@dataclass(frozen=True, slots=True)
class Outlook:
    """News that are being sent: `trying` members wait, and the gateways of its channels take `per_second` messages now, of this and others."""

    message_id: int
    trying: int
    per_second: float

    @property
    def seconds_left(self) -> float | None:
        """Until the last of them; None while nobody can say, because nothing was taken lately."""
        return self.trying / self.per_second if self.per_second > 0 else None


async def outlooks(tx: Tx, message_ids: Sequence[int]) -> Mapping[int, Outlook]:
    """Of those of these messages that are neither stopped, paused nor over, and have members that wait."""
    rows = await tx.rows(SQL.outlooks, Outlook, tx.community, list(message_ids), tx.now, tx.machine_now - FRESH)
    return {one.message_id: one for one in rows}
