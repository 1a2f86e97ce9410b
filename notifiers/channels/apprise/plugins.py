"""What of Apprise is used, and how."""

from collections.abc import Mapping
from types import MappingProxyType

from apprise import AppriseAsset, PersistentStoreMode
from apprise.plugins.base import NotifyBase
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram

from notifiers.channels.apprise.settings import Service
from notifiers.channels.shape import Accepted, Outcome, Refused, Unknown

PLUGINS: Mapping[Service, type[NotifyBase]] = MappingProxyType({"discord": NotifyDiscord, "slack": NotifySlack, "tgram": NotifyTelegram})
"""Its own register of plugins, which finds one for any address, is never loaded."""


def make_service(plugin: type[NotifyBase], address: str) -> NotifyBase:
    """The plugin for one address: no redirects, nothing written to disk. Raises TypeError for an address that it does not know."""
    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, http_redirects=False, async_mode=False)
    return plugin(**{**(plugin.parse_url(address) or {}), "asset": asset})


def hand_over(service: Service, address: str, text: str) -> Outcome:
    """Accepted means handed over, unconfirmed. Nothing is attached and nothing tried twice."""
    try:
        plugin = make_service(PLUGINS[service], address)
    except TypeError:
        return Refused("secret_malformed", "secret_malformed", account=True)
    try:
        taken = plugin.notify(body=text, title="", attach=None)
    except Exception:  # noqa: BLE001 - whatever a plugin raises, it may have sent
        return Unknown("connection_lost")
    return Accepted() if taken else Unknown("gateway_unsure")
