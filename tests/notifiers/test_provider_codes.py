"""What providers' codes mean to us is what docs/gateways says of them: not sent, unsure, the account's fault, or this number's."""

import pytest

from notifiers.channels.aliyun_sms.codes import CODES as ALIYUN_SMS
from notifiers.channels.aliyun_voice.codes import CODES as ALIYUN_VOICE
from notifiers.channels.shape import Accepted, NotSent, Outcome, Refused, Unknown
from notifiers.channels.tencent_sms.codes import CODES as TENCENT_SMS
from notifiers.channels.tencent_voice.codes import CODES as TENCENT_VOICE
from notifiers.channels.twilio.codes import CODES as TWILIO
from notifiers.channels.wire.calls import Answer
from notifiers.channels.wire.codebook import Codebook, Said

LATER, UNSURE, ACCOUNT, NUMBER = "later", "unsure", "account", "number"
TABLE: list[tuple[Codebook, str, str]] = [
    (ALIYUN_SMS, LATER, "isv.BUSINESS_LIMIT_CONTROL Throttling Throttling.User Throttling.Api ServiceUnavailable SignatureNonceUsed"),
    (ALIYUN_SMS, UNSURE, "isp.SYSTEM_ERROR isp.GATEWAY_ERROR InternalError"),
    (ALIYUN_SMS, ACCOUNT, "isv.SMS_TEMPLATE_ILLEGAL isv.SMS_SIGNATURE_ILLEGAL isv.SMS_SIGN_ILLEGAL isv.SIGN_STATE_ILLEGAL isv.OUT_OF_SERVICE"
                          " isv.TEMPLATE_MISSING_PARAMETERS isv.TEMPLATE_PARAMS_ILLEGAL isv.AMOUNT_NOT_ENOUGH isv.ACCOUNT_ABNORMAL"
                          " isv.ACCOUNT_NOT_EXISTS isv.PRODUCT_UNSUBSCRIBE isv.DAY_LIMIT_CONTROL isv.MONTH_LIMIT_CONTROL isv.DENY_IP_RANGE"
                          " isp.RAM_PERMISSION_DENY SignatureDoesNotMatch InvalidAccessKeyId.NotFound InvalidTimeStamp.Expired MissingSignName"
                          " isv.EXTEND_CODE_ERROR Forbidden.RAM IncompleteSignature isv.INVALID_JSON_PARAM"),
    (ALIYUN_SMS, NUMBER, "isv.MOBILE_NUMBER_ILLEGAL isv.PARAM_LENGTH_LIMIT isv.PARAM_NOT_SUPPORT_URL isv.BLACK_KEY_CONTROL_LIMIT"
                         " isv.SMS_CONTENT_ILLEGAL isv.SOMETHING_NEW"),
    (ALIYUN_VOICE, LATER, "isv.BUSINESS_LIMIT_CONTROL Throttling.User"),
    (ALIYUN_VOICE, UNSURE, "isp.SYSTEM_ERROR"),
    (ALIYUN_VOICE, ACCOUNT, "isv.TTS_TEMPLATE_ILLEGAL isv.OUT_OF_SERVICE isv.AMOUNT_NOT_ENOUGH isp.RAM_PERMISSION_DENY"),
    (ALIYUN_VOICE, NUMBER, "isv.MOBILE_NUMBER_ILLEGAL isv.SOMETHING_NEW"),
    (TENCENT_SMS, LATER, "RequestLimitExceeded RequestLimitExceeded.UinLimitExceeded LimitExceeded.DeliveryFrequencyLimit"
                         " LimitExceeded.GlobalSmsSendingRateLimit"),
    (TENCENT_SMS, UNSURE, "InternalError InternalError.Timeout InternalError.SendAndRecvFail InternalError.OtherError"
                          " FailedOperation.OtherError"),
    (TENCENT_SMS, ACCOUNT, "AuthFailure.SignatureFailure AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire"
                           " UnauthorizedOperation.SmsSdkAppIdVerifyFail FailedOperation.TemplateIncorrectOrUnapproved"
                           " FailedOperation.TemplateParamSetNotMatchApprovedTemplate FailedOperation.SignatureIncorrectOrUnapproved"
                           " FailedOperation.InsufficientBalanceInSmsPackage LimitExceeded.AppDailyLimit InternalError.RequestTimeException"
                           " InternalError.SigVerificationFail MissingParameter InvalidParameterValue.SdkAppIdNotExist"
                           " InvalidParameterValue.UnsupportedTemplateVariable UnsupportedOperation.UnsupportedRegion"),
    (TENCENT_SMS, NUMBER, "FailedOperation.PhoneNumberInBlacklist InvalidParameterValue.IncorrectPhoneNumber LimitExceeded.PhoneNumberDailyLimit"
                          " LimitExceeded.PhoneNumberThirtySecondLimit InvalidParameterValue.TemplateParameterLengthLimit"
                          " InvalidParameterValue.ProhibitedUseUrlInTemplateParameter FailedOperation.ContainSensitiveWord"
                          " UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber Something.New"),
    (TENCENT_VOICE, LATER, "LimitExceeded.DeliveryFrequencyLimit RequestLimitExceeded"),
    (TENCENT_VOICE, UNSURE, "InternalError.UpstreamError InternalError.SsoSendRecvFail FailedOperation.AccessUpstreamTimeout"),
    (TENCENT_VOICE, ACCOUNT, "FailedOperation.TemplateIncorrectOrUnapproved FailedOperation.InsufficientBalanceInVoicePackage"
                             " FailedOperation.PhonenumberUnappliedOrExpired InvalidParameterValue.SdkAppidNotExist"
                             " UnauthorizedOperation.VoiceSdkAppidVerifyFail"),
    (TENCENT_VOICE, NUMBER, "InvalidParameterValue.CalledNumberVerifyFail InvalidParameterValue.ContentLengthLimit"),
    (TWILIO, LATER, "20429 21611"),
    (TWILIO, ACCOUNT, "20003 21408 21603 21606 21609 30002 63038"),
    (TWILIO, NUMBER, "21211 21610 21614 21617"),
]  # fmt: skip
CASES = [(book, code, meaning) for book, meaning, codes in TABLE for code in codes.split()]


