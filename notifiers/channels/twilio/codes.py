"""What Twilio's error codes mean to us. Source: its error dictionary at twilio.com; sorting them is ours."""

from notifiers.channels.wire.codebook import Codebook

CODES = Codebook(
    accepted=(),
    # "Never processed and always safe to retry" (20429); the sender's queue is full (21611).
    later=("20429", "21611"),
    unsure=("20500",),
    account=(
        "20001", "20003", "20004", "20005", "20006", "20008", "20403", "20404", "21212", "21408", "21601", "21603", "21606", "21607", "21609",
        "21623", "21659", "21660", "21661", "21701", "21702", "21703", "21704", "21705", "21706", "21708", "30002", "30034", "63038",
    ),
    refused=("21211", "21214", "21217", "21602", "21604", "21610", "21612", "21614", "21617", "21619", "21635", "21656"),
)  # fmt: skip
