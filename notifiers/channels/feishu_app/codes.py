"""What the codes of Feishu's applications mean to us. Sources: open.feishu.cn, "send message" and common error codes; sorting them is ours."""

from notifiers.channels.wire.codebook import Codebook

TOKEN_OVER = ("99991663", "99991664", "99991671")
"""The token is wrong or over: a new one is fetched, once."""

CODES = Codebook(
    accepted=("0",),
    # Too often: for the application (1000 a minute, 50 a second) or for one member (5 a second).
    later=("99991400", "230020", "11232"),
    # The message of this uuid is just being sent: it may still fail, and asking again with the same uuid sends none twice.
    unsure=("230049",),
    # Secret, application, permission, network, no robot, a key that was deleted.
    account=(
        *TOKEN_OVER, "10003", "10012", "10013", "10014", "10015", "99991401", "99991661", "99991662", "99991672", "99991673", "99991674",
        "99991679", "230006", "230027", "230036",
    ),
    # 230013: not in the application's range, or gone; 230029: gone; 230053: wants no messages; 230022, 230028: the words; 230099: the card.
    refused=("230001", "230013", "230022", "230025", "230028", "230029", "230034", "230035", "230038", "230053", "230075", "230099", "9999235*"),
)  # fmt: skip
