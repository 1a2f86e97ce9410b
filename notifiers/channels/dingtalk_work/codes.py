"""What the codes of DingTalk's applications mean to us. Source: open.dingtalk.com, global error codes; sorting them is ours."""

from notifiers.channels.wire.codebook import Codebook

TOKEN_OVER = ("40014", "42001")
"""The token is wrong or over: a new one is fetched, once."""

CODES = Codebook(
    accepted=("0",),
    # -1: DingTalk is busy and asks to try again; 900xx: too often.
    later=("-1", "90002", "90005", "90018"),
    unsure=(),
    # 88: not permitted, its sub_code says why; then key, secret, application, network.
    account=("88", "400", *TOKEN_OVER, "40001", "40013", "40056", "40078", "40089", "41001", "43007", "60011", "60020"),
    refused=("33001", "33012", "34010", "34011", "34012", "34017", "40003", "40035", "60121"),
)
