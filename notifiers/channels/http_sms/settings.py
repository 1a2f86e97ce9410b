"""The settings of a generic HTTP SMS gateway."""

from typing import Literal

from pydantic import Field

from notifiers.channels.wire.settings import AnswerFields, HttpSettings, Plain


class SmsFields(AnswerFields):
    """What the fields of requests and answers are called; None leaves a field out of requests."""

    reference: str = "reference"
    to: str = "to"
    text: str = "text"
    template: str = "template"
    variables: str = "variables"
    signature: str | None = "signature"
    language: str | None = "language"
    messages: str = "messages"
    results: str = "results"


class HttpSmsSettings(HttpSettings):
    """Each setting is explained in docs/gateways/generic-http-sms.md."""

    batch_url: Plain | None = None
    batch_size: int = Field(default=100, ge=1, le=1000)
    mode: Literal["text", "template"] = "text"
    variables_as: Literal["object", "list", "json_text"] = "object"
    signature_in: Literal["field", "text"] = "field"
    fields: SmsFields = SmsFields()
    max_length: int | None = Field(default=None, ge=1)

    def urls(self) -> dict[str, str]:
        return {
            "url": self.url,
            **({"batch_url": self.batch_url} if self.batch_url else {}),
        }
