"""What the codes of dysmsapi 2017-05-25 mean to us. Source: its error list at help.aliyun.com; sorting them is ours."""

from notifiers.channels.wire.aliyun import COMMON_ACCOUNT, COMMON_LATER, COMMON_UNSURE
from notifiers.channels.wire.codebook import Codebook

CODES = Codebook(
    accepted=("OK",),
    # A number's limit by minute, hour and day comes under one code: turned away before it was sent.
    later=(*COMMON_LATER, "isv.BUSINESS_LIMIT_CONTROL", "BUSINESS_LIMIT_CONTROL*", "isv.BUSINESS_LIMIT_*"),
    unsure=COMMON_UNSURE,
    account=(
        *COMMON_ACCOUNT, "isv.SMS_TEMPLATE_*", "isv.SMS_SIGN*", "isv.SIGN_*", "isv.SMS_CONTENT_CODE_ILLEGAL", "isv.EXTEND_CODE_ERROR",
        "isv.FORBIDDEN_ACTION", "isv.ONE_CODE_MULTIPLE_SIGN", "isv.CUSTOMER_REFUSED", "isv.TEST_TEMPLATE_LIMIT", "isv.TEST_SIGN_*",
        "PORT_NOT_REGISTERED",
    ),
    refused=(
        "isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.SMS_CONTENT_ILLEGAL", "isv.PARAM_LENGTH_LIMIT",
        "isv.PARAM_NOT_SUPPORT_URL", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.DOMESTIC_NUMBER_NOT_SUPPORTED", "isv.NOT_SUPPORTED_COUNTRY",
    ),
)  # fmt: skip
