"""The settings of a Feishu robot."""

from notifiers.channels.wire.robots import RobotSettings
from notifiers.channels.wire.settings import Plain


class FeishuSettings(RobotSettings):
    """Each setting is explained in docs/gateways/feishu.md."""

    endpoint: Plain = "https://open.feishu.cn"
