"""The settings of a DingTalk robot."""

from notifiers.channels.wire.robots import RobotSettings
from notifiers.channels.wire.settings import Plain


class DingtalkSettings(RobotSettings):
    """Each setting is explained in docs/gateways/dingtalk.md."""

    endpoint: Plain = "https://oapi.dingtalk.com"
