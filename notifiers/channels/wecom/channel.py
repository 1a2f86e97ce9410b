"""Turns messages into posts of a WeCom group's robot. Nothing is signed: the key in its address is the secret."""

from urllib.parse import quote

from yarl import URL

from notifiers.channels.shape import ChannelSettings
from notifiers.channels.wecom.codes import CODES, REST_SECONDS, TOO_OFTEN
from notifiers.channels.wecom.settings import WecomSettings
from notifiers.channels.wire.robots import Mention, Robot, RobotCall, RobotChannel

_TEXT_BYTES = 2048
"""Bytes, not characters: some 680 Chinese ones. Source: developer.work.weixin.qq.com, group robots."""


def _document(text: str, mention: Mention) -> dict[str, object]:
    said: dict[str, object] = {"content": text}
    match mention.kind:
        case "all":
            said["mentioned_list"] = ["@all"]
        case "user":
            said["mentioned_list"] = [mention.value]
        case "mobile":
            said["mentioned_mobile_list"] = [mention.value]
    return {"msgtype": "text", "text": said}


def open_wecom(settings: ChannelSettings, secret: str, hook_url: str = "") -> RobotChannel:
    """Open the channel; `secret` is the key in the robot's address. Nothing is connected before the first message."""
    checked = WecomSettings.model_validate(settings)
    url = URL(f"{URL(checked.endpoint).origin()}/cgi-bin/webhook/send?key={quote(secret, safe='')}", encoded=True)
    robot = Robot(
        codes=CODES,
        code_fields=("errcode",),
        words_fields=("errmsg",),
        text_bytes_max=_TEXT_BYTES,
        mentions=frozenset(("group", "all", "mobile", "user")),
        call=lambda text, mention: RobotCall(url, _document(text, mention)),
        secrets=(secret,),
        pauses={TOO_OFTEN: REST_SECONDS},
    )
    return RobotChannel(checked, robot)
