"""The settings of Tencent Cloud's voice service."""

from pydantic import Field

from notifiers.channels.wire.settings import Plain
from notifiers.channels.wire.tencent import TencentSettings


class TencentVoiceSettings(TencentSettings):
    """Each setting is explained in docs/gateways/tencent-voice.md."""

    endpoint: Plain = "https://vms.tencentcloudapi.com"
    play_times: int = Field(default=2, ge=1, le=3)
    variable_length: int | None = Field(default=None, ge=1, le=350)
    in_flight: int = Field(default=16, ge=1, le=1000)
