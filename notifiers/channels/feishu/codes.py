"""What the codes of Feishu's robots mean to us. Source: open.feishu.cn, custom bot usage guide; sorting them is ours."""

from notifiers.channels.wire.codebook import Codebook

CODES = Codebook(
    accepted=("0",),
    # Too often (100 a minute, 5 a second), also at the full hours when everybody posts.
    later=("11232", "99991400"),
    unsure=(),
    # 19021 signature or clock, 19022 network not listed, 19024 keyword missing, 19001 no such robot, 19005 robot removed.
    account=("19001", "19002", "19003", "19005", "19007", "19021", "19022", "19024"),
    refused=("9499", "11246"),
)
