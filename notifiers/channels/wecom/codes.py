"""What the codes of WeCom's robots mean to us. Source: developer.work.weixin.qq.com, group robots and global error codes; sorting is ours."""

from notifiers.channels.wire.codebook import Codebook

TOO_OFTEN = "45009"
REST_SECONDS = 60.0
"""A robot posts 20 times a minute at most. Source: developer.work.weixin.qq.com, group robots."""

CODES = Codebook(
    accepted=("0",),
    # -1: WeCom is busy and asks to try again.
    later=("-1", TOO_OFTEN, "45033"),
    unsure=(),
    # 93000: no such key; 930xx: removed, switched off, or not in a group any more.
    account=("93*", "40001", "40014", "40063", "60020"),
    refused=("40008", "40058", "44004", "45002"),
)
