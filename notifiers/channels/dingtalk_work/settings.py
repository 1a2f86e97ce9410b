"""The settings of a DingTalk application's work notices."""

from pydantic import Field

from notifiers.channels.wire.settings import CallSettings, Plain


class DingtalkWorkSettings(CallSettings):
    """Each setting is explained in docs/gateways/dingtalk-work.md."""

    endpoint: Plain = "https://oapi.dingtalk.com"
    app_key: Plain = Field(min_length=1, max_length=128)
    agent_id: int = Field(ge=0)
    queries: bool = True
    in_flight: int = Field(default=16, ge=2, le=1000)

    def urls(self) -> dict[str, str]:
        return {"endpoint": self.endpoint}

    def secret_length_min(self) -> int:
        return 16
