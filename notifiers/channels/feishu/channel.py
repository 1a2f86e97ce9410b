"""Turns messages into posts of a Feishu robot, signed in the body."""

import base64
import hashlib
import hmac
from urllib.parse import quote

from yarl import URL

from notifiers.channels.feishu.codes import CODES
from notifiers.channels.feishu.settings import FeishuSettings
from notifiers.channels.shape import ChannelSettings
from notifiers.channels.wire.robots import Mention, Robot, RobotCall, RobotChannel, split_secret
from notifiers.channels.wire.signatures import signing_time

# A body holds 20 KB; the rest is for the frame and for escapes. Source: open.feishu.cn, custom bot usage guide.
_TEXT_BYTES = 15_000
_AT = "<at "
_NOT_AT = "< at "


def feishu_sign(timestamp: int, secret: str) -> str:
    """Base64 of HMAC-SHA256 with the time in seconds and the secret as the key, over nothing."""
    return base64.b64encode(hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def _document(text: str, mention: Mention, signing: str) -> dict[str, object]:
    """The message; a mention is markup in its text, so what looks like one in the text itself is defused."""
    words = text.replace(_AT, _NOT_AT)
    if mention.kind != "group":
        words = f'<at user_id="{mention.value or "all"}"></at> {words}'
    document: dict[str, object] = {"msg_type": "text", "content": {"text": words}}
    if signing:
        at = signing_time()
        document |= {"timestamp": str(at), "sign": feishu_sign(at, signing)}
    return document


def open_feishu(settings: ChannelSettings, secret: str, hook_url: str = "") -> RobotChannel:
    """Open the channel; `secret` is the robot's token, and after a colon the secret it signs with. Nothing is connected yet."""
    checked = FeishuSettings.model_validate(settings)
    token, signing = split_secret(secret)
    url = URL(f"{URL(checked.endpoint).origin()}/open-apis/bot/v2/hook/{quote(token, safe='')}", encoded=True)
    robot = Robot(
        codes=CODES,
        code_fields=("code", "StatusCode"),
        words_fields=("msg", "StatusMessage"),
        text_bytes_max=_TEXT_BYTES,
        mentions=frozenset(("group", "all", "user")),
        call=lambda text, mention: RobotCall(url, _document(text, mention, signing)),
        secrets=(token, signing),
        pauses={},
        wait_header="x-ogw-ratelimit-reset",
    )
    return RobotChannel(checked, robot)
