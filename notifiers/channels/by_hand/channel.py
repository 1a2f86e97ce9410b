"""Hands messages to the desk, which sees them as calls to make."""

from collections.abc import Sequence

from notifiers.channels.shape import (
    Abilities,
    Accepted,
    ChannelSettings,
    HookReading,
    HookRefusedError,
    HookRequest,
    Outcome,
    Outgoing,
)


class ByHandChannel:
    """The desk. Its results are entered there, so it counts as a channel with receipts and has no hook."""

    def __init__(self) -> None:
        self.abilities = Abilities(
            medium="by_hand",
            contact_kinds=("mobile", "landline"),
            receipts=True,
            replies=False,
            rings=True,
            tells_repeats_apart=True,
            batch_size=100,
        )

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """Accepted at once: the call to make is the delivery itself, and handing it over twice shows it once."""
        return [Accepted() for _ in batch]

    def read_hook(self, request: HookRequest) -> HookReading:
        """Nobody posts for the desk."""
        raise HookRefusedError("no hook")

    async def close(self) -> None:
        """Nothing is held."""


def open_by_hand(settings: ChannelSettings, secret: str, hook_url: str = "") -> ByHandChannel:
    """There is always a desk."""
    return ByHandChannel()
