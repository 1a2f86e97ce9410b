"""The settings of a generic HTTP voice gateway."""

from pydantic import Field

from notifiers.channels.wire.settings import AnswerFields, HttpSettings


class VoiceFields(AnswerFields):
    """What the fields of requests and answers are called; None leaves a field out of requests."""

    reference: str = "reference"
    to: str = "to"
    speech: str = "speech"
    language: str | None = "language"
    play_times: str | None = "play_times"
    digits: str | None = "digits"


class HttpVoiceSettings(HttpSettings):
    """Each setting is explained in docs/gateways/generic-http-voice.md."""

    play_times: int = Field(default=2, ge=1, le=5)
    digits: int = Field(default=1, ge=1, le=8)
    fields: VoiceFields = VoiceFields()
    max_length: int | None = Field(default=350, ge=1)
    in_flight: int = Field(default=16, ge=1, le=1000)
