"""What dyvmsapi 2017-05-25 answers and reports mean to us. Sources: its error list and the list of call states at help.aliyun.com."""

from collections.abc import Mapping

from notifiers.channels.wire.aliyun import COMMON_ACCOUNT, COMMON_LATER, COMMON_UNSURE
from notifiers.channels.wire.codebook import Codebook

CODES = Codebook(
    accepted=("OK",),
    # A number's limit by minute, hour and day, and the line's own: turned away before anything rang.
    later=(*COMMON_LATER, "isv.BUSINESS_LIMIT_CONTROL", "isv.FLOW_LIMIT*", "isv.CONCURRENT*"),
    unsure=COMMON_UNSURE,
    account=(*COMMON_ACCOUNT, "isv.TTS_TEMPLATE_*", "isv.DISPLAY_NUMBER_*", "isv.NO_AVAILABLE_*", "isv.VOICE_*", "isv.CALL_SHOW_*"),
    refused=("isv.MOBILE_NUMBER_ILLEGAL", "isv.CALLED_NUMBER_*", "isv.CALL_NUMBER_*", "isv.PARAM_*", "isv.BLACK_KEY_CONTROL_LIMIT"),
)

TAKEN_UP = frozenset({"200000", "200001", "200008", "200100"})
"""Heard to the end, hung up before it, no key pressed in time, ended: somebody took the call."""
UNDER_WAY = frozenset({"200101", "200102", "200103", "300000"})
"""Ringing, or being spoken in; 300000 brings a key."""
WHY_NOT: Mapping[str, str] = {
    "200002": "busy", "200112": "busy",
    "200003": "no_answer", "200005": "no_answer", "200113": "no_answer",
    "200004": "number_unknown", "200116": "number_unknown",
    "200007": "switched_off", "200010": "switched_off", "200120": "switched_off",
    "200111": "rejected",
}  # fmt: skip
"""In the words of the generic voice gateway; every other state is kept as it is. 200005 is the carrier's or the person's refusal alike."""
