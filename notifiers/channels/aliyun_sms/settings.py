"""The settings of Alibaba Cloud's SMS."""

from pydantic import Field

from notifiers.channels.wire.aliyun import AliyunSettings
from notifiers.channels.wire.settings import Plain

BATCH_MOST = 100
"""Numbers of one SendBatchSms. Source: help.aliyun.com, SendBatchSms."""


class AliyunSmsSettings(AliyunSettings):
    """Each setting is explained in docs/gateways/aliyun-sms.md."""

    endpoint: Plain = "https://dysmsapi.aliyuncs.com"
    batch_from: int = Field(default=10, ge=2, le=BATCH_MOST + 1)
    variable_length: int = Field(default=35, ge=1, le=500)
