"""The settings of Tencent Cloud's SMS."""

from pydantic import Field

from notifiers.channels.wire.settings import Plain
from notifiers.channels.wire.tencent import TencentSettings

BATCH_MOST = 200
"""Numbers of one SendSms, all of the mainland or all abroad. Source: cloud.tencent.com, SendSms."""


class TencentSmsSettings(TencentSettings):
    """Each setting is explained in docs/gateways/tencent-sms.md."""

    endpoint: Plain = "https://sms.tencentcloudapi.com"
    queries: bool = True
    variable_length: int = Field(default=6, ge=1, le=500)
