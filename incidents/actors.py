"""Who did something: a person with an account, a desk device without one, a token of another system, a link or an SMS, or the service itself."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is shown in the record; the ids are what the timeline keeps. `device_id`: at which desk device, where that stands for the person
    (nobody was signed on) or for how they said who they are (by PIN)."""

    kind: Literal["account", "device", "token", "link", "sms", "voice", "chat", "system"]
    name: str
    account_id: int | None = None
    person_id: int | None = None
    device_id: int | None = None

    def as_ids(self) -> dict[str, object]:
        """What the chained part of the record says of them: no names."""
        ids: dict[str, object] = {"kind": self.kind}
        if self.account_id is not None:
            ids["account"] = self.account_id
        if self.person_id is not None:
            ids["person"] = self.person_id
        if self.device_id is not None:
            ids["device"] = self.device_id
        return ids


SYSTEM = Actor("system", "tocsin")
