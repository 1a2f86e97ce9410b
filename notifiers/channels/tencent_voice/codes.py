"""What vms 2020-09-02 answers and reports mean to us. Sources: its error list and its callbacks at cloud.tencent.com."""

from collections.abc import Mapping

from notifiers.channels.wire.codebook import Codebook
from notifiers.channels.wire.tencent import COMMON_ACCOUNT, COMMON_LATER, COMMON_UNSURE

CODES = Codebook(
    accepted=(),
    # Too often for this number: turned away before anything rang.
    later=(*COMMON_LATER, "LimitExceeded.DeliveryFrequencyLimit"),
    unsure=(*COMMON_UNSURE, "FailedOperation.AccessUpstreamTimeout"),
    account=(
        *COMMON_ACCOUNT, "FailedOperation.PhonenumberUnappliedOrExpired", "FailedOperation.InvalidJsonParameters",
        "FailedOperation.InvalidParameters",
    ),
    refused=(
        "FailedOperation.ContainSensitiveWord", "InvalidParameterValue.CalledNumberVerifyFail", "InvalidParameterValue.ContentLengthLimit",
    ),
)  # fmt: skip

ENDED: Mapping[str, str] = {"0": "answered", "1": "no_answer", "2": "failed"}
"""`result` of voiceprompt_callback, in the words of the generic voice gateway."""
WHY_NOT: Mapping[str, str] = {"8": "number_unknown"}
"""`failure_code` of voice_failure_callback; every other is kept as it is."""
