"""What a channel brings to the suite: a gateway that speaks its real protocol and misbehaves, and how that gateway posts."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Literal, Protocol
from urllib.parse import parse_qsl

from notifiers.channels.registry import KINDS
from notifiers.channels.shape import Channel, HookRequest, Outgoing, Template
from notifiers.setting_errors import check_settings

State = Literal["accepted", "delivered", "failed"]

WORD_FAULTS = ("refuse", "refuse_account", "later", "later_in", "unsure")
"""What the gateway says in its own words, having taken nothing: this number refused, this account refused, later, later in
`WAIT_SECONDS`, "I cannot say"."""
NOT_TAKEN_FAULTS = ("hang", "reset")
"""The call is read and nothing is taken: no answer until the client gives up; the connection cut."""
TAKEN_FAULTS = ("taken_hang", "taken_reset", "garbage", "html", "empty", "cut", "drip", "huge", "zipped", "unreadable", "taken_error")
"""The message is taken, and the answer is none: silence; a cut connection; bytes that are no protocol; a page; nothing; half of what was
announced; a byte at a time; without end; compressed; in no character set; an inner error."""
WAIT_SECONDS = 7.0
HOOK_KEY = "key-of-the-hook"
HOOK_URL = f"https://tocsin.example/hooks/{HOOK_KEY}"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message as the gateway understood it. A template's variables are the values, in any order. `gateway_ref`: the gateway's id."""

    address: str
    text: str
    reference: str
    gateway_ref: str = ""
    variables: tuple[str, ...] = ()


@dataclass
class Script:
    """What a gateway took, and how it is told to behave.

    `fault`: one of the lists above for every call while it is set. `refused`: numbers that it refuses one by one. `echo`: words that it
    puts into every refusal. `before_answer` is awaited when messages are taken and not yet answered. `forged`: calls whose signature or
    credentials were wrong. `strayed`: calls that followed a redirect. `stands`: how what arrived stands, for whoever asks; "": it says nothing.
    """

    arrived: list[Arrived] = field(default_factory=list)
    fault: str = ""
    refused: set[str] = field(default_factory=set)
    echo: str = "refused"
    before_answer: Callable[[list[Arrived]], Awaitable[None]] | None = None
    calls: int = 0
    forged: int = 0
    strayed: int = 0
    stands: State | Literal[""] = ""


class Fake(Protocol):
    """A running gateway. `settings` lead to it, with everything its kind needs."""

    script: Script

    def settings(self, **changes: object) -> dict[str, object]: ...


@dataclass(frozen=True, slots=True)
class Posted:
    """What a gateway posts to <hook address>/<what>; `query` is the raw query string."""

    what: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""

    def request(self, peer: str = "203.0.113.9") -> HookRequest:
        """As the channel gets it."""
        return HookRequest(
            self.what, dict(self.headers), dict(parse_qsl(self.query, keep_blank_values=True)), self.body, self.query, peer
        )  # fmt: skip


class Signs(Protocol):
    """Any body, posted as the gateway itself would post it."""

    def __call__(self, hook_url: str, what: str, body: bytes) -> Posted: ...


class Posts(Protocol):
    """How the gateway reports on a message that it took. `event` is equal when it repeats itself."""

    def __call__(self, hook_url: str, arrived: Arrived, state: State, event: str) -> Posted: ...


class Replies(Protocol):
    """How the gateway hands on what somebody sent back, or pressed. `event` is equal when it repeats itself."""

    def __call__(self, hook_url: str, arrived: Arrived, text: str, event: str) -> Posted: ...


@dataclass(frozen=True, slots=True)
class Adapter:
    """One channel's part in the suite.

    `start(tls)` runs the gateway, over TLS where a context is given. `says`: states that its receipts can tell. `sign` posts any body as the
    gateway would. `forge(posted)` gives the same post as strangers would make it; None where the provider signs nothing and only the
    key and the network keep them out. `unspeakable`: faults that the protocol has no way to show. `not_taken_is_certain`: silence
    before the message's text shows that nothing was sent. `note`: what the channel puts behind a text. `names_messages`: its calls carry
    our reference. `asked`: how it can say that a message stands, where it can be asked; `asked_without_ref`: also when it never gave its id.
    """

    kind: str
    secret: str
    start: Callable[[SSLContext | None], AbstractAsyncContextManager[Fake]] | None
    address: Callable[[int], str] = "+861380000{:04d}".format
    templates: Mapping[str, object] = field(default_factory=dict)
    says: tuple[State, ...] = ()
    receipt: Posts | None = None
    reply: Replies | None = None
    sign: Signs | None = None
    forge: Callable[[Posted, str], list[Posted]] | None = None
    unspeakable: frozenset[str] = frozenset()
    not_taken_is_certain: bool = False
    contact_kind: str = "mobile"
    note: str = ""
    names_messages: bool = True
    asked: tuple[State, ...] = ()
    asked_without_ref: bool = False

    def message(self, number: int, *, reference: str = "") -> Outgoing:
        """The message to the n-th address, with a template of two variables where the channel wants one."""
        return Outgoing(
            reference=reference or f"1-2s-{number}",
            address=self.address(number),
            language="zh-CN",
            text=f"困人｜3栋2单元1号梯，第{number}位。回1接单，代码K7",
            text_key="elevator.engineers",
            subject="电梯困人",
            signature="安居物业",
            code="K7",
            thread="1-9",
            template=Template("1001", {"place": f"3栋2单元1号梯第{number}位", "code": "K7"}) if self.templates else None,
        )

    def open(self, fake: Fake, **changes: object) -> Channel:
        """The channel, opened as the service opens it: through the checked settings."""
        kind = KINDS[self.kind]
        return kind.open(check_settings(kind.settings, fake.settings(**changes)), self.secret, HOOK_URL)
