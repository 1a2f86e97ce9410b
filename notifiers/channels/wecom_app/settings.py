"""The settings of a WeCom application."""

from pydantic import Field

from notifiers.channels.wire.settings import CallSettings, Plain


class WecomAppSettings(CallSettings):
    """Each setting is explained in docs/gateways/wecom-app.md."""

    endpoint: Plain = "https://qyapi.weixin.qq.com"
    corp_id: Plain = Field(min_length=1, max_length=64)
    agent_id: int = Field(ge=0)
    # Four hours at most. Source: developer.work.weixin.qq.com, message/send.
    duplicate_check_seconds: int = Field(default=1800, ge=60, le=14_400)
    in_flight: int = Field(default=16, ge=2, le=1000)

    def urls(self) -> dict[str, str]:
        return {"endpoint": self.endpoint}

    def secret_length_min(self) -> int:
        return 16
