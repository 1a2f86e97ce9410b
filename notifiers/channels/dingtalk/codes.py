"""What the codes of DingTalk's robots mean to us. Source: open.dingtalk.com, custom robots and global error codes; sorting them is ours."""

from notifiers.channels.wire.codebook import Codebook

TOO_OFTEN = "130101"
BLOCKED_SECONDS = 600.0
"""Who posts more than 20 times in a minute is shut out for ten minutes. Source: open.dingtalk.com, custom robots."""

CODES = Codebook(
    accepted=("0",),
    later=("-1", TOO_OFTEN, "410100"),
    unsure=(),
    # 310000: signature, keyword or network; 300001, 4001xx: no such robot, or switched off; 400013: the group is gone.
    account=("310000", "300001", "300005", "400013", "400101", "400102", "400105", "400106"),
    # 4301xx: content that DingTalk does not let through; 460101: too long.
    refused=("40035", "4301*", "460101"),
)
