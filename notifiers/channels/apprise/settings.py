"""The settings of a group that is reached by Apprise."""

from typing import Literal

from pydantic import Field

from notifiers.channels.shape import ChannelSettings

Service = Literal["discord", "slack", "tgram"]
"""Services whose host is fixed by their vendor. Anything that takes a host, a file or a protocol of its own is left out on purpose."""


class AppriseSettings(ChannelSettings):
    """Each setting is explained in docs/gateways/apprise.md."""

    service: Service
    in_flight: int = Field(default=2, ge=2, le=8)
    total_seconds: float = Field(default=12, gt=0, le=60)

    def secret_length_min(self) -> int:
        return 16
