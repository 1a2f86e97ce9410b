"""What a failed delivery says of the address. Pure.

Most failures say nothing of it: no credit, a text that was not registered, a gateway's own trouble. What a gateway refuses at once
counts only where its code is known to speak of the number; what comes back from the network later speaks of the handset, unless the
code is known to speak of something else. Carriers in China give one code for "no such number, suspended, switched off" (so the
lists of the gateways say), so that is a failure and not a wrong number. The codes of all gateways stand in one list: no two mean
different things by one.

Sources: the error lists at help.aliyun.com, cloud.tencent.com (sms 2021-01-11), twilio.com and open.feishu.cn; RFC 3463 (5.1.1 bad mailbox, 5.1.2 bad
system, 5.1.3 syntax, 5.1.6 moved, 5.2.1 disabled, 5.4.4 no route; 5.1.10 null MX in RFC 7505); docs/gateways/generic-http-sms.md and generic-http-voice.md for our own words.
"""

import re

from people.contact.quality import Learnt

WRONG = frozenset({
    "number_unknown", "wrong_number",
    "isv.MOBILE_NUMBER_ILLEGAL", "InvalidParameterValue.IncorrectPhoneNumber", "21211", "30005", "230029",
    "5.1.1", "5.1.10",
})  # fmt: skip
"""No such number or mailbox: certain."""

STOPPED = frozenset({"opted_out", "FailedOperation.PhoneNumberInBlacklist", "21610", "230053"})
"""Its owner told the gateway to stop."""

FAILED_AT_ONCE = frozenset({"smtp_550", "smtp_551", "smtp_553", "5.1.2", "5.1.3", "5.1.6", "5.2.1", "5.4.4", "21614", "21635"})
"""Refused for the address's sake, and not certainly wrong: a server that takes no mail for it, a number that takes no texts."""

MAIL_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
"""Every other status of a mail (RFC 3463) speaks of the moment, the policy, the text or the way: a full mailbox, a refused sender."""

NOT_THE_ADDRESS = frozenset({
    "over_quota", "no_answer", "not_answered", "busy", "switched_off", "rejected", "expired", "template_missing",
    "30001", "30002", "30003", "30004", "30007", "30008", "30034", "30036",
    "EXPIRED", "REJECTD", "COMFAIL", "WTNFAIL",
})  # fmt: skip
"""Said later, of the moment, the text or the net."""

LEAST_TO_DOUBT = 20
SHARE_TO_DOUBT = 0.5


def learnt_from(code: str | None, *, accepted_before: bool, by_hand: bool) -> Learnt | None:
    """What a failure with this code teaches; None: nothing of the address.

    `accepted_before`: the gateway had taken it first. `by_hand`: somebody dialled, whose only word about the number is that it is wrong.
    """
    said = code or ""
    if said in WRONG:
        return "wrong_number"
    if said in STOPPED:
        return "stop"
    if MAIL_STATUS.fullmatch(said) and said not in FAILED_AT_ONCE:
        return None
    if said in FAILED_AT_ONCE or (accepted_before and not by_hand and said not in NOT_THE_ADDRESS):
        return "failed"
    return None


def is_outage(failed: int, settled: int) -> bool:
    """Whether so many of a message's deliveries by one gateway failed that it is the gateway's trouble, not the numbers'."""
    return settled >= LEAST_TO_DOUBT and failed > SHARE_TO_DOUBT * settled
