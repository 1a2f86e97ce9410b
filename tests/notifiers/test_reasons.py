"""Gateways' codes in our words, and deliveries that promise less than their state seems to say."""

import pytest

from notifiers.channels.registry import KINDS
from notifiers.channels.wire.words import REASONS
from notifiers.reasons import FAMILIES, family, stands_as
from tocsin.base.texts import has_text, say


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", "over_quota"), ("LimitExceeded.PhoneNumberDailyLimit", "over_quota"), ("45009", "over_quota"),
        ("isv.AMOUNT_NOT_ENOUGH", "no_credit"), ("FailedOperation.InsufficientBalanceInSmsPackage", "no_credit"),
        ("isv.SMS_SIGNATURE_ILLEGAL", "not_registered"), ("60020", "not_permitted"), ("230013", "not_in_range"),
        ("21211", "wrong_number"), ("5.1.1", "wrong_number"), ("5.2.2", "mailbox_full"), ("21610", "opted_out"), ("MK:0012", None), ("", None),
    ],
)  # fmt: skip
def test_a_code_has_one_meaning_whoever_says_it(code: str, meant: str | None) -> None:
    assert family(code) == meant


def test_what_is_taken_and_may_still_be_lost_or_wait_for_somebody_says_so() -> None:
    assert stands_as("by_hand", "accepted") == "to_dial" and stands_as("by_hand", "delivered") == "delivered"
    assert stands_as("wecom_app", "accepted") == stands_as("dingtalk_work", "handed_over") == "may_be_dropped"
    assert stands_as("wecom_app", "failed") == "failed"
    assert stands_as("aliyun_sms", "accepted") == stands_as(None, "accepted") == "accepted"
    assert {kind.name for kind in KINDS.values() if kind.may_drop} == {"wecom_app", "dingtalk_work"}


@pytest.mark.parametrize("word", [*(f"reason.{word}" for word in (*REASONS, *FAMILIES)), "delivery.to_dial", "delivery.may_be_dropped"])
def test_every_word_of_ours_is_said_in_both_languages(word: str) -> None:
    assert has_text(f"console.{word}") and say("en", f"console.{word}") != say("zh-CN", f"console.{word}")
