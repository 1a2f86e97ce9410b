"""Turns messages into posts of a DingTalk robot, signed in the address."""

import base64
import hashlib
import hmac
from urllib.parse import quote

from yarl import URL

from notifiers.channels.dingtalk.codes import BLOCKED_SECONDS, CODES, TOO_OFTEN
from notifiers.channels.dingtalk.settings import DingtalkSettings
from notifiers.channels.shape import ChannelSettings
from notifiers.channels.wire.robots import Mention, Robot, RobotCall, RobotChannel, split_secret
from notifiers.channels.wire.signatures import signing_time

# A post holds 20,000 bytes (460101 beyond); the rest is for the frame. Source: open.dingtalk.com, custom robots.
_TEXT_BYTES = 15_000


def dingtalk_sign(milliseconds: int, secret: str) -> str:
    """Base64 of HMAC-SHA256 over time and secret, with the secret as the key; it goes into the address percent-encoded once."""
    return base64.b64encode(hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()).decode()


def _url(endpoint: str, token: str, signing: str) -> URL:
    url = f"{URL(endpoint).origin()}/robot/send?access_token={quote(token, safe='')}"
    if signing:
        at = signing_time() * 1000
        url += f"&timestamp={at}&sign={quote(dingtalk_sign(at, signing), safe='')}"
    return URL(url, encoded=True)


def _document(text: str, mention: Mention) -> dict[str, object]:
    """The message; DingTalk itself puts whom it mentions behind the text."""
    at = {
        "atMobiles": [mention.value] if mention.kind == "mobile" else [],
        "atUserIds": [mention.value] if mention.kind == "user" else [],
        "isAtAll": mention.kind == "all",
    }
    return {"msgtype": "text", "text": {"content": text}, "at": at}


def open_dingtalk(settings: ChannelSettings, secret: str, hook_url: str = "") -> RobotChannel:
    """Open the channel; `secret` is the robot's access token, and after a colon the secret it signs with. Nothing is connected yet."""
    checked = DingtalkSettings.model_validate(settings)
    token, signing = split_secret(secret)
    robot = Robot(
        codes=CODES,
        code_fields=("errcode",),
        words_fields=("errmsg",),
        text_bytes_max=_TEXT_BYTES,
        mentions=frozenset(("group", "all", "mobile", "user")),
        call=lambda text, mention: RobotCall(_url(checked.endpoint, token, signing), _document(text, mention)),
        secrets=(token, signing),
        pauses={TOO_OFTEN: BLOCKED_SECONDS},
    )
    return RobotChannel(checked, robot)
