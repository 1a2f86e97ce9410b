"""The settings of a WeCom robot."""

from notifiers.channels.wire.robots import RobotSettings
from notifiers.channels.wire.settings import Plain


class WecomSettings(RobotSettings):
    """Each setting is explained in docs/gateways/wecom.md."""

    endpoint: Plain = "https://qyapi.weixin.qq.com"
