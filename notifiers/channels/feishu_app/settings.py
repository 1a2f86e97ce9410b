"""The settings of a Feishu application."""

from typing import Literal

from pydantic import Field

from notifiers.channels.wire.settings import CallSettings, Plain

AddressType = Literal["open_id", "user_id", "union_id", "email"]
"""What a contact point of the kind "chat" holds, in Feishu's own words (receive_id_type)."""


class FeishuAppSettings(CallSettings):
    """Each setting is explained in docs/gateways/feishu-app.md."""

    endpoint: Plain = "https://open.feishu.cn"
    app_id: Plain = Field(min_length=1, max_length=64)
    address_type: AddressType = "open_id"
    receipts: bool = True
    in_flight: int = Field(default=16, ge=2, le=50)

    def urls(self) -> dict[str, str]:
        return {"endpoint": self.endpoint}

    def secret_length_min(self) -> int:
        return 16
