"""What the codes of WeCom's applications mean to us. Source: developer.work.weixin.qq.com, global error codes; sorting them is ours."""

from notifiers.channels.wire.codebook import Codebook

TOKEN_OVER = ("40014", "42001")
"""The token is wrong or over: a new one is fetched, once."""

CODES = Codebook(
    accepted=("0",),
    # -1: WeCom is busy and asks to try again.
    later=("-1", "45009", "45033"),
    unsure=(),
    # Secret, corporation, application, permission, network (60020), or nobody whom the application may see.
    account=("40001", "40013", *TOKEN_OVER, "40056", "40091", "41001", "41002", "41004", "48002", "48004", "60011", "60020", "301002"),
    # 81013: of those named, nobody exists or is in the application's sight.
    refused=("40003", "40031", "40058", "44004", "45002", "60111", "81013"),
)
