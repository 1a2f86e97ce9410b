"""A company's accounts with providers, and a community's use of them: connecting, listing, opening, trying out."""

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from notifiers.accounts import Account, account_of, leader_of
from notifiers.channels.registry import KINDS
from notifiers.channels.shape import Accepted, Channel, Outcome, Outgoing
from notifiers.delivery.breaker import take_back
from notifiers.delivery.lastmile import template_of
from notifiers.errors import (
    ChannelUnknownError,
    GatewayKindUnknownError,
    GatewayNameTakenError,
    GatewayRateWrongError,
    GatewaySecretError,
    GatewayUnknownError,
    NoTestAddressError,
)
from notifiers.links import make_reference
from notifiers.setting_errors import check_settings
from tocsin.base.database import Database, Tx
from tocsin.base.queries import load_queries
from tocsin.base.secrets import Secrets, UnsealError
from tocsin.base.texts import say

SQL = load_queries(__package__)
RANK_MAX = 32_767
MIRROR_RANK = 500
"""What only mirrors to a group is never tried before a way that reaches the person: its rank is this at least."""
_TEST_TEXT_KEY = "channel_test"
_TEST_MESSAGE = 0


@dataclass(frozen=True, slots=True)
class NewGateway:
    """A gateway to connect. `settings` are checked by the kind's own model; `secret` is stored sealed.

    `sink` is True for what only catches and can never reach a handset or mailbox. `rate_per_second` and `burst` are
    messages; `reserved_share` (0 to 0.9) of the rate is kept from broadcasts.
    """

    company_id: int
    kind: str
    name: str
    settings: Mapping[str, object] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    sink: bool = False
    rate_per_second: float = 50.0
    burst: int = 50
    reserved_share: float = 0.2