@pytest.mark.parametrize(("book", "code", "meaning"), CASES)
def test_a_code_means_the_same_in_an_http_200_and_in_a_400(book: Codebook, code: str, meaning: str) -> None:
    for status in (200, 400):
        outcome = book.outcome(Answer(status, {}, b""), Said(code, "words"), ())
        assert named(outcome) == meaning, (status, outcome)


def named(outcome: Outcome) -> str:
    """The outcome in one word."""
    match outcome:
        case NotSent():
            return LATER
        case Unknown():
            return UNSURE
        case Refused():
            return ACCOUNT if outcome.account else NUMBER
        case Accepted():
            return "accepted"


def test_taken_counts_only_in_an_answer_that_says_so_itself() -> None:
    assert ALIYUN_SMS.outcome(Answer(200, {}, b""), Said("OK", "OK", "900^0"), ()) == Accepted("900^0")
    for status in (302, 400, 500, 502):
        assert isinstance(ALIYUN_SMS.outcome(Answer(status, {}, b""), Said("OK", "OK", "900^0"), ()), Unknown)
    assert isinstance(ALIYUN_SMS.outcome(Answer(503, {}, b""), Said("OK"), ()), NotSent)


def test_an_unknown_code_is_judged_by_the_status_it_comes_with() -> None:
    said = Said("Something.New", "words")
    outcomes = {status: named(TENCENT_SMS.outcome(Answer(status, {}, b""), said, ())) for status in (200, 400, 401, 429, 500, 503)}
    assert outcomes == {200: NUMBER, 400: NUMBER, 401: ACCOUNT, 429: LATER, 500: UNSURE, 503: LATER}
