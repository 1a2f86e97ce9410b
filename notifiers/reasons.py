"""What pages say of a delivery that is not simply there: a gateway's code in our words, and states that promise less than they seem to. Pure."""

from functools import lru_cache

from notifiers.channels.registry import KINDS
from notifiers.channels.wire.codebook import fits
from notifiers.quality.failures import STOPPED, WRONG

OVER_QUOTA = (
    "over_quota", "isv.BUSINESS_LIMIT_*", "BUSINESS_LIMIT_CONTROL*", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.FLOW_LIMIT*",
    "LimitExceeded*", "RequestLimitExceeded*", "Throttling*", "20429", "21611", "30001", "45009", "45033", "230020", "99991400", "11232",
    "130101", "http_429",
)  # fmt: skip
NO_CREDIT = (
    "no_credit",
    "isv.AMOUNT_NOT_ENOUGH",
    "isv.OUT_OF_SERVICE",
    "isv.BILLING_*",
    "FailedOperation.InsufficientBalance*",
    "30002",
    "http_402",
)
NOT_REGISTERED = (
    "template_missing", "template_refused", "signature_refused", "isv.SMS_TEMPLATE_*", "isv.SMS_SIGN*", "isv.SIGN_*", "isv.TTS_TEMPLATE_*",
    "isv.TEMPLATE_*", "FailedOperation.Template*", "FailedOperation.Signature*", "InvalidParameterValue.Template*", "PORT_NOT_REGISTERED",
)  # fmt: skip
NOT_PERMITTED = (
    "not_permitted", "isv.DENY_IP_RANGE", "isv.RAM_*", "Forbidden*", "NoPermission*", "AuthFailure*", "UnauthorizedOperation*", "60011", "60020",
    "88", "99991672", "99991401", "230006", "230027", "19021", "19022", "20003", "http_401", "http_403", "smtp_530", "smtp_534", "smtp_535",
)  # fmt: skip
NOT_IN_RANGE = ("230013", "230035", "81013", "invaliduser", "unlicenseduser")
"""The member is not in the application's range of availability."""
_FAMILIES = (
    ("wrong_number", tuple(WRONG)), ("opted_out", tuple(STOPPED)), ("over_quota", OVER_QUOTA), ("no_credit", NO_CREDIT),
    ("not_registered", NOT_REGISTERED), ("not_permitted", NOT_PERMITTED), ("not_in_range", NOT_IN_RANGE),
    ("mailbox_full", ("5.2.2", "4.2.2")),
)  # fmt: skip
FAMILIES = tuple(name for name, _ in _FAMILIES)
"""Our words for gateways' codes. Texts: `console.reason.<word>`."""


@lru_cache(maxsize=1024)
def family(code: str) -> str | None:
    """Our word for a gateway's code; None for one of no family."""
    return next((name for name, codes in _FAMILIES if any(fits(listed, code) for listed in codes)), None)


def stands_as(gateway_kind: str | None, state: str) -> str:
    """What a delivery's state really means with this kind of gateway.

    "to_dial": handed to the desk, and nobody has dialled yet. "may_be_dropped": taken by a platform that drops what exceeds its limits
    without a word. Else the state.
    """
    kind = KINDS.get(gateway_kind or "")
    if kind is None or state not in ("accepted", "handed_over"):
        return state
    if kind.name == "by_hand":
        return "to_dial"
    return "may_be_dropped" if kind.may_drop else state