@dataclass(frozen=True, slots=True)
class Gateway:
    """A connected gateway. `hook_key` is the unguessable part of /hooks/<key>/…"""

    id: int
    company_id: int
    kind: str
    name: str
    settings: Mapping[str, object]
    secret_sealed: str | None = field(repr=False)
    hook_key: str = field(repr=False)
    sink: bool
    rate_per_second: float
    burst: int
    reserved_share: float


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A community's use of a gateway. Ways are tried from the lowest rank; that of a mirror is raised to MIRROR_RANK.

    `templates`: text key -> {"code": the gateway's, "variables": [slot, …] or {theirs: slot}}.
    """

    gateway_id: int
    rank: int = 1
    signature: str = ""
    templates: Mapping[str, object] = field(default_factory=dict)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel as it stands in the table, with its gateway's kind, name and hook key; `kind` is the medium.

    `set_aside_at` (machine time) and `set_aside_why`: its gateway does not work, and is tried by single probes only.
    """

    id: int
    gateway_id: int
    kind: str
    rank: int
    signature: str
    templates: Mapping[str, object]
    sink: bool
    enabled: bool
    gateway_kind: str
    gateway_name: str
    hook_key: str = field(repr=False)
    set_aside_at: datetime | None
    set_aside_why: str | None


@dataclass(frozen=True, slots=True)
class GatewaySetAside:
    """A gateway that does not work: since when (machine time), and the provider's code or no_answer."""

    id: int
    name: str
    since: datetime
    why: str


async def add_gateway(tx: Tx, new: NewGateway, secrets: Secrets) -> int:
    """Connect a gateway of a company (any transaction will do, the table is on the floor); its id.

    Raises GatewayKindUnknownError (/kind), a SettingError (/settings/…), GatewaySecretError (/secret),
    GatewayRateWrongError (/rate_per_second, /burst, /reserved_share) or GatewayNameTakenError (/name).
    """
    if new.kind not in KINDS:
        raise GatewayKindUnknownError(field="/kind", value=new.kind, known=", ".join(KINDS))
    settings = check_settings(KINDS[new.kind].settings, new.settings)
    if len(new.secret) < settings.secret_length_min():
        raise GatewaySecretError(field="/secret", least=settings.secret_length_min())
    check_rate(new)
    gateway_id = await tx.value(
        SQL.add_gateway,
        new.company_id,
        new.kind,
        new.name,
        settings.model_dump(mode="json", exclude_defaults=True),
        secrets.seal(new.secret) if new.secret else None,
        random.token_urlsafe(24),
        new.sink,
        float(new.rate_per_second),
        new.burst,
        float(new.reserved_share),
        tx.now,
    )
    if gateway_id is None:
        raise GatewayNameTakenError(field="/name", value=new.name)
    await tx.run(SQL.add_permit, gateway_id)
    await share_rates(tx, new.company_id, secrets)
    return int(gateway_id)


async def share_rates(tx: Tx, company_id: int, secrets: Secrets) -> None:
    """Let every gateway of the company that is one account with an earlier one share that one's rate, and no other."""
    gateways = await list_gateways(tx, company_id)
    accounts = [(one.id, _account(one, secrets)) for one in gateways]
    leaders = [leader_of(account, [other for other in accounts if other[0] < id_]) for id_, account in accounts]
    await tx.run(SQL.share_rates, [one.id for one in gateways], leaders)


def _account(gateway: Gateway, secrets: Secrets) -> Account | None:
    try:
        secret = "" if gateway.secret_sealed is None else secrets.unseal(gateway.secret_sealed)
    except UnsealError:
        return None
    return account_of(gateway.kind, KINDS[gateway.kind].account, gateway.settings, secret, sink=gateway.sink)


def check_rate(new: NewGateway) -> None:
    """Raise GatewayRateWrongError unless rate, burst and reserved share are ones that can be kept."""
    if not 0 < new.rate_per_second <= 100_000:
        raise GatewayRateWrongError(field="/rate_per_second", expected="> 0, ≤ 100000")
    if not 1 <= new.burst <= 100_000:
        raise GatewayRateWrongError(field="/burst", expected="≥ 1, ≤ 100000")
    if not 0 <= new.reserved_share <= 0.9:
        raise GatewayRateWrongError(field="/reserved_share", expected="≥ 0, ≤ 0.9")


async def get_gateway(tx: Tx, gateway_id: int) -> Gateway:
    """The gateway; raises GatewayUnknownError."""
    gateway = await tx.maybe(SQL.get_gateway, Gateway, gateway_id)
    if gateway is None:
        raise GatewayUnknownError(field="/gateway", value=gateway_id)
    return gateway


async def change_settings(tx: Tx, gateway_id: int, settings: Mapping[str, object]) -> None:
    """Replace a gateway's settings; channels that are open keep theirs until they are opened anew.

    Raises GatewayUnknownError or a SettingError.
    """
    gateway = await get_gateway(tx, gateway_id)
    checked = check_settings(KINDS[gateway.kind].settings, settings)
    await tx.run(
        SQL.change_gateway_settings,
        gateway_id,
        checked.model_dump(mode="json", exclude_defaults=True),
    )


async def reseal_secrets(tx: Tx, secrets: Secrets) -> int:
    """Seal every stored secret anew with the present key; how many. Raises UnsealError where neither key fits, and nothing is changed."""
    rows = await tx.connection.fetch(SQL.sealed_secrets.text)
    for row in rows:
        await tx.run(
            SQL.reseal_secret,
            row["id"],
            secrets.seal(secrets.unseal(row["secret_sealed"])),
        )
    return len(rows)


async def gateway_by_hook_key(tx: Tx, key: str) -> Gateway | None:
    """The gateway whose hooks lie under /hooks/<key>/."""
    return await tx.maybe(SQL.gateway_by_hook_key, Gateway, key) if "\x00" not in key else None


async def list_gateways(tx: Tx, company_id: int) -> list[Gateway]:
    """All gateways of a company, oldest first."""
    return await tx.rows(SQL.list_gateways, Gateway, company_id)


async def gateways_set_aside(tx: Tx) -> list[GatewaySetAside]:
    """The gateways of all companies that do not work now; any transaction will do."""
    return await tx.rows(SQL.gateways_set_aside, GatewaySetAside)


async def add_channel(tx: Tx, new: NewChannel) -> int:
    """Let the transaction's community use a gateway of its company; the channel's id.

    Raises GatewayUnknownError (/gateway), also for another company's.
    """
    gateway = await tx.maybe(SQL.gateway_of_community, Gateway, tx.community, new.gateway_id)
    if gateway is None:
        raise GatewayUnknownError(field="/gateway", value=new.gateway_id)
    if not 0 <= new.rank <= RANK_MAX:
        raise GatewayRateWrongError(field="/rank", expected=f"≥ 0, ≤ {RANK_MAX}")
    kind = KINDS[gateway.kind]
    return int(
        await tx.value(
            SQL.add_channel,
            tx.community,
            gateway.id,
            kind.medium,
            rank_behind(gateway.kind, new.rank),
            new.signature,
            dict(new.templates),
            gateway.sink,
            new.enabled,
        )
    )


def rank_behind(kind: str, rank: int) -> int:
    """The rank that a channel of this kind gets when `rank` is asked for."""
    return max(rank, MIRROR_RANK) if KINDS[kind].mirror else rank


async def list_channels(tx: Tx) -> list[ChannelRow]:
    """All channels of the transaction's community, in the order in which ways are tried."""
    return await tx.rows(SQL.list_channels, ChannelRow, tx.community)


async def get_channel(tx: Tx, channel_id: int) -> ChannelRow:
    """One channel of the transaction's community; raises ChannelUnknownError."""
    channel = await tx.maybe(SQL.get_channel, ChannelRow, tx.community, channel_id)
    if channel is None:
        raise ChannelUnknownError(field="/channel", value=channel_id)
    return channel


def open_channel(gateway: Gateway, secrets: Secrets, public_url: str = "") -> Channel:
    """The gateway's channel, opened from its settings; nothing is connected before the first message.

    `public_url` is where the gateway reaches the service. Raises a SettingError or UnsealError where the stored row no longer fits. The caller closes it.
    """
    kind = KINDS[gateway.kind]
    secret = "" if gateway.secret_sealed is None else secrets.unseal(gateway.secret_sealed)
    return kind.open(check_settings(kind.settings, gateway.settings), secret, f"{public_url.rstrip('/')}/hooks/{gateway.hook_key}")


async def test_channel(
    database: Database,
    secrets: Secrets,
    *,
    community_id: int,
    channel_id: int,
    address: str,
    language: str = "zh-CN",
    public_url: str = "",
) -> Outcome:
    """Send one message that says it is a test to `address`, and what came of it. No transaction is held meanwhile.

    A gateway that had been set aside and takes it is taken back; else nothing is recorded, and a receipt for it names no delivery. Raises ChannelUnknownError or NoTestAddressError (/address).
    """
    async with database.community(community_id) as tx:
        row = await get_channel(tx, channel_id)
        gateway = await get_gateway(tx, row.gateway_id)
    if not address.strip():
        raise NoTestAddressError(field="/address", medium=row.kind)
    message = Outgoing(
        # Numbered at random below the message nobody has: a gateway that tells repeats apart must see a new one.
        reference=make_reference(community_id, _TEST_MESSAGE, random.randbelow(2**48)),
        address=address.strip(),
        language=language,
        text=say(language, "channel_test.text"),
        text_key=_TEST_TEXT_KEY,
        subject=say(language, "channel_test.subject"),
        signature=row.signature,
        template=template_of(row.templates.get(_TEST_TEXT_KEY), {}, language),
    )
    channel = open_channel(gateway, secrets, public_url)
    try:
        [outcome] = await channel.send([message])
    finally:
        await channel.close()
    if isinstance(outcome, Accepted):
        async with database.floor() as tx:
            await take_back(tx, gateway.id)
    return outcome
