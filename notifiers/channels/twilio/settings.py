"""The settings of Twilio."""

from pydantic import Field

from notifiers.channels.wire.settings import Plain, ProviderSettings


class TwilioSettings(ProviderSettings):
    """Each setting is explained in docs/gateways/twilio.md."""

    endpoint: Plain = "https://api.twilio.com"
    account_sid: Plain = Field(min_length=1)
    api_key_sid: Plain = Field(default="", repr=False)
    sender: Plain = Field(min_length=1)
    validity_seconds: int = Field(default=3600, ge=1, le=14_400)
    max_length: int = Field(default=1600, ge=1, le=1600)
    """Characters of one body. Source: twilio.com, Messages resource, Body."""

    def secret_length_min(self) -> int:
        """The auth token, or "<API key's secret>:<auth token>": the token also signs what Twilio posts."""
        return 16
