"""What the codes of sms 2021-01-11 mean to us. Source: its error list at cloud.tencent.com; sorting them is ours."""

from notifiers.channels.wire.codebook import Codebook
from notifiers.channels.wire.tencent import COMMON_ACCOUNT, COMMON_LATER, COMMON_UNSURE

CODES = Codebook(
    accepted=("Ok",),
    later=(*COMMON_LATER, "LimitExceeded.DeliveryFrequencyLimit", "LimitExceeded.GlobalSmsSendingRateLimit"),
    unsure=COMMON_UNSURE,
    account=(
        *COMMON_ACCOUNT, "FailedOperation.SignatureIncorrectOrUnapproved", "FailedOperation.MissingSignature*", "FailedOperation.Sign*",
        "FailedOperation.MarketingSendTimeConstraint", "FailedOperation.MissingTemplate*", "FailedOperation.NotEnterpriseCertification",
        "FailedOperation.ProhibitSubAccountUse", "FailedOperation.QualificationIdNotApproved", "LimitExceeded.App*", "LimitExceeded.DailyLimit",
        "InvalidParameterValue.TemplateParameterFormatError", "InvalidParameterValue.UnsupportedTemplateVariable",
        "InvalidParameter.AppidAndBizId", "InvalidParameter.InvalidParameters",
    ),
    refused=(
        "FailedOperation.ContainSensitiveWord", "FailedOperation.PhoneNumber*", "InvalidParameterValue.IncorrectPhoneNumber",
        "InvalidParameterValue.ContentLengthLimit", "InvalidParameterValue.TemplateParameterLengthLimit",
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "InvalidParameter.DirtyWordFound", "LimitExceeded.PhoneNumber*",
        "UnsupportedOperation.ContainDomestic*", "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",
        "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",
    ),
)  # fmt: skip
