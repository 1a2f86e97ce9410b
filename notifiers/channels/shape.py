"""The shape of every channel: what goes out, what may come of it, what gateways say later, and what a channel can do.

A channel decides nothing. It turns messages into its gateway's calls and the gateway's words into outcomes, and it never
raises for anything a gateway does: nonsense is an outcome too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

ChannelMedium = Literal["sms", "email", "voice", "by_hand", "chat"]
ContactKind = Literal["mobile", "landline", "email", "chat"]


@dataclass(frozen=True, slots=True)
class Template:
    """A text registered with the gateway: its code, and the values of its variables in the gateway's order."""

    code: str
    variables: Mapping[str, str]


@dataclass(slots=True)
class Outgoing:
    """One message to one address. Nobody changes it; it is not frozen, because that costs a microsecond a message.

    `reference` is (community, message, no) in base36 joined by "-": the idempotency key, the same at every attempt.
    `text` is complete (link, code and name filled in); `thread` is the same for all messages of one incident.
    """

    reference: str
    address: str
    language: str
    text: str
    text_key: str
    subject: str = ""
    signature: str = ""
    code: str = ""
    link: str = ""
    thread: str = ""
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway took it. `gateway_ref` is its own id, if it gave one."""

    gateway_ref: str | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not sent: no connection, or the gateway said "later". May be tried again by the same way.

    `retry_after_seconds` is the gateway's own word, if it gave one.
    """

    reason: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for good. `account` is True when it is the account's fault (credit, signature, permission) and not the address's."""

    code: str
    reason: str
    account: bool = False


TEMPLATE_MISSING = Refused("template_missing", "template_missing", account=True)
"""The gateway sends registered texts only, and nobody has said which of them stands for this one."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been sent: time-out or reset after the request was written, 500, an answer that is nonsense."""

    reason: str


Outcome = Accepted | NotSent | Refused | Unknown


@dataclass(frozen=True, slots=True)
class HookRequest:
    """What a gateway posted to /hooks/<key>/<what>. `raw_query` is the query byte for byte; `peer` the address it came from."""

    what: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    raw_query: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptIn:
    """What a gateway says later of one message; `dedupe` is equal when the gateway repeats itself.

    `reference` is the message's own, or that of a batch (`notifiers.links.make_batch_reference`) of which `address` names one.
    A gateway that does not give references back leaves it empty and names `gateway_ref`, its own id, and the `address`.
    """

    reference: str
    state: Literal["accepted", "delivered", "failed"]
    code: str | None
    raw: str
    dedupe: str
    address: str = ""
    gateway_ref: str = ""


@dataclass(frozen=True, slots=True)
class ReplyIn:
    """What a person sent back, or pressed. `reference` (or the gateway's own `gateway_ref`) is set where the gateway says which
    message it answers."""

    address: str
    text: str
    dedupe: str
    reference: str | None = None
    gateway_ref: str = ""


class HookRefusedError(Exception):
    """The request did not come from the gateway (signature missing or wrong). Answered with 401, without effect."""


@dataclass(frozen=True, slots=True)
class HookReading:
    """Everything a request said, and the body the gateway wants as answer: a JSON document, or text of the type `answer_type`.

    `not_understood` counts the entries that were passed over. `said_back` makes the answer of a gateway that shows at once what the
    person is told about his reply: from those words, in his language.
    """

    receipts: Sequence[ReceiptIn] = ()
    replies: Sequence[ReplyIn] = ()
    answer: Mapping[str, object] | str = field(default_factory=lambda: {"code": 0})
    answer_type: str = "application/json"
    not_understood: int = 0
    said_back: Callable[[str], Mapping[str, object]] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that the gateway took or may have taken, to be asked about. `gateway_ref` is its own id, where it gave one.

    `sent_at` is when the send came back (UTC).
    """

    reference: str
    address: str
    gateway_ref: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class TemplateRules:
    """What a gateway demands of registered templates. Lengths are characters; None: it names no limit.

    `variable_length` may differ by account: what exceeds it is doubtful, not impossible. `code_pattern` is a regular expression.
    `needs_signature`: nothing is sent without a registered signature.
    """

    variable_length: int | None = None
    links_in_variables: bool = False
    code_pattern: str = ".+"
    needs_signature: bool = False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can do, as data. `batch_size` is how many messages one call may carry.

    `tells_repeats_apart`: a second call with the same reference sends nothing twice. `gives_references_back`: receipts name our
    reference; without it they name the gateway's own id only. `templates`: only registered texts can be sent, by these rules. `asks`: it
    can be asked how a message stands (`Asking`).
    """

    medium: ChannelMedium
    contact_kinds: tuple[ContactKind, ...]
    receipts: bool
    replies: bool
    rings: bool = False
    tells_repeats_apart: bool = False
    gives_references_back: bool = True
    asks: bool = False
    templates: TemplateRules | None = None
    batch_size: int = 1
    in_flight: int = 64
    max_length: int | None = None


class Channel(Protocol):
    """An open connection to one gateway."""

    abilities: Abilities

    async def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """Hand the batch (at most `batch_size`) to the gateway; one outcome for each message, in order. Never raises for what a gateway does."""

    def read_hook(self, request: HookRequest) -> HookReading:
        """What the gateway's request says; raises HookRefusedError when it is not the gateway's."""

    async def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Asking(Protocol):
    """A channel whose gateway can be asked how a message stands."""

    async def ask(self, asked: Asked) -> Sequence[ReceiptIn]:
        """What the gateway says now of this message: nothing where it says nothing yet. Never raises for what a gateway does."""


class ChannelSettings(BaseModel):
    """Base of every kind's settings: nothing unknown, nothing changed later, no values in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)

    def secret_length_min(self) -> int:
        """How long the gateway's secret has to be with these settings; 0 where it needs none."""
        return 0


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One line of the registry: the model of its settings, and how it is opened from them and its secret.

    `rate_per_second` and `burst` are what its gateways take where the account names nothing else. `mirror`: it shows a message to a group
    and proves nothing, so it stands behind every way that does. `account`: the settings that name the account with the provider; without
    such, gateways of one address and one secret are one account. `asks`: its gateways can be asked how a message stands.
    `may_drop`: what exceeds its limits it takes and drops without a word. `registered_only`: it carries registered texts and no others.
    """

    name: str
    medium: ChannelMedium
    settings: type[ChannelSettings]
    open: "OpenChannel"
    rate_per_second: float = 50.0
    burst: int = 50
    mirror: bool = False
    may_drop: bool = False
    asks: bool = False
    account: tuple[str, ...] = ()
    registered_only: bool = False


class OpenChannel(Protocol):
    """Builds the channel from its checked settings, the gateway's secret ('' where there is none) and its hooks' address.

    `hook_url` is <public address>/hooks/<hook key>; the gateway posts to <hook_url>/<what>.
    """

    def __call__(self, settings: ChannelSettings, secret: str, hook_url: str = "") -> Channel: ...
