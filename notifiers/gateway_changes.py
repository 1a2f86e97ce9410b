"""Changing what is connected: a provider moved, gave a new password, or is to be left out for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from notifiers.channels.registry import KINDS
from notifiers.delivery import permits
from notifiers.delivery.breaker import take_back
from notifiers.errors import ChannelUnknownError, GatewayRateWrongError, GatewaySecretError
from notifiers.gateways import RANK_MAX, NewGateway, check_rate, get_channel, get_gateway, rank_behind, share_rates
from notifiers.setting_errors import check_settings
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries
from tocsin.base.secrets import Secrets

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class GatewayChange:
    """What of a gateway is to be otherwise; None: as it is. `settings` replace all settings there were."""

    settings: Mapping[str, object] | None = None
    secret: str | None = field(default=None, repr=False)
    rate_per_second: float | None = None
    burst: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelChange:
    """What of a community's use of a gateway is to be otherwise; None: as it is."""

    rank: int | None = None
    signature: str | None = None
    templates: Mapping[str, object] | None = None
    enabled: bool | None = None


async def change_gateway(tx: Tx, gateway_id: int, change: GatewayChange, secrets: Secrets) -> None:
    """Change a gateway, for every community that uses it; running processes take it over within ten seconds. Had it been set aside, or
    asked for a pause, it is tried again.

    Raises GatewayUnknownError, a SettingError, GatewaySecretError or GatewayRateWrongError.
    """
    gateway = await get_gateway(tx, gateway_id)
    model = KINDS[gateway.kind].settings
    settings = check_settings(model, gateway.settings if change.settings is None else change.settings)
    new = NewGateway(gateway.company_id, gateway.kind, gateway.name, rate_per_second=gateway.rate_per_second, burst=gateway.burst)
    new = replace(new, rate_per_second=change.rate_per_second or new.rate_per_second, burst=change.burst or new.burst)
    check_rate(new)
    if change.secret is not None and len(change.secret) < settings.secret_length_min():
        raise GatewaySecretError(field="/secret", least=settings.secret_length_min())
    await tx.run(SQL.change_gateway_settings, gateway_id, settings.model_dump(mode="json", exclude_defaults=True))
    await tx.run(SQL.change_gateway_rate, gateway_id, float(new.rate_per_second), new.burst)
    if change.secret is not None:
        await tx.run(SQL.reseal_secret, gateway_id, secrets.seal(change.secret))
    await share_rates(tx, gateway.company_id, secrets)
    await take_back(tx, gateway_id)
    await permits.end_pause(tx, gateway_id)


async def change_channel(tx: Tx, channel_id: int, change: ChannelChange) -> None:
    """Change the use that the transaction's community makes of a gateway; raises ChannelUnknownError, GatewayRateWrongError."""
    if change.rank is not None and not 0 <= change.rank <= RANK_MAX:
        raise GatewayRateWrongError(field="/rank", expected=f"≥ 0, ≤ {RANK_MAX}")
    rank = change.rank
    if rank is not None:
        rank = rank_behind((await get_channel(tx, channel_id)).gateway_kind, rank)
    templates = None if change.templates is None else dict(change.templates)
    touched = await tx.run(SQL.change_channel, tx.community, channel_id, rank, change.signature, templates, change.enabled)
    if touched == 0:
        raise ChannelUnknownError(field="/channel", value=channel_id)
